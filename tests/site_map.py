"""Every page of the companion site, found from the addresses there are: for the tests that hold of all of them.

A new address is taken in by itself: its references come from ``Site.parts``, and ``Site.people`` are asked who gets
which page there. Pages that an address alone does not show (a refused form, a link that ended) are told in
``tests/browser/stops.py``.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django_otp.oath import totp
from PIL import Image

from accounts.models import Invitation, PortalUser
from accounts.services import make_invitation, two_factor
from alerts.models import Delivery
from billing.models import BillingSettings, Invoice
from billing.services import record_payment, refund
from business.catalogue import PORTAL_PERMISSIONS
from business.models import PortalSettings
from jobs.models import ChangeRequest, Job
from jobs.services import (
    NewJob,
    ask_for_change,
    attach_file,
    cancel_job,
    check_file,
    complete_job,
    complete_step,
    create_jobs,
    postpone_job,
    schedule_job,
    start_job,
    update_job,
)
from permissions.models import PermissionOverride
from tests.billing.making import order
from tests.factories import make_job, make_location, make_portal_user, make_template
from tests.portal_site.money_world import billed, bills

# What does not belong to the companion site.
ELSEWHERE = ("admin/", "api/")
EVERY_KIND: tuple[dict[str, Any], ...] = (
    {"label": "About the gate", "kind": "header", "portal_use": "optional"},
    {"label": "Gate", "kind": "text", "portal_use": "required", "help": "As it is written on the sign."},
    {"label": "Bins", "kind": "number", "portal_use": "optional"},
    {"label": "Budget", "kind": "currency", "portal_use": "optional"},
    {"label": "Ready at", "kind": "datetime", "portal_use": "optional"},
    {"label": "Dog", "kind": "checkbox", "portal_use": "optional"},
    {"label": "Size", "kind": "pick", "portal_use": "required", "choices": ["small", "large"]},
    {"label": "Waste", "kind": "multi_pick", "portal_use": "optional", "choices": ["wood", "stone", "soil"]},
    {"label": "Plan", "kind": "link", "portal_use": "optional"},
    {"label": "Corner", "kind": "location", "portal_use": "optional"},
    {"label": "Photo", "kind": "file", "portal_use": "optional"},
    {"label": "Signed", "kind": "signature", "portal_use": "optional"},
)


@dataclass(frozen=True)
class Page:
    """One page: the name of its address, where it is, and who gets it (a key of ``Site.people``)."""

    name: str
    path: str
    who: str


def routes() -> dict[str, str]:
    """{name of the address: its pattern} of everything that is not the console and not the API."""
    return dict(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: Any, before: str, space: str) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        written = before + str(pattern.pattern)
        if written.startswith(ELSEWHERE):
            continue
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, written, f"{pattern.app_name}:" if pattern.app_name else space)
        elif isinstance(pattern, URLPattern):
            assert pattern.name, f"Give the address {written} a name."
            yield f"{space}{pattern.name}", f"/{written}"


class Site:
    """A business with something of everything, for the cast: jobs of every state, links, invitations."""

    def __init__(self, cast: Any, portal: PortalSettings) -> None:
        self.cast, self.portal = cast, portal
        portal.access = PortalSettings.Access.PUBLIC
        portal.introduction = "Order, follow and change your jobs."
        portal.map_enabled = portal.job_alerts_enabled = portal.online_payment_enabled = True
        portal.save()
        for code in PORTAL_PERMISSIONS:
            if code != "any_customer":
                PermissionOverride.objects.create(portal_user=cast.cora, permission=code, effect="allow")
        make_location(cast.acme, street="1 Mill Lane", latitude="53.550000", longitude="9.990000")
        make_location(cast.birch, street="2 Harbour Road", latitude="53.540000", longitude="9.970000")
        self.wardrobe = make_template(
            "Wardrobe delivery", fields=EVERY_KIND, description="Carried up and put together."
        )
        self._jobs()
        self._people()
        self._money()
        gone = timezone.now() - timedelta(days=1)
        self.invitation = make_invitation(self.ingrid.user, by=cast.dana)
        self.activation = make_invitation(self.anna.user, by=None, purpose=Invitation.Purpose.ACTIVATION)
        self.expired = make_invitation(self.iris.user, by=cast.dana)
        Invitation.objects.filter(pk=self.expired.pk).update(expires_at=gone)
        self.message = Delivery.objects.create(
            job=self.open,
            about=self.open.number,
            customer=cast.acme,
            channel="email",
            recipient="cora@example.com",
            body="Planned.",
        )

    def _jobs(self) -> None:
        cast, by = self.cast, self.cast.dana
        soon = timezone.now() + timedelta(days=2)
        # More than one page of the list holds.
        many = [
            NewJob(cast.acme, cast.exchange, address=f"{n} Mill Lane, 20095 Hamburg", planned_start=soon)
            for n in range(1, 31)
        ]
        create_jobs(many, by=by)
        # "open" is the last that is asked for.
        self.done = make_job(cast.acme, cast.exchange, by=by, asset_id="BIN-7")
        complete_job(self.done, by=by)
        self.cancelled = make_job(cast.birch, cast.exchange, by=by)
        cancel_job(self.cancelled, by=by, reason="Rain")
        self.postponed = make_job(cast.birch, cast.exchange, by=by)
        postpone_job(self.postponed, by=by)
        self.late = make_job(cast.acme, cast.exchange, by=by)
        schedule_job(self.late, by=by, start=timezone.now() + timedelta(hours=2), worker=cast.theo)
        ask_for_change(
            self.late, by=cast.cora.user, kind=ChangeRequest.Kind.CHANGE, reason="Please come an hour later."
        )
        self.started = make_job(cast.acme, cast.exchange, by=by, address="5 Mill Lane, 20095 Hamburg")
        schedule_job(self.started, by=by, start=timezone.now(), worker=cast.theo)
        start_job(self.started, by=by)
        self.started.refresh_from_db()
        complete_step(self.started, self.started.steps()[0].key, by=by)
        gita = {"contact_name": "Gita", "contact_email": "gita@example.com"}
        self.gitas = make_job(cast.cedar, cast.exchange, by=by, address="9 Old Road, 20095 Hamburg", **gita)
        self.ending = make_job(cast.cedar, cast.exchange, by=by, **gita)
        self.coded = make_job(cast.cedar, cast.exchange, by=by, **gita)
        self.nameless = make_job(cast.cedar, cast.exchange, by=by)
        update_job(self.nameless, {"contact_email": "", "contact_phone": ""}, by=by)
        self.open = make_job(
            cast.acme,
            self.wardrobe,
            by=by,
            address="1 Mill Lane, 20095 Hamburg",
            requested_start=soon,
            notes="Ring twice.",
            values={
                "gate": "North",
                "bins": "3",
                "budget": "1234.5",
                "size": "large",
                "waste": ["wood"],
                "dog": True,
                "photo": "gate.jpg",
            },
        )
        picture = io.BytesIO()
        Image.new("RGB", (320, 200), "#0f766e").save(picture, "JPEG")
        self.file = attach_file(self.open, check_file("gate.jpg", picture.getvalue()), by=by, key="photo")

    def _money(self) -> None:
        """Invoices of every state, and work that is on none yet."""
        cast, today = self.cast, timezone.localdate()
        bills(cast, cast.acme, cast.birch)
        BillingSettings.objects.update(dates_in_number_order=False)
        billed(cast, cast.acme, on=today - timedelta(days=40))
        paid = billed(cast, cast.birch, on=today - timedelta(days=30))
        Invoice.objects.filter(pk=paid.pk).update(settled=paid.total, balance=Decimal(0), status="paid")
        self.invoice = billed(cast, cast.acme, ("Skip exchange", "2", "95.00"), ("Hour", "1.5", "60.00"), on=today)
        self.payment = record_payment(
            cast.acme,
            Decimal("250.00"),
            by=cast.bill,
            their_reference="Thank you, Acme",
            parts={self.invoice.pk: Decimal("200.00")},
        )
        refund(self.payment, Decimal("20.00"), by=cast.bill, reason="Paid twice")
        order(cast.acme, ("Skip exchange", "1", "95.00"), template=cast.exchange)

    def _people(self) -> None:
        cast = self.cast
        self.hanna = make_portal_user("hanna@example.com", cast.acme)
        device = two_factor.begin_enrolment(self.hanna.user)
        two_factor.confirm_enrolment(self.hanna.user, f"{totp(device.secret):06d}", by=self.hanna.user)
        self.uli = make_portal_user("uli@example.com")
        self.ingrid = make_portal_user("ingrid@example.com", cast.acme, state="invited")
        self.anna = make_portal_user("anna@example.com", state="awaiting")
        self.iris = make_portal_user("iris@example.com", cast.acme, state="invited")
        # In the order in which they are asked whether a page is theirs.
        self.people: dict[str, PortalUser | None] = {
            "visitor": None,
            "Cora": cast.cora,
            "Gita at her link": None,
            "Hanna before her second step": self.hanna,
        }

    def door(self, job: Job) -> str:
        """The address of a job's portal link."""
        return f"/l/{job.portal_links.first().token}/"

    def parts(self, name: str) -> dict[str, str]:
        """What stands for each part of an address of that name."""
        tokens = {
            "portal_site:join": self.invitation.token,
            "portal_site:fresh_invitation": self.expired.token,
            "alerts:stop": self.message.token,
            "portal_site:password_reset_confirm": "a-b",
        }
        return {
            "number": self.open.number,
            "token": tokens.get(name, self.gitas.portal_links.get().token),
            "slug": self.wardrobe.slug,
            "reference": "nothing",
            "uidb64": "MQ",
            "invoice": self.invoice.address,
            "payment": self.payment.address,
        }

    def address(self, name: str, pattern: str) -> str:
        """An address with its parts filled in."""
        parts = self.parts(name)

        def fill(found: re.Match[str]) -> str:
            assert found["part"] in parts, (
                f"{pattern} ({name}) has a part <{found['part']}> that no test can fill: add it to Site.parts in "
                "tests/site_map.py."
            )
            return parts[found["part"]]

        return re.sub(r"<(?:\w+:)?(?P<part>\w+)>", fill, pattern)

    def client(self, who: str) -> Client:
        """A test client as one of the people left it."""
        client, person = Client(), self.people[who]
        if person is not None:
            client.force_login(person.user, backend="permissions.backend.PorticoBackend")
        if who == "Gita at her link":
            client.post(self.door(self.gitas), {"answer": "gita@example.com"})
        return client

    def pages(self) -> list[Page]:
        """A page for each address that is one (no file, no part of a page, no button's), for each who gets another."""
        clients = {who: self.client(who) for who in self.people}
        found = []
        for name, pattern in sorted(routes().items()):
            path = self.address(name, pattern)
            answers = {who: client.get(path) for who, client in clients.items()}
            seen = set()
            for who, answer in answers.items():
                if is_page(answer) and answer.templates[0].name not in seen:
                    seen.add(answer.templates[0].name)
                    found.append(Page(name, path, who))
            statuses = {who: answer.status_code for who, answer in answers.items()}
            assert name in NO_PAGE or set(statuses.values()) & {200, 405}, (
                f"Nobody gets a page at {path} ({name}): {statuses}. Say in tests/site_map.py who does, or why none."
            )
        return found


# Addresses at which nobody of the above meets a page of its own, and why.
NO_PAGE = {
    "portal_site:brand_logo": "there is no logo",
    "portal_site:job_file": "there is no such file",
    "portal_site:guest_file": "a file",
}


def is_page(answer: Any) -> bool:
    """Is it a whole page, and no file and no part of one?"""
    if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return False
    return b"<html" in answer.content
