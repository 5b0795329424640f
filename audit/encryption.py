"""What must be shown again is kept encrypted: the tokens of portal links, secrets of a second factor.

A stored value reads ``<id of the key>.<base64 of nonce and ciphertext>``: AES-256-GCM, under the newest of
``settings.ENCRYPTION_KEYS``, bound to a purpose, so that a value moved into another column cannot be read there. What
is only compared is not encrypted but kept as a digest. Why: docs/decisions/0076-tokens-at-rest.md.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from audit.declarations import declared

NONCE_BYTES = 12
# How many rows are encrypted anew in one transaction.
PIECE = 500


class CannotDecrypt(Exception):
    """The key is not among the settings' any more, or the value was damaged, or it is of another purpose."""


@dataclass(frozen=True)
class EncryptedColumn:
    """A column that holds encrypted values (or nothing), so that ``rotate`` finds it. ``model``: app_label.Model."""

    model: str
    name: str
    purpose: str


def encrypted_columns() -> list[EncryptedColumn]:
    """Every column that holds encrypted values: what the models declare as ``encrypted = {column: purpose}``.

    ``{model}`` in a purpose is the name of the model.
    """
    return [
        EncryptedColumn(model._meta.label, name, purpose.format(model=model._meta.label_lower))
        for model, columns in declared("encrypted", dict)
        for name, purpose in columns.items()
    ]


def encrypt(text: str, *, purpose: str) -> str:
    """The text as it is stored: under the newest key, different each time. ``purpose``: what it is, in a word or two.

    Costs about two microseconds; 44 characters and 4 for every 3 bytes of text are stored.
    """
    key_id, cipher = _ring()[0]
    nonce = os.urandom(NONCE_BYTES)
    sealed = cipher.encrypt(nonce, text.encode(), purpose.encode())
    return f"{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, purpose: str) -> str:
    """The text that ``encrypt`` was given with the same purpose. Raises CannotDecrypt."""
    key_id, _dot, body = stored.partition(".")
    for known, cipher in _ring():
        if known == key_id:
            try:
                raw = base64.urlsafe_b64decode(body)
                return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], purpose.encode()).decode()
            except (InvalidTag, ValueError):
                raise CannotDecrypt(f"A value ({purpose}) is damaged, or was encrypted for something else.") from None
    raise CannotDecrypt(f"A value ({purpose}) is encrypted under a key that ENCRYPTION_KEYS does not hold.")


def is_under_newest_key(stored: str) -> bool:
    """Would ``encrypt`` use the key that this value is stored under?"""
    return stored.partition(".")[0] == _ring()[0][0]


def digest_of_token(token: str) -> str:
    """64 hexadecimal digits by which a token is found again, and which nobody turns back into it.

    Plain SHA-256: our tokens have 144 random bits or more, so there is nothing to guess that a key or a slow hash would
    keep from being guessed, and digests outlive every change of keys.
    """
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@dataclass
class Rotated:
    """What became of one column, in rows: encrypted anew, under the newest key already, and not to be read."""

    column: EncryptedColumn
    changed: int = 0
    current: int = 0
    unreadable: int = 0


def rotate(*, dry_run: bool = False) -> Iterator[Rotated]:
    """Encrypts whatever stands under an older key anew under the newest, in pieces; one result a column.

    What cannot be read stays as it is and is counted. ``dry_run``: only counts. Writes no history: nothing changes but
    the key.
    """
    for column in encrypted_columns():
        result = Rotated(column)
        after: int | None = 0
        while after is not None:
            with transaction.atomic():
                after = _rotate_piece(column, after, result, dry_run)
        yield result


def _rotate_piece(column: EncryptedColumn, after: int, result: Rotated, dry_run: bool) -> int | None:
    """The rows behind that key: the key of the last of them, None when there are no more."""
    rows = apps.get_model(column.model)._base_manager.exclude(**{column.name: ""}).exclude(**{column.name: None})
    piece = list(rows.select_for_update(of=("self",)).filter(pk__gt=after).order_by("pk")[:PIECE])
    changed: list[models.Model] = []
    for row in piece:
        stored = getattr(row, column.name)
        if is_under_newest_key(stored):
            result.current += 1
            continue
        try:
            plain = decrypt(stored, purpose=column.purpose)
        except CannotDecrypt:
            result.unreadable += 1
            continue
        setattr(row, column.name, encrypt(plain, purpose=column.purpose))
        changed.append(row)
    result.changed += len(changed)
    if not dry_run:
        rows.bulk_update(changed, [column.name])
    return piece[-1].pk if piece else None


@lru_cache(maxsize=8)
def _ciphers(keys: tuple[str, ...]) -> tuple[tuple[str, AESGCM], ...]:
    ring = []
    for key in keys:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"portico.audit.encryption").derive(key.encode())
        key_id = base64.urlsafe_b64encode(hashlib.sha256(derived).digest()[:6]).decode()
        ring.append((key_id, AESGCM(derived)))
    return tuple(ring)


def _ring() -> tuple[tuple[str, AESGCM], ...]:
    """The keys by their ids, newest first. Last comes that of SECRET_KEY: the only one until others are set."""
    return _ciphers((*settings.ENCRYPTION_KEYS, settings.SECRET_KEY))
