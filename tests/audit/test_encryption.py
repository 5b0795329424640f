"""What must be shown again is kept encrypted, under keys that an office can change."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Customer
from audit import encryption
from audit.encryption import CannotDecrypt, EncryptedColumn, decrypt, digest_of_token, encrypt

OLD, NEW = "an-old-key-of-a-test-with-many-letters-01", "a-new-key-of-a-test-with-many-letters-02"


def test_a_text_comes_back_and_is_not_there_to_be_read(settings):
    settings.ENCRYPTION_KEYS = [NEW]
    stored = encrypt("tök3n of a link", purpose="portal link")
    assert decrypt(stored, purpose="portal link") == "tök3n of a link"
    assert "tök3n" not in stored and "link" not in stored
    assert stored != encrypt("tök3n of a link", purpose="portal link")


def test_it_opens_for_its_own_purpose_only():
    stored = encrypt("token", purpose="portal link")
    with pytest.raises(CannotDecrypt):
        decrypt(stored, purpose="invitation")


@pytest.mark.parametrize("damaged", ["", ".", "token", "abcdefgh.AAAA"])
def test_what_was_never_encrypted_is_not_read(damaged):
    with pytest.raises(CannotDecrypt):
        decrypt(damaged, purpose="portal link")


def test_what_was_damaged_is_not_read():
    key_id, _dot, body = encrypt("token", purpose="portal link").partition(".")
    for other in (f"{key_id}.{body[:-8]}", f"{key_id}.{body[:20]}{'A' if body[20] != 'A' else 'B'}{body[21:]}", key_id):
        with pytest.raises(CannotDecrypt):
            decrypt(other, purpose="portal link")


def test_an_older_key_still_opens_and_the_newest_encrypts(settings):
    settings.ENCRYPTION_KEYS = [OLD]
    before = encrypt("token", purpose="portal link")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert decrypt(before, purpose="portal link") == "token"
    after = encrypt("token", purpose="portal link")
    settings.ENCRYPTION_KEYS = [NEW]
    assert decrypt(after, purpose="portal link") == "token"
    with pytest.raises(CannotDecrypt):
        decrypt(before, purpose="portal link")


def test_without_keys_of_its_own_an_installation_uses_its_secret_key(settings):
    settings.ENCRYPTION_KEYS = []
    before = encrypt("token", purpose="portal link")
    settings.ENCRYPTION_KEYS = [NEW]
    assert decrypt(before, purpose="portal link") == "token"
    settings.SECRET_KEY = "another-secret-key-than-the-one-before-0123456789"
    with pytest.raises(CannotDecrypt):
        decrypt(before, purpose="portal link")


def test_a_token_is_found_by_its_digest():
    assert digest_of_token("token") == digest_of_token("token") != digest_of_token("Token")
    assert len(digest_of_token("\ud800" * 900)) == 64


@pytest.fixture
def column(monkeypatch) -> EncryptedColumn:
    column = EncryptedColumn("accounts.Customer", "notes", "test")
    monkeypatch.setattr(encryption, "encrypted_columns", lambda: [column])
    monkeypatch.setattr(encryption, "PIECE", 2)
    return column


def rotate(*arguments: str) -> str:
    said = io.StringIO()
    call_command("rotate_encryption_keys", *arguments, stdout=said)
    return said.getvalue()


def test_the_command_encrypts_everything_anew_under_the_newest_key(cast, settings, column):
    settings.ENCRYPTION_KEYS = [OLD]
    Customer.objects.filter(pk=cast.cedar.pk).update(notes="")
    for number, customer in enumerate((cast.acme, cast.birch), start=1):
        Customer.objects.filter(pk=customer.pk).update(notes=encrypt(f"secret {number}", purpose="test"))
    extra = [Customer(name=f"Further {number}", notes=encrypt("further", purpose="test")) for number in range(5)]
    Customer.objects.bulk_create(extra)
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert "7 to encrypt anew, 0 under the newest key, 0 unreadable" in rotate("--dry-run")
    assert "7 encrypted anew, 0 under the newest key, 0 unreadable" in rotate()
    assert "0 encrypted anew, 7 under the newest key, 0 unreadable" in rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    cast.birch.refresh_from_db()
    assert decrypt(cast.birch.notes, purpose="test") == "secret 2"
    assert not cast.birch.history.filter(notes=cast.birch.notes).exists()


def test_what_no_key_opens_is_counted_and_left_alone(cast, settings, column):
    settings.ENCRYPTION_KEYS = [OLD]
    lost = encrypt("lost", purpose="test")
    Customer.objects.update(notes="")
    Customer.objects.filter(pk=cast.acme.pk).update(notes=lost)
    settings.ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match="1 values cannot be read"):
        rotate()
    cast.acme.refresh_from_db()
    assert cast.acme.notes == lost
