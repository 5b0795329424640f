from __future__ import annotations

import pytest
from django.urls import reverse

from jobs.models import PortalLink
from jobs.services import complete_job
from tests.console.people import narrow
from tests.factories import make_job

LIST = "/admin/jobs/portallink/"


@pytest.fixture
def link(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana).portal_links.get()


def press(client, link, button, **answers):
    return client.post(reverse(f"admin:jobs_portallink_{button}", args=[link.pk]), {"_form_submitted": "1", **answers})


def test_it_says_what_is_dead_and_why(cast, sign_in, link):
    over = make_job(cast.birch, cast.exchange)
    complete_job(over, by=cast.dana)
    page = sign_in(cast.sam).get(LIST).content.decode()
    assert "Alive" in page and "Dead: job completed" in page


def test_dana_revokes_and_reissues(cast, sign_in, link):
    dana = sign_in(cast.dana)
    press(dana, link, "reissue")
    fresh = PortalLink.objects.latest("pk")
    link.refresh_from_db()
    assert link.revoked_at and fresh.pk != link.pk and fresh.url in fresh.job.notes
    press(dana, fresh, "revoke", reason="Sent to the wrong person")
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
    assert press(dana, other, "revoke").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


@pytest.mark.parametrize("person", ["sam", "bill", "nell"])
def test_nobody_else_revokes(cast, sign_in, link, person):
    assert press(sign_in(getattr(cast, person)), link, "revoke").status_code in (403, 404)
    link.refresh_from_db()
    assert link.revoked_at is None
