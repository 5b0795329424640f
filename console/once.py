"""A form counts once: sent again, by a double click or after going back, it makes nothing the second time.

A form carries a key (``FIELD``) that was drawn when it was shown. What the form makes and the note of its key are
written in one transaction: whoever comes second waits for the first, and then finds the note. A form that is refused
leaves no note. Why so, and what becomes of missing and foreign keys: docs/decisions/0146-forms-count-once.md.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, models, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from audit.private_hooks import Account
    from console.models import SentForm

# The name of a form's hidden field.
FIELD = "_once"
# A tab that was left open over a weekend, and was gone back to.
LIVES = timedelta(days=7)
_DIGITS = frozenset(string.hexdigits)


class Sending:
    """One form on its way in: what was made of it before, or what is being made of it now."""

    def __init__(self, digest: str, note: SentForm | None, earlier: SentForm | None = None) -> None:
        self._note, self.earlier = note, earlier
        self._before: tuple[str, str, str] | None = None
        self._digest = digest

    @property
    def is_repeated(self) -> bool:
        """Was this form sent before? Then nothing is to be made of it."""
        return self.earlier is not None

    @property
    def is_noted(self) -> bool:
        """Will it be known again? Not without a key."""
        return self._note is not None

    @property
    def is_unchanged(self) -> bool:
        """Was it, with what it holds now? Somebody who went back may have typed something else since."""
        return self.earlier is not None and self.earlier.digest == self._digest

    def made(self, record: models.Model) -> None:
        """Remembers what this form made, or whose page it belongs to."""
        if self._note is not None:
            self._note.kind, self._note.record_key = record._meta.label_lower, str(record.pk)
            self._note.save(update_fields=["kind", "record_key"])

    def withdraw(self) -> None:
        """The form was refused: it can be sent again."""
        if self._note is None:
            return
        if self._before is None:
            self._note.delete()
        else:
            self._note.digest, self._note.kind, self._note.record_key = self._before
            self._note.save(update_fields=["digest", "kind", "record_key"])
        self._note = None

    def begin_anew(self) -> None:
        """Takes what has changed in a form that was sent before for a form of its own: to be done, and once."""
        note, self.earlier = self.earlier, None
        if note is not None:
            self._note, self._before = note, (note.digest, note.kind, note.record_key)
            note.digest = self._digest
            note.save(update_fields=["digest"])


def new_key() -> str:
    """Return a key for a form that is shown."""
    return secrets.token_hex(16)


def key_of(request: HttpRequest) -> str:
    """Return the key of the form that was sent; empty without one, and for what is none of ours."""
    said = request.POST.get(FIELD, "")
    return said if len(said) == 32 and _DIGITS.issuperset(said) else ""


def digest_of_form(request: HttpRequest) -> str:
    """Return a fingerprint of what somebody typed into a form, and of its files: not of the pressed button, or of the
    marks that a page carries for itself (``_…``). Keyed, so that it tells nobody a short text that was typed."""
    said = sorted((name, values) for name, values in request.POST.lists() if not name.startswith("_"))
    typed = [(name, values) for name, values in said if name != "csrfmiddlewaretoken"]
    files = sorted((name, file.name, _digest_of_file(file)) for name, some in request.FILES.lists() for file in some)
    return salted_hmac("console.once", json.dumps([typed, files]), algorithm="sha256").hexdigest()


def _digest_of_file(file: UploadedFile[bytes]) -> str:
    # A corrected digit leaves its name and size as they were.
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


@contextmanager
def sending(
    user: Account | AnonymousUser, form: str, key: str, digest: str = "", *, may_change: bool = False
) -> Iterator[Sending]:
    """One form of that person, in a transaction. ``form``: which one, such as its address; ``key``: the one it carried.

    Gives a ``Sending``: where it ``is_repeated``, make nothing. A key is one person's and one form's: that of somebody
    else, or of another form, is as good as a new one. Without a key the form is taken as it is. ``may_change``: sent
    again with something else in it, it is a form of its own, as where somebody goes back and goes on changing a record.
    """
    with transaction.atomic():
        sent = _noted(user, form[:200], key, digest)
        if may_change and sent.is_repeated and not sent.is_unchanged:
            sent.begin_anew()
        yield sent


def _noted(user: Account | AnonymousUser, form: str, key: str, digest: str) -> Sending:
    # Only now: the console's bases are read before there are any models.
    from console.models import SentForm

    if not key or user.pk is None:
        return Sending(digest, None)
    try:
        with transaction.atomic():
            return Sending(digest, SentForm.objects.create(user_id=user.pk, form=form, key=key, digest=digest))
    except IntegrityError:
        notes = SentForm.objects.select_for_update().filter(user_id=user.pk, form=form, key=key)
        return Sending(digest, None, notes.first())


def sent_before(user: Account | AnonymousUser, form: str, key: str, digest: str = "") -> Sending | None:
    """Return what was made of a form that came before; None for one that comes for the first time. Notes nothing."""
    from console.models import SentForm

    if not key or user.pk is None:
        return None
    earlier = SentForm.objects.filter(user_id=user.pk, form=form[:200], key=key).first()
    return Sending(digest, None, earlier) if earlier is not None else None


def forget_forms(now: datetime | None = None) -> int:
    """Delete the notes of forms that nobody goes back to any more; how many."""
    from console.models import SentForm

    return SentForm.objects.filter(at__lt=(now or timezone.now()) - LIVES).delete()[0]
