from __future__ import annotations

from django.urls import reverse

from config.console import items_for
from jobs.models import ChangeRequest
from jobs.services import ask_for_change
from tests.factories import make_job


def titles(user):
    return {str(item.title) for _heading, shown in items_for(user) for item, _link in shown}


def test_dana_finds_the_tasks_of_a_dispatcher(cast):
    assert {"Dashboard", "Jobs", "Change requests", "Portal links"} <= titles(cast.dana)


def test_bill_is_not_shown_what_he_may_not_open(cast):
    assert "Jobs" in titles(cast.bill)
    assert not {"Portal links", "Change requests", "Cancellation reasons"} & titles(cast.bill)


def test_nell_finds_the_dashboard_alone(cast):
    assert titles(cast.nell) == {"Dashboard"}


def test_every_item_she_is_shown_opens(cast, sign_in):
    for person in (cast.olivia, cast.dana, cast.ines, cast.bill, cast.sam):
        for _heading, shown in items_for(person):
            for item, link in shown:
                assert sign_in(person).get(link, follow=True).status_code == 200, (person, item.title)


def test_waiting_change_requests_are_counted_beside_their_page(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    ask_for_change(job, by=cast.cora.user, kind=ChangeRequest.Kind.CHANGE, reason="A bigger skip, please.")
    page = sign_in(cast.dana).get(reverse("admin:index")).content.decode()
    assert "Change requests" in page
    assert page.count("A bigger skip") == 0


def test_a_customer_gets_no_console(cast, sign_in):
    answer = sign_in(cast.carl).get(reverse("admin:index"))
    assert answer.status_code == 302 and "login" in answer.url


def test_the_sign_in_page_points_customers_to_their_own(cast, sign_in):
    page = sign_in().get(reverse("admin:login"))
    assert page.status_code == 200
    assert f'href="{reverse("portal_site:home")}"' in page.content.decode()
