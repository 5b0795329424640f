from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.choices import DeadBy
from jobs.models import PortalLink
from jobs.services import cancel_job, complete_job, forget_tries, revoke_portal_link
from tests.console.people import narrow
from tests.factories import make_job

LIST = "/admin/jobs/portallink/"


@pytest.fixture
def link(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana).portal_links.get()


def click(client, link, button, **answers):
    return client.post(reverse(f"admin:jobs_portallink_{button}", args=[link.pk]), {"_form_submitted": "1", **answers})


def test_it_says_what_is_dead_and_why(cast, sign_in, link):
    over = make_job(cast.birch, cast.exchange)
    complete_job(over, by=cast.dana)
    page = sign_in(cast.sam).get(LIST).content.decode()
    assert "Alive" in page and "Dead: job completed" in page


def test_dana_revokes_and_reissues(cast, sign_in, link):
    dana = sign_in(cast.dana)
    click(dana, link, "reissue")
    fresh = PortalLink.objects.latest("pk")
    link.refresh_from_db()
    assert link.revoked_at and fresh.pk != link.pk and "{portal_link}" in fresh.job.notes
    click(dana, fresh, "revoke", reason="Sent to the wrong person")
    fresh.refresh_from_db()
    assert fresh.why_dead == "revoked" and fresh.revoked_by == cast.dana
    assert fresh.history.first().history_change_reason == "Sent to the wrong person"


def test_the_address_is_for_who_may_change_links(cast, sign_in, link):
    assert link.token in sign_in(cast.dana).get(LIST).content.decode()
    assert link.token not in sign_in(cast.sam).get(LIST).content.decode()
    assert link.token not in sign_in(cast.sam).get(f"{LIST}{link.pk}/change/").content.decode()


def test_many_are_revoked_at_once(cast, sign_in, link):
    other = make_job(cast.birch, cast.exchange).portal_links.get()
    data = {"action": "revoke_many", "index": "0", "_selected_action": [link.pk, other.pk], "select_across": "0"}
    dana = sign_in(cast.dana)
    assert "2 of 2 links are alive" in dana.post(LIST, data).content.decode()
    assert PortalLink.objects.alive().count() == 2
    dana.post(LIST, data | {"_form_submitted": "1", "reason": ""})
    assert not PortalLink.objects.alive().exists()


@pytest.mark.parametrize(("alive", "count"), [("yes", 1), ("no", 1), ("never", 1), ("", 2)])
def test_it_is_filtered_by_life(cast, sign_in, link, alive, count):
    complete_job(make_job(cast.birch, cast.exchange), by=cast.dana)
    assert len(sign_in(cast.dana).get(LIST, {"alive": alive}).context["cl"].result_list) == count


def test_a_narrowed_dispatcher_sees_her_customers_links_only(cast, sign_in, link):
    other = make_job(cast.cedar, cast.exchange).portal_links.get()
    narrow(cast.dana, cast.acme)
    dana = sign_in(cast.dana)
    assert [row.pk for row in dana.get(LIST).context["cl"].result_list] == [link.pk]
    assert click(dana, other, "revoke").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


@pytest.mark.parametrize("person", ["sam", "bill", "nell"])
def test_nobody_else_revokes(cast, sign_in, link, person):
    assert click(sign_in(getattr(cast, person)), link, "revoke").status_code in (403, 404)
    link.refresh_from_db()
    assert link.revoked_at is None


@pytest.mark.parametrize("by", ["revoked", "completed", "cancelled", "age"])
def test_it_is_filtered_by_what_links_died_of(cast, sign_in, link, by):
    jobs = {name: make_job(cast.birch, cast.exchange) for name in DeadBy.values}
    complete_job(jobs["completed"], by=None)
    cancel_job(jobs["cancelled"], by=None, reason="rain")
    revoke_portal_link(jobs["revoked"].portal_links.get(), by=None)
    jobs["age"].portal_links.update(expires_at=timezone.now())
    shown = sign_in(cast.sam).get(LIST, {"alive": by}).context["cl"].result_list
    assert [row.job.number for row in shown] == [jobs[by].number]
    assert shown[0].dead_by == by


def test_many_are_reissued_at_once_but_for_jobs_that_are_over(cast, sign_in, link):
    over = make_job(cast.birch, cast.exchange)
    complete_job(over, by=None)
    data = {"action": "reissue_many", "index": "0", "select_across": "0"}
    data["_selected_action"] = [link.pk, over.portal_links.get().pk]
    dana = sign_in(cast.dana)
    page = dana.post(LIST, data).content.decode()
    assert "1 link is revoked" in page and "1 belongs to a job that is over" in page
    assert PortalLink.objects.count() == 2
    page = dana.post(LIST, data | {"_form_submitted": "1"}, follow=True).content.decode()
    assert "1 job has a new link." in page and "1 was left as it is." in page
    fresh = PortalLink.objects.latest("pk")
    assert (fresh.job, PortalLink.objects.count()) == (link.job, 3)


def test_its_card_says_when_it_was_opened_by_whom_it_was_tried_and_why_it_ended(cast, sign_in, link, client):
    door = reverse("portal_site:guest", args=[link.token])
    client.post(door, {"answer": "wrong@example.com"})
    client.post(door, {"answer": link.job.contact_email})
    revoke_portal_link(link, by=cast.dana, reason="Sent to the wrong person")
    page = sign_in(cast.dana).get(f"{LIST}{link.pk}/change/").content.decode()
    for words in (
        "Dead: revoked",
        "once",
        "wrong answer",
        "right answer",
        "127.0.0.1",
        "Sent to the wrong person",
        "Dana",
    ):
        assert words in page, words
    assert 'name="_save"' not in page, "there is nothing to save"
    sams = sign_in(cast.sam).get(f"{LIST}{link.pk}/change/").content.decode()
    assert "Dead: revoked" in sams and "127.0.0.1" not in sams


def test_nell_and_carl_do_not_see_it(cast, sign_in, link):
    for person, status in ((cast.nell, 403), (cast.carl, 302)):
        assert sign_in(person).get(LIST).status_code == status
        assert sign_in(person).get(f"{LIST}{link.pk}/change/").status_code in (302, 403, 404)


def test_it_costs_the_same_queries_for_two_links_as_for_forty(cast, sign_in, link, django_assert_max_num_queries):
    dana = sign_in(cast.dana)
    dana.get(LIST)
    with CaptureQueriesContext(connection) as few:
        dana.get(LIST)
    for _ in range(39):
        make_job(cast.birch, cast.exchange)
    with django_assert_max_num_queries(len(few)):
        assert len(dana.get(LIST).context["cl"].result_list) == 40


def test_tries_are_forgotten_after_three_months(cast, link, client, time_machine):
    time_machine.move_to(timezone.now())
    client.post(reverse("portal_site:guest", args=[link.token]), {"answer": "wrong@example.com"})
    assert forget_tries() == 0
    time_machine.shift(timedelta(days=91))
    assert forget_tries() == 1
