"""A portal link that was revoked never opens again, whoever takes back whatever."""

from __future__ import annotations

import pytest

from audit.act import acting
from audit.restore import plan_restore
from console.taking_back import NotTakenBack, take_back_request
from jobs.models import Job, PortalLink
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


def test_olivia_reads_that_it_never_opens_again(cast, link, revoked, sign_in):
    client, path = sign_in(cast.olivia), f"/admin/changelog/{revoked}/take-back/"
    page = client.get(path).content.decode()
    assert f"Portal link of {link.job.number}" in page and "never opens again" in page
    assert f"/admin/jobs/portallink/{link.pk}/change/" in page
    assert "Take 1 change back" not in page
    assert "never opens again" in client.post(path).content.decode()
    assert PortalLink.objects.get(pk=link.pk).revoked_at is not None


def test_nor_when_nobody_knows_how_it_was(cast, link, revoked, sign_in):
    link.history.filter(history_type="+").delete()
    page = sign_in(cast.olivia).post(f"/admin/changelog/{revoked}/take-back/").content.decode()
    assert f"Portal link of {link.job.number}</a>: earlier values were not recorded" in page
    assert PortalLink.objects.get(pk=link.pk).revoked_at is not None


def test_a_stranger_to_the_log_takes_nothing_back(cast, link, revoked, sign_in):
    for person in (cast.nell, cast.dana):
        assert sign_in(person).post(f"/admin/changelog/{revoked}/take-back/").status_code == 403


def test_a_re_issue_is_not_taken_back_by_half(cast, link):
    with acting() as act:
        fresh = reissue_portal_link(link, by=cast.dana)
    with pytest.raises(NotTakenBack, match="can only be revoked"):
        take_back_request(act.request_id, by=cast.olivia)
    assert [one.pk for one in PortalLink.objects.alive()] == [fresh.pk]
    assert "{portal_link}" in Job.objects.get().notes and not fresh.why_dead


def test_a_new_link_that_went_with_its_job_is_not_removed_again(cast, link):
    with acting() as act:
        reissue_portal_link(link, by=cast.dana)
    delete_job(link.job, by=cast.dana)
    assert not plan_restore(act.request_id).steps
    assert not take_back_request(act.request_id, by=cast.olivia).steps
