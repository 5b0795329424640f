"""A record that is part of another has no history of its own until somebody changes it; then it has all of it."""

from __future__ import annotations

from audit.act import Source
from audit.changelog import history_of
from jobs.models import PortalLink
from jobs.services import NewJob, create_job, revoke_portal_link
from jobs.services.link_door import note_opening


def made(cast):
    job = create_job(NewJob(cast.acme, cast.exchange), by=cast.dana, source=Source.API)
    return job, job.portal_links.get()


def test_the_row_of_its_making_is_that_of_the_job(cast):
    job, link = made(cast)
    assert not history_of(PortalLink).exists()
    revoke_portal_link(link, by=cast.olivia)
    first, second = history_of(PortalLink).order_by("history_id")
    birth = job.history.get()
    assert (first.history_type, first.actor, first.history_source, first.revoked_at) == ("+", "Dana", "api", None)
    assert (first.history_date, first.request_id) == (birth.history_date, birth.request_id)
    assert job.number in first.label and first.customer_ref == cast.acme.pk
    assert (second.history_type, second.actor) == ("~", "Olivia") and second.revoked_at is not None


def test_history_tells_of_the_change_only_what_changed(cast):
    _job, link = made(cast)
    revoke_portal_link(link, by=cast.olivia)
    first, second = history_of(PortalLink).order_by("history_id")
    names = [field.name for field in first.tracked_fields]
    changed = {name for name in names if getattr(first, name) != getattr(second, name)}
    assert changed == {"revoked_at", "revoked_by"}


def test_who_only_looks_begins_no_history(cast):
    _job, link = made(cast)
    note_opening(link)
    assert not history_of(PortalLink).exists()


def test_its_first_row_does_not_make_it_look_created_by_that_request(cast, sign_in):
    _job, link = made(cast)
    revoke_portal_link(link, by=cast.olivia)
    request_id = history_of(PortalLink).order_by("history_id").last().request_id
    page = sign_in(cast.olivia).get(f"/admin/changelog/{request_id}/take-back/").content.decode()
    assert "never opens again" in page and "These will be deleted" not in page
