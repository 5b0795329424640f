"""The columns of portal users, and where their values go."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy

from accounts.models import Customer, PortalUser
from imports.columns.base import WHO, Column, Formats, Target, clean_text
from imports.columns.cells import Code, Email
from imports.columns.pairs import FIRST_AND_LAST_NAME


@dataclass(slots=True)
class PortalUserDraft:
    """What a row says of a person: what an invitation takes, by name, and the customer she is to act for; in a file of
    ours ``more`` of them."""

    invitation: dict[str, str] = field(default_factory=dict)
    customer: Customer | None = None
    more: list[Customer] = field(default_factory=list)


@dataclass(frozen=True)
class LoginField(Target[PortalUser, PortalUserDraft]):
    """A field of the person's login, and what an invitation calls it."""

    name: str
    argument: str

    def read(self, record: PortalUser) -> object:
        return getattr(record.user, self.name)

    def assign(self, draft: PortalUserDraft, value: object) -> None:
        draft.invitation[self.argument] = str(value)


@dataclass(frozen=True)
class LinkedCustomer(Target[PortalUser, PortalUserDraft]):
    """A customer the person acts for, whom the file names by ``by``. Assigned is the customer."""

    by: str

    def read(self, record: PortalUser) -> object:
        return [getattr(link.customer, self.by) for link in record.links.all()]

    def assign(self, draft: PortalUserDraft, value: object) -> None:
        if isinstance(value, Customer):
            draft.customer = value

    def holds(self, record: PortalUser, value: object) -> bool:
        return any(link.customer == value for link in record.links.all())


class CustomersColumn(Column[PortalUser, PortalUserDraft]):
    """The name of a customer; in a file of ours those of all, each on a line of its own."""

    def clean(self, raw: str, formats: Formats) -> str:
        names = [self.clean_words(line) for line in clean_text(raw).splitlines()]
        return "\n".join(filter(None, names))


PORTAL_USER_COLUMNS: tuple[Column[PortalUser, PortalUserDraft], ...] = (
    Email(
        key="email",
        label=gettext_lazy("E-mail"),
        group=WHO,
        target=LoginField("email", "email"),
        help=gettext_lazy("She signs in with it, and gets her invitation there."),
        aliases=("email", "e-mail", "email address", "login", "mail", "user"),
        sample="cora@acme.example",
        changeable=False,
    ),
    # What a person is called is hers once she has a login: a file says it of new people only.
    Column(
        key="full_name",
        joins=" ",
        pairs=FIRST_AND_LAST_NAME,
        label=gettext_lazy("Name"),
        group=WHO,
        target=LoginField("full_name", "name"),
        aliases=("full name", "person", "contact", "contact name", "user name", "ansprechpartner"),
        sample="Cora Lind",
        max_length=120,
        changeable=False,
    ),
    Code(
        key="phone",
        joins=" ",
        label=gettext_lazy("Telephone"),
        group=WHO,
        target=LoginField("phone", "phone"),
        aliases=("mobile", "telephone", "phone number", "mobile number", "telefon", "handy"),
        sample="+49 151 5550133",
        max_length=40,
        changeable=False,
    ),
    CustomersColumn(
        key="customer",
        label=gettext_lazy("Customer"),
        group=WHO,
        target=LinkedCustomer("name"),
        help=gettext_lazy("For whom she acts. A person of several customers has a row for each."),
        aliases=(
            "customer name", "client", "client name", "account", "account name", "company", "kunde", "firma",
        ),
        own_names=(gettext_lazy("Customers"),),
        sample="Acme Builders",
        max_length=160,
    ),
    Code(
        key="customer_id",
        label=gettext_lazy("Customer's external ID"),
        group=WHO,
        target=LinkedCustomer("external_id"),
        help=gettext_lazy("The customer's number in your other system. It counts before the name."),
        aliases=("customer id", "customer number", "customer no", "client id", "account number", "kundennummer"),
        sample="C-204",
        max_length=80,
        not_exported="The list names the customers; the file of customers has their IDs.",
    ),
)  # fmt: skip
