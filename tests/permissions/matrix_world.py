"""The world of the matrix test: the people in its columns, and a record for every address.

The API has people of its own, who come with tokens: tests/api holds its addresses.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Invitation, Label
from accounts.services import make_token
from alerts.models import Alert, ChannelHold, Delivery, MessageStop
from audit.act import acting
from audit.models import SecurityEvent
from billing.models import BillingProfile, NumberSeries, TaxCode
from billing.services import make_invoice_by_hand, record_payment
from business.catalogue import PORTAL_PERMISSIONS
from console.models import ListExport
from imports.models import ImportMapping, ImportRun
from jobs.models import CancellationReason, ChangeRequest, Series
from permissions.services import grant, set_override
from tests.billing.making import order, set_up_billing
from tests.factories import make_job
from tests.portal_site.money_world import billed, bills

# The columns of the table, in order.
PEOPLE = ("nobody", "stranger", "without", "with", "guest", "nell", "elsewhere", "support", "dispatcher", "admin")

# Addresses that are no pages of their own.
NO_PAGE = {
    "admin": "what is left over: Django answers 404, or adds a slash, for whoever is signed in",
    "admin:app_list": "the index of one app: Django's own, held by the rights on its models",
    "admin:view_on_site": "leads from the console to a record's public page; no model has one",
}


def addresses() -> dict[str, list[str]]:
    """Every address there is, by name: the names of its arguments. Catch-alls without a name are left out."""
    return dict(sorted(_walk(get_resolver().url_patterns)))


def _walk(patterns: list[Any], space: str = "", given: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    for pattern in patterns:
        arguments = (*given, *re.findall(r"<(?:[^:>]+:)?([^>]+)>", str(pattern.pattern)))
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (space, pattern.namespace) if part)
            yield from _walk(pattern.url_patterns, inner, arguments)
        elif isinstance(pattern, URLPattern) and pattern.name:
            name = f"{space}:{pattern.name}" if space else pattern.name
            if name not in NO_PAGE and not name.startswith("api"):
                yield name, list(arguments)


class World:
    """Acme's job and all that hangs on it; everybody in the columns, each with a way in."""

    def __init__(self, cast: Any) -> None:
        self.cast = cast
        for code in PORTAL_PERMISSIONS:
            set_override(cast.colm, code, "deny", by=cast.olivia)
            if code != "any_customer":
                set_override(cast.cora, code, "allow", by=cast.olivia)
        cast.bill.groups.set([Group.objects.get(name="Dispatcher")])
        cast.bill.only_granted_customers = True
        cast.bill.save()
        grant(cast.bill, cast.cedar, change=True, by=cast.olivia)
        with acting(by=cast.olivia) as act:
            self.request_id = act.request_id
            self.label = Label.objects.create(name="North")
        self.job = make_job(cast.acme, cast.exchange, by=cast.olivia)
        bills(cast, cast.acme)
        self.invoice = billed(cast, cast.acme)
        self.payment = record_payment(cast.acme, self.invoice.total, by=cast.olivia, oldest_first=True)
        self.link = self.job.portal_links.get()
        self.invitation = Invitation.objects.create(
            user=cast.colm.user, expires_at=datetime.datetime(2999, 1, 1, tzinfo=datetime.UTC)
        )
        set_up_billing()
        self.records = {
            "billing.billingsettings": type("One", (), {"pk": 1}),
            "billing.billingprofile": BillingProfile.objects.get(customer=cast.acme),
            "billing.invoice": make_invoice_by_hand(cast.acme, by=cast.olivia),
            "billing.numberseries": NumberSeries.objects.get(kind="invoice"),
            "billing.ordertobill": order(cast.acme),
            "billing.taxcode": TaxCode.objects.get(code="de-standard"),
            "audit.securityevent": SecurityEvent.objects.create(
                kind="page_refused",
                first_at=timezone.now(),
                last_at=timezone.now(),
                actor="Nell",
                source="console",
                request_id=self.request_id,
                minute=timezone.now(),
                key="one",
            ),
            "auth.group": Group.objects.get(name="Support"),
            "business.portalsettings": type("One", (), {"pk": 1}),
            "accounts.customer": cast.acme,
            "accounts.customerlink": cast.cora.links.get(customer=cast.acme),
            "accounts.portaluser": cast.colm,
            "accounts.user": cast.ines,
            "accounts.label": self.label,
            "accounts.worker": cast.theo,
            "templates_app.jobtemplate": cast.exchange,
            "jobs.job": self.job,
            "jobs.portallink": self.link,
            "jobs.changerequest": ChangeRequest.objects.create(job=self.job, kind="cancel", reason="Rain"),
            "jobs.cancellationreason": CancellationReason.objects.create(text="Rain"),
            "accounts.apitoken": make_token(name="Accounting", user=cast.olivia, by=cast.olivia)[0],
            "jobs.series": Series.objects.create(
                name="Weekly",
                customer=cast.acme,
                template=cast.exchange,
                rules=[{"kind": "day", "every": 1}],
                starts_on=datetime.date(2026, 1, 1),
                settled_until=datetime.date(2026, 1, 1),
            ),
            "alerts.alert": Alert.objects.create(name="Made", event="job.created"),
            "alerts.channelhold": ChannelHold.objects.create(
                channel="sms", why="Refused", next_try_at=timezone.now(), ended_at=timezone.now()
            ),
            "alerts.delivery": Delivery.objects.create(
                kind="job.created", job=self.job, customer=cast.acme, channel="email", recipient="a@b.example", body="x"
            ),
            "alerts.messagestop": MessageStop.objects.create(),
            "console.listexport": ListExport.objects.create(
                owner=cast.dana, source="accounts.customer", title="Customers", format="csv", columns=["name"]
            ),
            "imports.importmapping": ImportMapping.objects.create(name="Ours"),
            "imports.importrun": ImportRun.objects.create(
                file_name="jobs.csv",
                file=ContentFile(b"customer,template\nAcme Builders,Skip exchange\n", name="jobs.csv"),
                uploaded_by=cast.ines,
            ),
        }

    def url(self, name: str, arguments: list[str]) -> str:
        """The address of a page about Acme, or about what hangs on it."""
        model = next((key for key in self.records if name.startswith(f"admin:{key.replace('.', '_')}_")), "")
        values = {
            "object_id": self.records[model].pk if model else 1,
            "number": self.job.number,
            "slug": self.cast.exchange.slug,
            "reference": "no-such-file",
            "request_id": self.request_id,
            "keep": self.cast.acme.pk,
            "drop": self.cast.birch.pk,
            "kind": "jobs",
            "uidb64": "x",
            "token": self._token(name),
            "invoice": self.invoice.address,
            "payment": self.payment.address,
        }
        return reverse(name, kwargs={key: values[key] for key in arguments})

    def _token(self, name: str) -> str:
        if name in ("portal_site:join", "portal_site:fresh_invitation"):
            return self.invitation.token
        if name == "alerts:stop":
            return str(self.records["alerts.delivery"].token)
        return str(self.link.token) if "guest" in name else "x-x"

    def client(self, who: str) -> Client:
        """A browser in which this person is signed in, or has proved herself."""
        cast, client = self.cast, Client(raise_request_exception=False)
        people = {
            "stranger": cast.carl.user,
            "without": cast.colm.user,
            "with": cast.cora.user,
            "nell": cast.nell,
            "elsewhere": cast.bill,
            "support": cast.sam,
            "dispatcher": cast.dana,
            "admin": cast.olivia,
        }
        if who in people:
            client.force_login(people[who], backend="permissions.backend.PorticoBackend")
        elif who == "guest":
            client.post(reverse("portal_site:guest", args=[self.link.token]), {"answer": self.job.contact_email})
        return client

    def code(self, client: Client, method: str, url: str) -> int:
        """What the server answers; whatever it did is undone."""
        with transaction.atomic():
            session = dict(client.cookies)
            answer = getattr(client, method.lower())(url)
            transaction.set_rollback(True)
        client.cookies.clear()
        client.cookies.update(session)
        return int(answer.status_code)
