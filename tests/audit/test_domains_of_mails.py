"""A mail goes to the domain that its address names, in its letters: never to another that reads much like it."""

from __future__ import annotations

import pytest

from audit.headers import Letter, mail_address

# By IDNA 2008 (RFC 5891, idna 3.20), as registries do it today; Django 5.2 writes them by the rules of 2003.
DOMAINS = {
    "info@faß-service.example": "info@xn--fa-service-63a.example",
    "info@fass-service.example": "info@fass-service.example",
    "info@FASS-service.example": "info@FASS-service.example",
    "info@straße.example": "info@xn--strae-oqa.example",
    "info@müller.example": "info@xn--mller-kva.example",
    "info@MÜLLER.example": "info@xn--mller-kva.example",
    "info@βόλος.example": "info@xn--nxasmm1c.example",
    "Faß & Söhne <info@faß.example>": "Faß & Söhne <info@xn--fa-hia.example>",
    "office@harbour.example": "office@harbour.example",
    "nobody": "nobody",
    "": "",
    # Not of those rules, and of no others either.
    "info@☃.example": "info@xn--n3h.example",
}


@pytest.mark.parametrize("address", DOMAINS)
def test_a_domain_is_written_by_the_rules_of_today(address):
    assert mail_address(address) == DOMAINS[address]


def test_the_mail_that_leaves_carries_it():
    letter = Letter(
        subject="Hello", body="Hello", from_email="Faß <office@faß.example>", to="info@faß-service.example",
        reply_to="me@faß.example",
    ).message()  # fmt: skip
    assert letter["To"] == "info@xn--fa-service-63a.example"
    assert "xn--fa-hia.example" in letter["From"] and letter["Reply-To"] == "me@xn--fa-hia.example"
    assert "fass" not in letter.as_string()
