"""Who is asking: a token, the person or worker it acts as, what it may be used for, how often."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Collection

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Status
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from accounts.models import ApiToken, KeptAnswer, User
from accounts.services.tokens import find_token
from api.answers import AnswerEncoder
from api.problems import NotScoped, Throttled
from api.schemas import Answer
from audit.address import client_network
from audit.one_line import is_storable
from console.errors import Conflict, NotAllowed, Refused

# Wrong tokens an address may try in a minute.
WRONG_TRIES = 30


class TokenAuth(HttpBearer):
    """``Authorization: Bearer portico_…``. The request then carries the token as ``auth``."""

    openapi_scheme = "bearer"

    def __init__(self, parameters_of: Callable[[HttpRequest], Collection[str]]) -> None:
        """``parameters_of``: the query parameters that the document knows at the address of a request."""
        super().__init__()
        self.parameters_of = parameters_of

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = find_token(token)
        if found is None:
            # A good token is not held back by a bad one from the same address.
            _count(f"api-wrong:{client_network(request)}", WRONG_TRIES)
            return None
        _count(f"api:{found.pk}", settings.API_REQUESTS_PER_MINUTE)
        self._refuse_unknown_parameters(request)
        return found

    def _refuse_unknown_parameters(self, request: HttpRequest) -> None:
        """A filter that is misspelt would give everything. Raises ValidationError, naming those there are."""
        known = self.parameters_of(request)
        unknown = [name for name in request.GET if name not in known]
        if unknown:
            there = ", ".join(sorted(known)) or _("none")
            said = _("There is no such parameter here. Those there are: %s.") % there
            raise ValidationError({name[:100] or "?": [said] for name in unknown[:20]})


def _count(key: str, limit: int) -> None:
    """Counts in the running minute. Raises Throttled beyond the limit."""
    minute, second = divmod(int(time.time()), 60)
    key = f"{key}:{minute}"
    cache.add(key, 0, timeout=90)
    try:
        count = cache.incr(key)
    except ValueError:
        count = 1  # it was thrown out between the two
    if count > limit:
        raise Throttled(60 - second)


def token_of(request: HttpRequest) -> ApiToken:
    """The token that asks."""
    token = getattr(request, "auth", None)
    if not isinstance(token, ApiToken):
        raise AuthenticationError
    return token


def require(request: HttpRequest, scope: str, *permissions: str, record: models.Model | None = None) -> User:
    """The member of staff the token acts as, who may do that (to this record).

    Raises NotScoped when the token was not made for it, NotAllowed when a role or grant is missing. One of several
    ``permissions`` is enough.
    """
    token = token_of(request)
    if token.user is None:
        raise NotScoped(_("A worker's token opens only what is under /worker."))
    if scope not in token.scopes:
        raise NotScoped(_("This token was not made for “%s”.") % scope)
    if permissions and not any(token.user.has_perm(code, record) for code in permissions):
        raise NotAllowed(_("%(who)s may not do this: “%(right)s”.") % {"who": token.user, "right": permissions[0]})
    return token.user


def once(
    request: HttpRequest,
    status: int,
    action: Callable[[], Answer],
    told: Callable[[Answer], Answer] = lambda body: body,
) -> Status[Answer]:
    """Does something once for each Idempotency-Key: the same key again gets the answer of the first time.

    ``told``: makes of what is kept what is answered, each time; for what must not be kept.

    Raises Conflict when the key was used for something else. What fails is not kept: it may be tried again.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        with transaction.atomic():
            return Status(status, told(action()))
    if len(key) > 100 or not is_storable(key) or not key.isascii():
        raise Refused(_("An Idempotency-Key is 100 plain characters at most."))
    token = token_of(request)
    request_text = f"{request.method} {request.path}\n".encode() + request.body
    digest = hashlib.sha256(request_text).hexdigest()
    try:
        with transaction.atomic():
            kept = KeptAnswer.objects.create(token=token, key=key, request_digest=digest)
            kept.body = json.loads(json.dumps(action(), cls=AnswerEncoder))
            kept.status = status
            kept.save()
            return Status(status, told(kept.body))
    except IntegrityError:
        earlier = KeptAnswer.objects.filter(token=token, key=key).first()
        if earlier is None:
            raise  # something else was there already
    if earlier.request_digest != digest:
        raise Conflict(_("This Idempotency-Key was used for another request."))
    return Status(earlier.status, told(earlier.body or {}))
