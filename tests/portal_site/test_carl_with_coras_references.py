"""Every address with a reference in it, asked as Carl with Cora's: the table is read off the URL conf, so that whoever
adds an address has to say here what its reference is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver
from PIL import Image

from alerts.job_alerts import set_job_alert
from alerts.models import JobAlert, MessageStop
from billing.services import record_payment
from jobs.models import ChangeRequest, Job, JobFile
from jobs.services import attach_file
from jobs.services.files import check_file
from permissions.models import TemplateAccess
from tests.factories import make_job, make_location, make_portal_user, make_template
from tests.portal_site.money_world import allow, billed, bills

# Addresses whose reference is itself the key (a token only its receiver has): what Carl meets there has tests of its
# own, named here. What he must not meet, with such a token of Cora's in his hands, is her job: see the last test.
KEYS = {
    "guest": "test_guest.py",
    "guest_status": "test_guest.py",
    "guest_cancel": "test_guest.py",
    "guest_edit": "test_guest.py",
    "guest_print": "test_guest.py",
    "guest_file": "test_guest.py",
    "guest_alerts": "test_job_alerts.py",
    "guest_stop_alert": "test_job_alerts.py",
    "password_reset_confirm": "test_forgotten_password.py",
    "join": "test_join.py",
    "fresh_invitation": "test_join.py",
    "stop": "tests/alerts/test_stop.py",
}
NOT_OURS = ("admin/", "api/")


def all_routes() -> Iterator[tuple[str, str]]:
    """Name and route of every address outside console and API."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if route.startswith(NOT_OURS):
                continue
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            else:
                yield pattern.name or route, "/" + route

    yield from walk(get_resolver().url_patterns, "")


ROUTES = {name: route for name, route in all_routes() if "<" in route}
# {name: route} of those that must answer 404.
TO_ASK = {name: route for name, route in ROUTES.items() if name not in KEYS}


@pytest.fixture
def theirs(cast):
    """Everything of Cora's that an address can name: a job of a kind Carl has too, and a kind that only she has."""
    template = make_template("Archive shredding", is_portal_default=False)
    TemplateAccess.objects.create(portal_user=cast.cora, template=template, effect=TemplateAccess.Effect.ADD)
    shared = make_template("Roof check", fields=({"label": "Photo", "kind": "file", "portal_use": "optional"},))
    place = make_location(cast.acme)
    job = make_job(cast.acme, shared, by=cast.dana, location=place, contact_email="gita@example.com")
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG")
    file = attach_file(job, check_file("gate.jpg", out.getvalue()), by=cast.dana, key="photo")
    bills(cast, cast.acme)
    allow(cast.cora)
    invoice = billed(cast, cast.acme, template=shared)
    payment = record_payment(cast.acme, invoice.total, by=cast.bill, oldest_first=True)
    (alert,) = set_job_alert(job, by=cast.cora.user, when=["started"], emails=["foreman@site.example"])
    return {
        "job": job,
        "template": template,
        "place": place,
        "file": file,
        "alert": alert,
        "invoice": invoice,
        "payment": payment,
    }


def filled(route: str, theirs) -> str:
    """An address with Cora's references in it. A reference nobody thought of fails here: add it."""
    references = {
        "number": theirs["job"].number,
        "slug": theirs["template"].slug,
        "reference": theirs["file"].reference,
        "token": theirs["job"].portal_links.get().token,
        "uidb64": "MQ",
        "invoice": theirs["invoice"].address,
        "payment": theirs["payment"].address,
    }

    def fill(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        assert name in references, f"Say what Cora's “{name}” is: {route}"
        return str(references[name])

    return re.sub(r"<([^>]+)>", fill, route)


# What a page might take: a sensible body, so that nothing but the reference stands in Carl's way.
BODY = {
    "reason": "-", "words": "x", "when": ["started"], "emails": "carl@example.com", "which": "x", "once": "one",
    "place": "new", "street": "1 Hill", "city": "Hamburg", "contact_name": "Carl", "seen": "x",
}  # fmt: skip


def test_there_are_addresses_to_ask_and_every_exception_still_exists():
    assert {"job", "new_job", "job_file", "invoice", "payment", "payment_receipt"} <= set(TO_ASK)
    assert set(KEYS) <= set(ROUTES)


@pytest.mark.parametrize("name", sorted(TO_ASK))
def test_carl_meets_a_404_whatever_he_asks(cast, theirs, sign_in, name):
    carl, path = sign_in(cast.carl), filled(TO_ASK[name], theirs)
    before = Job.objects.values().get(pk=theirs["job"].pk)
    answers = {method: getattr(carl, method)(path, BODY).status_code for method in ("get", "post", "head")}
    # An address that takes no GET, or no POST, says so to everybody before it looks at the reference.
    assert set(answers.values()) <= {404, 405}, answers
    assert 404 in answers.values(), answers
    assert Job.objects.values().get(pk=theirs["job"].pk) == before
    assert JobAlert.objects.get() == theirs["alert"]
    assert JobFile.objects.get() == theirs["file"]
    assert not ChangeRequest.objects.exists()


@pytest.mark.parametrize("name", sorted(TO_ASK))
def test_cora_herself_gets_through(cast, theirs, sign_in, name):
    """Else the test above would pass for the wrong reason."""
    cora, path = sign_in(cast.cora), filled(TO_ASK[name], theirs)
    answers = {cora.get(path).status_code, cora.post(path, BODY).status_code}
    # Only the message to stop is named in the body: there a 404 is right.
    assert 404 not in answers or name == "stop_job_alert", answers


@pytest.mark.parametrize("name", sorted(KEYS))
def test_with_a_key_of_hers_he_still_reads_nothing_of_the_job(cast, theirs, sign_in, name):
    carl, path = sign_in(cast.carl), filled(ROUTES[name], theirs)
    for answer in (carl.get(path), carl.post(path, BODY | {"answer": "carl@example.com"})):
        assert theirs["job"].number not in answer.content.decode()
    assert Job.objects.get(pk=theirs["job"].pk).is_open
    assert JobAlert.objects.get() == theirs["alert"]
    assert not MessageStop.objects.exists()


@pytest.mark.parametrize("may", [False, True])
def test_neither_number_nor_reference_of_her_money_gets_him_anywhere(cast, theirs, sign_in, may):
    if may:
        allow(cast.carl)
    carl, invoice = sign_in(cast.carl), theirs["invoice"]
    for reference in (invoice.number, invoice.reference, invoice.number.lower(), str(invoice.pk)):
        assert carl.get(f"/billing/invoices/{reference}/").status_code == 404
    payment = theirs["payment"]
    for reference in (payment.number, payment.reference, str(payment.pk)):
        assert carl.get(f"/billing/payments/{reference}/").status_code == 404
        assert carl.get(f"/billing/payments/{reference}/receipt.pdf").status_code == 404


def test_references_in_a_form_get_him_no_further(cast, theirs, sign_in):
    carl = sign_in(cast.carl)
    assert carl.post("/accounts/switch/", {"account": cast.acme.pk}).status_code == 404
    mine = make_job(cast.cedar, cast.exchange, by=cast.dana)
    assert carl.get(f"/jobs/new/{theirs['job'].template.slug}/?again={theirs['job'].number}").status_code == 404
    order = BODY | {"place": theirs["place"].pk, "account": cast.acme.pk}
    assert "place" in carl.post(f"/jobs/new/{cast.exchange.slug}/", order).context["form"].errors
    changed = carl.post(f"/jobs/{mine.number}/edit/", BODY | {"place": theirs["place"].pk})
    assert "place" in changed.context["form"].errors
    assert carl.get(f"/jobs/{mine.number}/files/{theirs['file'].reference}/").status_code == 404
    assert Job.objects.count() == 3


def test_nor_the_reference_of_a_colleague_of_hers(cast, sign_in):
    newcomer = make_portal_user("nora@example.com", cast.acme)
    who = signing.dumps(newcomer.links.get().pk, salt="colleague")
    # 403: he manages nobody at all; a manager elsewhere gets a 404 (test_colleagues.py).
    assert sign_in(cast.carl).post("/colleagues/remove/", {"who": who}).status_code in (403, 404)
    assert newcomer.links.exists()


def test_a_job_of_a_kind_she_has_not_is_a_404_for_cora_too(cast, sign_in):
    job = make_job(cast.acme, cast.inspection, by=cast.dana)
    for name, route in TO_ASK.items():
        if "<str:number>" in route:
            path = route.replace("<str:number>", job.number).replace("<str:reference>", "x")
            assert {sign_in(cast.cora).get(path).status_code, sign_in(cast.cora).post(path, BODY).status_code} <= {
                404,
                405,
            }, name


def test_the_file_goes_to_nobody_by_another_jobs_address(cast, theirs, sign_in):
    other = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert sign_in(cast.cora).get(f"/jobs/{other.number}/files/{theirs['file'].reference}/").status_code == 404
    upload = SimpleUploadedFile("x.jpg", b"x")
    assert sign_in(cast.carl).post(f"/jobs/{theirs['job'].number}/edit/", {"field_photo": upload}).status_code == 404
