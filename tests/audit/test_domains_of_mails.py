"""A mail goes to the domain that was written, not to the one that old rules make of it."""

from __future__ import annotations

import pytest

from audit.headers import Letter, mail_address


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("info@faß-service.example", "info@xn--fa-service-63a.example"),
        ("info@fass-service.example", "info@fass-service.example"),
        ("info@müller.example", "info@xn--mller-kva.example"),
        ("info@MÜLLER.example", "info@xn--mller-kva.example"),
        ("Faß Service <info@faß.example>", "Faß Service <info@xn--fa-hia.example>"),
        ("no address", "no address"),
        ("a@b\N{ZERO WIDTH SPACE}ü..example", "a@b\N{ZERO WIDTH SPACE}ü..example"),
        ("", ""),
    ],
)
def test_a_domain_is_written_by_the_rules_of_today(written, sent):
    assert mail_address(written) == sent


def test_the_mail_that_leaves_carries_it():
    mail = Letter(subject="x", body="y", from_email="us@harbour.example", to="info@faß.example", reply_to="a@ö.example")
    assert mail.to == ["info@xn--fa-hia.example"] and mail.reply_to == ["a@xn--nda.example"]
    assert "fass.example" not in str(mail.message())
