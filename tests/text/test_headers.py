"""What becomes a header of a mail is one line: refused where people are asked, folded where it was kept before."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage

from alerts.models import Alert, Delivery, JobAlert
from business.models import PortalSettings

HEADERS = [
    (PortalSettings, "portal_name"), (PortalSettings, "business_email"), (Alert, "subject"), (Alert, "reply_to"),
    (JobAlert, "subject"), (Delivery, "subject"), (Delivery, "reply_to"),
]  # fmt: skip


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\r", "\u2028", "\x85", "\v"], ids=ascii)
@pytest.mark.parametrize(("model", "name"), HEADERS)
def test_a_line_break_is_refused(model, name, sign):
    with pytest.raises(ValidationError):
        model._meta.get_field(name).clean(f"office{sign}@harbour.example", model())


@pytest.mark.parametrize("sign", ["\n", "\r\n", "\u2028", "\x85"], ids=ascii)
def test_a_name_saved_before_makes_one_line(sign):
    sender = PortalSettings(portal_name=f"Bins{sign}Bcc: x@y.example").mail_sender
    assert len(EmailMessage("Hello", "", sender, ["cora@example.com"]).message()["From"].splitlines()) == 1
