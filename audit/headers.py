"""Headers of mails and answers that are made of somebody's words: always one line, whatever the database holds.

A text of a header is refused with a line break when it is saved (``audit.one_line.Header``). Rows from before that
rule, from another version or from a restored backup have not been asked: what they hold is folded here, where the
header is made. ``tests/architecture/test_headers_are_made_here.py`` finds a header that is made elsewhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

import idna
from django.core.mail import EmailMultiAlternatives
from django.utils.encoding import iri_to_uri
from django.utils.http import content_disposition_header

from audit.one_line import one_line


def header(text: str) -> str:
    """A text as the value of a header: on one line, without control characters."""
    return "".join(sign for sign in one_line(text).replace("\t", " ") if unicodedata.category(sign) != "Cc")


def file_header(name: str, *, to_keep: bool) -> str:
    """The value of Content-Disposition for a file of that name, to be kept or to be looked at."""
    return content_disposition_header(to_keep, file_name(name)) or "attachment"


def file_name(name: str) -> str:
    """A name as ``FileResponse`` may be given it."""
    return header(name).strip() or "file"


def address_header(address: str) -> str:
    """An address of ours as the value of a header, as Location has it: what is not of an address is escaped."""
    return iri_to_uri(address) or ""


def mail_address(text: str) -> str:
    """A mail address, alone or behind a name, as a mail carries it: its domain by the rules of today (IDNA 2008).

    Left to itself Django takes those of 2003, by which faß.example is fass.example, which may be somebody else's.
    """
    address = header(text)
    before, at, domain = address.rpartition("@")
    name = domain.rstrip("> ")
    if not at or name.isascii():
        return address
    return f"{before}@{_by_todays_rules(name)}{domain[len(name) :]}"


def _by_todays_rules(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        # What those rules know nothing of (a picture) is written out as it is, and becomes no other domain.
        labels = unicodedata.normalize("NFC", domain).lower().split(".")
        return ".".join(one if one.isascii() else f"xn--{one.encode('punycode').decode('ascii')}" for one in labels)


class Letter(EmailMultiAlternatives):
    """A mail of ours. Its headers take one line each."""

    def __init__(
        self,
        *,
        subject: str,
        body: str,
        from_email: str,
        to: str,
        reply_to: str = "",
        headers: Mapping[str, str] | None = None,
        connection: object = None,
    ) -> None:
        """``reply_to``: empty for none."""
        super().__init__(
            subject=header(subject),
            body=body,
            from_email=mail_address(from_email),
            to=_all([to]),
            reply_to=_all([reply_to]),
            headers={name: header(value) for name, value in (headers or {}).items()},
            connection=connection,
        )


def _all(addresses: Sequence[str]) -> list[str]:
    return [mail_address(one) for one in addresses if one]
