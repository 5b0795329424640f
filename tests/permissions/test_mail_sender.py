"""Who our mails come from."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage

from business.models import PortalSettings


@pytest.mark.parametrize("address", ["mail@bins.example", "Portico <mail@bins.example>"])
@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("Harbour Bins", "Harbour Bins <mail@bins.example>"),
        ("Bins, Skips & Sons", '"Bins, Skips & Sons" <mail@bins.example>'),
        ("Müller", "=?utf-8?q?M=C3=BCller?= <mail@bins.example>"),
        ("Bins\nBcc: x@y.example", '"Bins Bcc: x@y.example" <mail@bins.example>'),
    ],
)
def test_the_name_of_the_portal_at_the_address_of_the_installation(settings, name, sender, address):
    settings.DEFAULT_FROM_EMAIL = address
    mail = EmailMessage("Hello", "", PortalSettings(portal_name=name).mail_sender, ["cora@example.com"])
    assert mail.message()["From"] == sender
