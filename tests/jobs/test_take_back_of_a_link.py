"""A portal link's history begins with its first change: to take that back is not to remove the link."""

from __future__ import annotations

import pytest

from audit.act import acting
from audit.restore import plan_restore, restore_request
from jobs.models import PortalLink
from jobs.services import delete_job, reissue_portal_link, revoke_portal_link
from tests.factories import make_job


@pytest.fixture
def link(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana).portal_links.get()


@pytest.fixture
def revoked(cast, link):
    with acting() as act:
        revoke_portal_link(link, by=cast.dana, reason="Sent to the wrong person")
    return act.request_id


@pytest.fixture
def _nobody_knows_how_it_was(link, revoked):
    link.history.filter(history_type="+").delete()


def test_a_revoked_link_opens_again(cast, link, revoked, sign_in):
    sign_in(cast.olivia).post(f"/admin/changelog/{revoked}/take-back/")
    assert PortalLink.objects.get(pk=link.pk).revoked_at is None


@pytest.mark.usefixtures("_nobody_knows_how_it_was")
def test_olivia_reads_that_nothing_is_put_back(cast, link, revoked, sign_in):
    page = sign_in(cast.olivia).get(f"/admin/changelog/{revoked}/take-back/").content.decode()
    assert f"Portal link of {link.job.number}: how it was before is not written down" in page
    assert "These go" not in page


@pytest.mark.usefixtures("_nobody_knows_how_it_was")
def test_the_link_stays_revoked_and_stays(cast, link, revoked, sign_in):
    sign_in(cast.olivia).post(f"/admin/changelog/{revoked}/take-back/")
    assert PortalLink.objects.get(pk=link.pk).revoked_at is not None


def test_a_stranger_to_the_log_takes_nothing_back(cast, link, revoked, sign_in):
    for person in (cast.nell, cast.dana):
        assert sign_in(person).post(f"/admin/changelog/{revoked}/take-back/").status_code == 403


def test_of_a_re_issue_goes_the_new_link_and_the_old_one_opens_again(cast, link):
    with acting() as act:
        fresh = reissue_portal_link(link, by=cast.dana)
    plan = restore_request(act.request_id, by=cast.olivia)
    deeds = {(step.deed, step.pk) for step in plan.steps if step.model is PortalLink}
    assert deeds == {("revert", link.pk), ("remove", fresh.pk)}
    assert [one.pk for one in PortalLink.objects.alive()] == [link.pk]


def test_a_new_link_that_went_with_its_job_is_not_removed_again(cast, link):
    with acting() as act:
        reissue_portal_link(link, by=cast.dana)
    delete_job(link.job, by=cast.dana)
    assert plan_restore(act.request_id).steps == []
    restore_request(act.request_id, by=cast.olivia)


def test_what_was_changed_and_changed_once_more_gets_its_known_values_back(cast, link, revoked):
    with acting() as act:
        revoked_link = PortalLink.objects.get(pk=link.pk)
        revoked_link.expires_at = None
        revoked_link.save()
    restore_request(act.request_id, by=cast.olivia)
    assert PortalLink.objects.get(pk=link.pk).expires_at == link.expires_at
