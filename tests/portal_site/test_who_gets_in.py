"""Every address of the companion site, and every person of the cast."""

from __future__ import annotations

import pytest
from django.urls import get_resolver

from tests.factories import make_job

# name -> (visitor, Cora, Carl, Nell who is staff): what a GET gives.
PAGES = {
    "home": (302, 200, 200, 200),
    "login": (200, 302, 302, 302),
    "logout": (405, 405, 405, 405),
    "password_reset": (200, 200, 200, 200),
    "password_reset_sent": (200, 200, 200, 200),
    "password_reset_confirm": (200, 200, 200, 200),
    "second_step": (302, 302, 302, 302),
    "me": (302, 200, 200, 200),
    "two_factor": (302, 200, 200, 200),
    "change_details": (302, 200, 200, 200),
    "sign_out_everywhere": (405, 405, 405, 405),
    "password_change": (302, 200, 200, 200),
    "accounts": (302, 200, 200, 200),
    "switch_account": (405, 405, 405, 405),
    "jobs": (302, 200, 200, 200),
    "export_jobs": (302, 200, 200, 200),
    "choose_kind": (302, 302, 302, 200),
    "new_job": (302, 200, 200, 200),
    "job": (302, 200, 404, 200),
    "edit_job": (302, 200, 404, 200),
    "print_job": (302, 200, 404, 200),
    "job_file": (302, 404, 404, 200),
    "job_status": (302, 200, 404, 200),
    "cancel_job": (302, 200, 404, 200),
    "billing": (302, 403, 403, 200),
    "orders": (302, 403, 403, 200),
    "export_orders": (302, 403, 403, 200),
    "invoices": (302, 403, 403, 200),
    "export_invoices": (302, 403, 403, 200),
    "invoice": (302, 404, 404, 200),
    "invoice_pdf": (302, 404, 404, 200),
    "order_receipt": (302, 403, 404, 200),
    "payments": (302, 403, 403, 200),
    "export_payments": (302, 403, 403, 200),
    "statement": (302, 403, 403, 200),
    "export_statement": (302, 403, 403, 200),
    "print_statement": (302, 403, 403, 200),
    "payment": (302, 404, 404, 200),
    "payment_receipt": (302, 404, 404, 200),
    "map": (302, 200, 200, 200),
    "job_alerts": (302, 200, 404, 200),
    "stop_job_alert": (405, 405, 405, 405),
    "guest": (200, 200, 200, 403),
    "guest_status": (302, 302, 302, 302),
    "guest_cancel": (302, 302, 302, 302),
    "guest_edit": (302, 302, 302, 302),
    "guest_alerts": (302, 302, 302, 302),
    "guest_stop_alert": (405, 405, 405, 405),
    "guest_print": (302, 302, 302, 302),
    "guest_file": (302, 302, 302, 302),
    "join": (404, 404, 404, 404),
    "fresh_invitation": (405, 405, 405, 405),
    "signup": (404, 404, 404, 404),
    "signup_sent": (404, 404, 404, 404),
    "colleagues": (302, 403, 403, 200),
    "remove_colleague": (405, 405, 405, 405),
    "stop_view_as": (405, 405, 405, 405),
    "brand_css": (200, 200, 200, 200),
    "brand_logo": (404, 404, 404, 404),
}
# For staff without a portal account each of these is the one page that says where the console is.
SAYS_WHERE_THE_CONSOLE_IS = {name for name, answers in PAGES.items() if answers[0] == 302 and answers[3] == 200} - {
    "two_factor"
}


def routes():
    resolver = next(r for r in get_resolver().url_patterns if getattr(r, "app_name", "") == "portal_site")
    return {pattern.name: "/" + str(pattern.pattern) for pattern in resolver.url_patterns}


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana)


def address(route, job):
    filled = route.replace("<str:number>", job.number).replace("<str:token>", job.portal_links.get().token)
    filled = filled.replace("<slug:slug>", job.template.slug).replace("<str:reference>", "nothing")
    filled = filled.replace("<path:invoice>", "nothing").replace("<str:payment>", "nothing")
    return filled.replace("<str:uidb64>", "MQ")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_to_whom_it_should(cast, job, sign_in, name):
    people = (None, cast.cora, cast.carl, cast.nell)
    path = address(routes()[name], job)
    assert tuple(sign_in(person).get(path).status_code for person in people) == PAGES[name]


@pytest.mark.parametrize("name", sorted(SAYS_WHERE_THE_CONSOLE_IS))
def test_staff_without_an_account_here_see_no_record(cast, job, sign_in, name):
    for person in (cast.nell, cast.dana):
        page = sign_in(person).get(address(routes()[name], job)).content.decode()
        assert 'href="/admin/"' in page
        assert job.number not in page


def test_every_address_is_in_the_table():
    assert set(routes()) == set(PAGES)


def test_a_visitor_changes_nothing(cast, job, client):
    for name, route in routes().items():
        if "<str:number>" in route:
            assert client.post(address(route, job), {"reason": "-", "words": "x"}).status_code in (302, 405), name
    job.refresh_from_db()
    assert job.is_open
