"""One invoice: its lines, the proof beside them, what remains, whom to call."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from billing.models import Invoice, NumberSeries
from billing.services import make_invoices, post_invoice
from jobs.services import attach_file, check_file, complete_job, complete_step, start_job
from permissions.models import PermissionOverride
from tests.billing.making import bill_to, order, set_up_billing
from tests.factories import make_job, make_template
from tests.portal_site.money_world import allow, billed, bills

PROOFS = (
    {"label": "Full bin", "kind": "file", "portal_use": "optional"},
    {"label": "Weighing", "kind": "file", "portal_use": "hidden"},
)
VALUES = {"full_bin": "bin.jpg", "weighing": "scale.jpg"}


def picture(name):
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG")
    return check_file(name, out.getvalue())


@pytest.fixture
def proven(cast):
    """An invoice of two orders: one of a kind everybody has, with a photo; one of a kind nobody has."""
    bills(cast, cast.acme)
    template = make_template("Collection", steps=("Drive there", "Count the cash"), fields=PROOFS)
    template.steps.filter(name="Drive there").update(portal_use="optional")
    price = [{"description": "Skip", "quantity": "2", "unit_price": "95.00"}]
    job = make_job(cast.acme, template, by=cast.dana, price_lines=price, address="12 Mill Lane", values=VALUES)
    start_job(job, by=cast.dana)
    job.refresh_from_db()
    for step in job.steps():
        complete_step(job, step.key, by=cast.dana)
        job.refresh_from_db()
    shown, hidden = (
        attach_file(job, picture(name), by=cast.dana, key=key)
        for name, key in (("bin.jpg", "full_bin"), ("scale.jpg", "weighing"))
    )
    job.refresh_from_db()
    if job.is_open:
        complete_job(job, by=cast.dana)
    other = order(cast.acme, ("Secret look", "1", "50.00"), template=cast.inspection, address="9 Far Road")
    [invoice] = make_invoices([job.pk, other.pk], by=cast.bill).invoices
    allow(cast.cora)
    return {
        "invoice": post_invoice(invoice, by=cast.bill),
        "job": job,
        "other": other,
        "shown": shown,
        "hidden": hidden,
    }


def test_lines_stand_under_their_headings_with_sums_and_taxes(cast, proven, sign_in):
    page = sign_in(cast.cora).get(f"/billing/invoices/{proven['invoice'].number}/")
    groups = page.context["groups"]
    assert [[line.description for line in group.lines] for group in groups] == [["Skip"], ["Secret look"]]
    words = page.content.decode()
    for said in ("2 × €95.00", "€190.00", "€240.00", "€45.60", "€285.60", "19%", "DE89 3704", "+49 40 5550111"):
        assert said in words, said


def test_beside_a_line_lies_the_proof_of_its_job(cast, proven, sign_in):
    page = sign_in(cast.cora).get(f"/billing/invoices/{proven['invoice'].number}/").content.decode()
    job = proven["job"]
    assert f"/jobs/{job.number}/files/{proven['shown'].reference}/" in page
    assert f'href="/jobs/{job.number}/"' in page and "Drive there" in page and "Done on" in page
    assert proven["hidden"].reference not in page and "Count the cash" not in page


def test_a_job_she_may_not_see_has_its_line_and_no_proof(cast, proven, sign_in):
    page = sign_in(cast.cora).get(f"/billing/invoices/{proven['invoice'].number}/").content.decode()
    assert "Secret look" in page
    assert f"/jobs/{proven['other'].number}/" not in page


def test_without_the_right_to_see_jobs_no_line_has_proof(cast, proven, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_jobs", effect="deny")
    page = sign_in(cast.cora).get(f"/billing/invoices/{proven['invoice'].number}/")
    assert page.status_code == 200
    assert [group.proof for group in page.context["groups"]] == [None, None]
    assert "/jobs/" not in page.content.decode()


def test_who_comes_in(cast, proven, sign_in):
    for address in (proven["invoice"].number, proven["invoice"].reference):
        path = f"/billing/invoices/{address}/"
        codes = [sign_in(who).get(path).status_code for who in (cast.cora, cast.colm, cast.carl, None)]
        assert codes == [200, 403, 404, 302]
    assert sign_in(cast.cora).post(path).status_code == 405


def test_a_colleague_allowed_at_another_account_only_is_refused(cast, proven, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="view_invoices", effect="deny")
    assert sign_in(cast.cora).get(f"/billing/invoices/{proven['invoice'].number}/").status_code == 403


def test_what_people_wrote_is_escaped(cast, sign_in):
    bills(cast, cast.acme)
    allow(cast.cora)
    evil = "<script>alert(1)</script>"
    invoice = billed(cast, cast.acme, (evil, "1", "1.00"), address=evil, on=dt.date.today())
    cora = sign_in(cast.cora)
    for path in (f"/billing/invoices/{invoice.number}/", "/billing/invoices/", "/billing/orders/?when=done"):
        page = cora.get(path).content.decode()
        assert evil not in page and "&lt;script&gt;" in page, path


def test_a_number_with_slashes_has_an_address(cast, sign_in):
    set_up_billing()
    bill_to(cast.acme)
    NumberSeries.objects.filter(kind="invoice").update(pattern="RE/{year}/{number}")
    invoice = billed(cast, cast.acme)
    allow(cast.cora)
    cora = sign_in(cast.cora)
    assert invoice.number.startswith("RE/")
    assert f"/billing/invoices/{invoice.number}/" in cora.get("/billing/invoices/").content.decode()
    assert invoice.number in cora.get(f"/billing/invoices/{invoice.number}/").content.decode()


def test_guests_read_nothing_of_money(cast, proven, client):
    job = proven["job"]
    link = job.portal_links.get()
    client.post(f"/l/{link.token}/", {"answer": job.contact_email})
    assert proven["invoice"].number not in client.get(f"/l/{link.token}/").content.decode()
    for path in (
        "/billing/",
        "/billing/invoices/",
        "/billing/orders/",
        f"/billing/invoices/{proven['invoice'].number}/",
    ):
        assert client.get(path).status_code == 302


def test_staff_looking_through_her_eyes_read_what_she_reads(cast, proven, sign_in):
    client = sign_in(cast.dana)
    client.post(
        f"/admin/accounts/portaluser/{cast.cora.pk}/view_as/", {"reason": "She called", "_form_submitted": "True"}
    )
    assert proven["invoice"].number in client.get("/billing/invoices/").content.decode()
    assert client.get(f"/billing/invoices/{proven['invoice'].number}/").status_code == 200
    assert client.post("/billing/invoices/").status_code in (403, 405)


def test_the_same_queries_for_many_lines_and_a_page_of_a_hundred(cast, sign_in):
    bills(cast, cast.acme)
    allow(cast.cora)

    def invoice_of(many):
        lines = [(f"Bin {n}", "1", "1.00") for n in range(10)]
        jobs = [order(cast.acme, *lines, template=cast.exchange).pk for _ in range(many)]
        [invoice] = make_invoices(jobs, by=cast.bill).invoices
        return post_invoice(invoice, by=cast.bill)

    few, many = invoice_of(2), invoice_of(12)
    cora, counts = sign_in(cast.cora), []
    for one in (few, few, many):
        with CaptureQueriesContext(connection) as caught:
            page = cora.get(f"/billing/invoices/{one.number}/")
        counts.append(len(caught))
    assert counts[1] == counts[2] <= 12
    assert sum(len(group.lines) for group in page.context["groups"]) == 100
    assert len(page.content) < 400_000
    assert len(cora.get(f"/billing/invoices/{many.number}/?page=2").context["groups"]) == 2
    assert "There is no page" in cora.get(f"/billing/invoices/{many.number}/?page=9").content.decode()


def test_why_may_be_asked_of_an_invoice(cast, proven, sign_in):
    number = proven["invoice"].number
    olivia = sign_in(cast.olivia)
    page = olivia.get("/admin/why/", {"person": cast.cora.pk, "permission": "view_invoices", "job": number})
    assert page.context["explanation"].decision.allowed
    page = olivia.get("/admin/why/", {"person": cast.colm.pk, "job": number})
    assert page.context["explanation"].decision.code == "view_invoices"
    assert not page.context["explanation"].decision.allowed
    crowds = dict(olivia.get("/admin/why/", {"job": number}).context["crowds"])
    assert {str(one.person) for people in crowds.values() for one in people if one.decision} == {"Cora"}
    # Of an invoice that staff may not see, nothing is told.
    assert "There is no job and no invoice" in sign_in(cast.ines).get("/admin/why/", {"job": number}).content.decode()
    assert "There is no job and no invoice" in olivia.get("/admin/why/", {"job": "R-9"}).content.decode()


def test_her_own_page_says_what_she_may_do_with_money(cast, sign_in):
    allow(cast.cora)
    page = sign_in(cast.cora).get("/me/").content.decode()
    assert "See invoices and what is to pay" in page and "Pay invoices" in page


def test_a_void_one_asks_for_nothing(cast, proven, sign_in):
    Invoice.objects.filter(pk=proven["invoice"].pk).update(status="void")
    page = sign_in(cast.cora).get(f"/billing/invoices/{proven['invoice'].number}/").content.decode()
    assert "Cancelled" in page and "IBAN" not in page
