"""Records that open by a token in an address: found by its digest, the token itself kept encrypted beside it.

Why: docs/decisions/0076-tokens-at-rest.md.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, TypeVar

from django.db import connection, models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.encryption import CannotDecrypt, decrypt, digest_of_token, encrypt, register_encrypted_column

log = logging.getLogger(__name__)

# Rows that a migration fills in one transaction.
PIECE = 2000

R = TypeVar("R", bound="OpensByToken")

# What history must not keep of such a record: ``History(excluded_fields=[*TOKEN_COLUMNS, ...])``.
TOKEN_COLUMNS = ("token_digest", "encrypted_token")


class OpensByToken(models.Model):
    """The base of such a record. It gets its token when it is first asked for it, at the latest when it is saved.

    ``token_bytes``: the random bytes of a token; its text is a third longer. A constraint of each model's own keeps the
    digests unique: the index that ``unique`` brings along on PostgreSQL would be searched by nobody.
    """

    token_bytes: ClassVar[int] = 24

    token_digest = models.CharField(max_length=64, editable=False)
    encrypted_token = models.CharField(_("token"), max_length=160, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Saves it, with a token."""
        self.ensure_token()
        super().save(*args, **kwargs)

    def ensure_token(self) -> None:
        """Gives it a token if it has none. For who writes rows without ``save``."""
        if not self.token_digest:
            self.renew_token()

    def renew_token(self) -> None:
        """Gives it another token: the address that was sent before opens nothing once this is saved."""
        self._plain_token = new_token(self.token_bytes)
        for name, value in token_columns(type(self), self._plain_token).items():
            setattr(self, name, value)

    @property
    def token(self) -> str:
        """What stands in the address; empty when no key that is left can read it (the record still opens by it)."""
        self.ensure_token()
        known: str | None = self.__dict__.get("_plain_token")
        if known is None:
            try:
                known = decrypt(self.encrypted_token, purpose=purpose_of(type(self)))
            except CannotDecrypt as problem:
                log.error("The token of %s %s cannot be shown: %s", self._meta.label, self.pk, problem)
                known = ""
            self._plain_token = known
        return known

    def require_token(self) -> None:
        """For who is about to send the address to somebody. Raises CannotDecrypt where ``token`` would be empty."""
        if not self.token:
            raise CannotDecrypt(
                gettext("The address in it cannot be read with the keys of this process (SECRET_KEY, ENCRYPTION_KEYS).")
            )


def new_token(random_bytes: int) -> str:
    """A token of so many random bytes, as it stands in an address."""
    return secrets.token_urlsafe(random_bytes)


def purpose_of(model: type[models.Model]) -> str:
    """What the tokens of a model are encrypted for."""
    return f"token of {model._meta.label_lower}"


def token_columns(model: type[models.Model], token: str) -> dict[str, str]:
    """What the columns of a record of that model say for a token."""
    return {"token_digest": digest_of_token(token), "encrypted_token": encrypt(token, purpose=purpose_of(model))}


def find_by_token(rows: models.QuerySet[R], token: str) -> R | None:
    """The one of these rows that opens by the token, in one query; None when there is none."""
    record = rows.filter(token_digest=digest_of_token(token)).first()
    if record is not None:
        # As it was shown: nothing need be decrypted to build the addresses of its pages.
        record._plain_token = token
    return record


def register_tokens(*all_models: type[OpensByToken]) -> None:
    """Makes the encrypted tokens of some models known to the rotation of keys."""
    for model in all_models:
        register_encrypted_column(model._meta.label, "encrypted_token", purpose=purpose_of(model))


def encrypt_plain_tokens(model: type[models.Model], column: str) -> int:
    """For migrations: gives each row that has a plain token in ``column``, and no digest, digest and encrypted token.

    In pieces, each in a transaction of its own: begun again after an interruption it goes on where it was. Returns how
    many rows it filled.
    """
    return _fill(model, column, ("token_digest", "encrypted_token"), lambda plain: token_columns(model, plain).values())


def digest_plain_tokens(model: type[models.Model], column: str) -> int:
    """For migrations: the same where only the digest is kept, in ``token_digest``."""
    return _fill(model, column, ("token_digest",), lambda plain: (digest_of_token(plain),))


def _fill(model: type[models.Model], column: str, names: Sequence[str], values: Callable[[str], Iterable[str]]) -> int:
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(name)} = %s" for name in names)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {places} WHERE id = %s"  # noqa: S608
    done, after = 0, 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            rows = model._base_manager.filter(pk__gt=after, token_digest__isnull=True, **{f"{column}__isnull": False})
            piece = list(rows.order_by("pk").values_list("pk", column)[:PIECE])
            if not piece:
                return done
            cursor.executemany(sql, [(*values(plain), key) for key, plain in piece])
        done, after = done + len(piece), piece[-1][0]
