"""Many people invited at once: by ticking a customer's contacts, or from a CSV file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Contact, Customer
from accounts.services.portal_users import check_address, invite_portal_user
from permissions.errors import Refused

MOST = 2000
MOST_BYTES = 2 * 1024 * 1024
# What a column may be called, in small letters.
NAMES = {
    "email": ("email", "e-mail", "mail", "e-mail address", "email address"),
    "name": ("name", "full name", "contact", "contact name"),
    "customer": ("customer", "company", "customer name", "external id", "customer id"),
}


@dataclass
class Outcome:
    """Who was invited, who was linked only, and who was skipped with the reason: "line 3, x@y: why"."""

    invited: list[str] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One line of the file. ``customer``: her name or external ID, as it stands there."""

    line: int
    email: str
    name: str
    customer: str


def invite_contacts(contacts: list[Contact], *, by: Any) -> Outcome:
    """Invites contacts of customers to the portal, each for her own customer."""
    outcome = Outcome()
    for contact in contacts:
        _invite_one(outcome, str(contact), contact.email, contact.name, contact.customer, by)
    return outcome


def read_people(data: bytes) -> list[Row]:
    """The lines of a CSV file with a column for the e-mail, and maybe for name and customer.

    Commas, semicolons and tabs separate; UTF-8 and Windows files are read. Raises Refused, saying what is wrong.
    """
    if len(data) > MOST_BYTES:
        raise Refused(_("The file is larger than 2 MB. Split it."))
    text = _text(data)
    head = text.split("\n", 1)[0]
    delimiter = max((";", ",", "\t"), key=head.count)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    filled = [(line, row) for line, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)]
    if len(filled) < 2:
        raise Refused(_("The file holds nobody. Its first line names the columns, each other line a person."))
    columns = {name: _column(filled[0][1], words) for name, words in NAMES.items()}
    if columns["email"] is None:
        raise Refused(_("No column is called “e-mail”. Its first line must name the columns."))
    if len(filled) - 1 > MOST:
        raise Refused(_("At most %d people at once. Split the file.") % MOST)
    return [
        Row(line, *(_cell(row, columns[name]) for name in ("email", "name", "customer"))) for line, row in filled[1:]
    ]


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Refused(_("This is no text file. Save the sheet as CSV."))


def _column(head: list[str], words: tuple[str, ...]) -> int | None:
    return next((n for n, cell in enumerate(head) if cell.strip().lower() in words), None)


def _cell(row: list[str], column: int | None) -> str:
    return row[column].strip() if column is not None and column < len(row) else ""


def invite_from_file(rows: list[Row], *, customer: Customer | None, by: Any) -> Outcome:
    """Invites the people of a file, for the customer of each line, or for ``customer`` where a line names none.

    A line that cannot be used is skipped and named with the reason; the others are done. A name that several
    customers bear is no answer: write the external ID.
    """
    outcome, seen = Outcome(), set()
    for row in rows:
        where = _("line %(line)d, %(email)s") % {"line": row.line, "email": row.email or "–"}
        email = row.email.lower()
        if email in seen:
            outcome.skipped.append(f"{where}: " + _("stands in the file twice."))
            continue
        seen.add(email)
        try:
            found = _customer_named(row.customer, by) if row.customer else customer
        except Refused as refusal:
            outcome.skipped.append(f"{where}: {refusal}")
            continue
        _invite_one(outcome, where, row.email, row.name, found, by)
    return outcome


def _customer_named(words: str, by: Any) -> Customer:
    reachable = Customer.objects.visible_to(by, "change").current()
    matches = list(reachable.filter(external_id=words)[:1]) or list(reachable.filter(name__iexact=words)[:2])
    if not matches:
        raise Refused(_("there is no customer “%s”.") % words)
    if len(matches) > 1:
        raise Refused(_("several customers are called “%s”; write the external ID.") % words)
    return matches[0]


def _invite_one(outcome: Outcome, where: str, email: str, name: str, customer: Customer | None, by: Any) -> None:
    try:
        with transaction.atomic():
            address = check_address(email)
            invited = invite_portal_user(email=address, name=name, customers=[customer] if customer else [], by=by)
    except (Refused, ValidationError) as refusal:
        said = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
        outcome.skipped.append(f"{where}: {said}")
        return
    if invited.is_new or invited.invitation:
        outcome.invited.append(address)
    elif invited.linked:
        outcome.linked.append(address)
    else:
        outcome.skipped.append(f"{where}: " + _("has an account and is linked already."))
