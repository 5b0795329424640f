"""API tokens: made and shown once, revoked, recognised."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiToken, KeptAnswer, User, Worker
from accounts.services.staff import require_right_to_manage
from api.sections import sections
from audit.act import acting
from console.errors import NotAllowed, Refused
from console.reach import limits_of

MARK = "portico_"
# How often "last used" is written: not with every request.
USED_EVERY = timedelta(minutes=1)
# How long a token works unless somebody says otherwise. None works for ever: a forgotten one ends by itself.
LIFETIME = timedelta(days=90)
ANSWERS_LIVE = timedelta(hours=48)


def digest_of(plain: str) -> str:
    """What is kept of a token. It is 256 random bits: a plain hash cannot be turned back, a slow one gains nothing."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def make_token(
    *,
    name: str,
    by: User | None,
    user: User | None = None,
    worker: Worker | None = None,
    scopes: Collection[str] = (),
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its plain text, which nobody sees again. For a member of staff, or for a worker. Without
    ``expires_at`` it works for LIFETIME.

    Raises Refused for somebody who cannot act, NotAllowed for a token that would do or reach more than ``by`` may;
    ValidationError for an unknown scope.
    """
    if (user is None) == (worker is None):
        raise Refused(_("Choose whom the token acts as: a member of staff, or a worker."))
    if user is not None and not (user.is_staff and user.is_active):
        raise Refused(_("%s is not an active member of staff.") % user)
    if user is not None:
        require_right_to_manage(user, by)
    if worker is not None and not worker.is_active:
        raise Refused(_("%s no longer works here.") % worker)
    if worker is not None and (reason := _why_no_keys(by)):
        raise NotAllowed(reason)
    plain = MARK + secrets.token_urlsafe(32)
    token = ApiToken(
        name=name,
        user=user,
        worker=worker,
        scopes=sorted(scopes),
        expires_at=expires_at or timezone.now() + LIFETIME,
        prefix=plain[: len(MARK) + 4],
        digest=digest_of(plain),
    )
    token.full_clean()
    with transaction.atomic(), acting(by=by):
        token.save()
    return token, plain


def may_hand_keys(by: User | None) -> bool:
    """May this person make tokens for workers? They open jobs of any customer, to see, fill in, start and complete."""
    return not _why_no_keys(by)


def _why_no_keys(by: User | None) -> str:
    """Why not, in a sentence; empty when she may. Whoever makes a token has it in her hands."""
    if by is None:
        return ""
    if not all(by.has_perm(code) for section in sections() for code in section.workers_rights):
        return _("A worker's token sees, changes and completes jobs, and you may not. Ask an administrator.")
    if limits_of(by) is not None:
        return _("A worker's token opens also jobs that were not granted to you. Ask an administrator.")
    return ""


def revoke_token(token: ApiToken, *, by: User | None, reason: str = "") -> ApiToken:
    """It opens nothing from now on. Revoking twice changes nothing.

    Raises NotAllowed for the token of an account that may do or reach more than ``by``, and for a worker's when ``by``
    is limited to what was granted: it opens more than that.
    """
    if token.user is not None and by is not None and token.user.pk != by.pk:
        require_right_to_manage(token.user, by)
    if token.worker is not None and limits_of(by) is not None:
        raise NotAllowed(_("A worker's token opens also jobs that were not granted to you. Ask an administrator."))
    with transaction.atomic(), acting(by=by, reason=reason or None):
        token = ApiToken.objects.select_for_update(of=("self",)).get(pk=token.pk)
        if token.revoked_at is None:
            token.revoked_at = timezone.now()
            token.save()
        return token


def find_token(plain: str) -> ApiToken | None:
    """The token somebody shows, if it opens the door: known, alive, its person active. Notes that it was used."""
    token = ApiToken.objects.select_related("user", "worker").filter(digest=digest_of(plain)).first()
    if token is None or token.state != "alive" or (token.user is not None and not token.user.is_staff):
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > USED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
    return token


def forget_answers(now: datetime | None = None) -> int:
    """Deletes kept answers that nobody will ask for again; how many."""
    return KeptAnswer.objects.filter(at__lt=(now or timezone.now()) - ANSWERS_LIVE).delete()[0]
