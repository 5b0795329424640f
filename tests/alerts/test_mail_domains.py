"""A mail goes to the domain that its address names, in its letters: never to another that reads much like it."""

from __future__ import annotations

import pytest
from django.core import mail

from audit.headers import Letter, mail_address

# By IDNA 2008, as registries do it today; not as Django's mail would write them (fass-service.example).
DOMAINS = {
    "info@faß-service.example": "info@xn--fa-service-63a.example",
    "info@FASS-service.example": "info@FASS-service.example",
    "info@straße.example": "info@xn--strae-oqa.example",
    "info@bücher.example": "info@xn--bcher-kva.example",
    "info@BÜCHER.example": "info@xn--bcher-kva.example",
    "info@βόλος.example": "info@xn--nxasmm1c.example",
    "Faß & Söhne <info@faß.example>": "Faß & Söhne <info@xn--fa-hia.example>",
    "office@harbour.example": "office@harbour.example",
    "nobody": "nobody",
    "info@☃.example": "info@xn--n3h.example",
}


@pytest.mark.parametrize("address", DOMAINS)
def test_the_domain_is_written_as_name_servers_know_it(address):
    assert mail_address(address) == DOMAINS[address]


def test_a_letter_leaves_for_it(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    Letter(
        subject="Hello", body="Hello", from_email="Faß <office@faß.example>", to="info@faß-service.example",
        reply_to="me@faß.example",
    ).send()  # fmt: skip
    [letter] = mail.outbox
    head = letter.message()
    assert head["To"] == "info@xn--fa-service-63a.example"
    assert "xn--fa-hia.example" in head["From"] and head["Reply-To"] == "me@xn--fa-hia.example"
    assert "fass" not in head.as_string()
