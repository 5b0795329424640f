"""Times in the reader's zone, ours named where it differs; sums as her language writes them."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import Invitation, User
from accounts.services import choose_zone, make_invitation
from alerts.services import new_alert, words_of
from alerts.sources import facts_of
from alerts.subjects import JobSubject
from business.models import PortalSettings
from console.errors import Refused
from jobs.choices import EventKind
from jobs.models import JobEvent
from jobs.services import schedule_job
from permissions.models import PermissionOverride
from tests.alerts.mails import send_mails
from tests.factories import PASSWORD, make_job, make_portal_user

# Half past eight in Berlin, where the business is; half past two in the night in New York.
PLANNED = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
NEW_YORK = "America/New_York"


@pytest.fixture
def job(cast, time_machine):
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Gita", contact_email="gita@example.com")
    return schedule_job(job, by=cast.dana, start=PLANNED)


def text(client, path):
    return client.get(path).content.decode()


def test_who_says_nothing_reads_the_times_of_the_business(cast, job, sign_in):
    page = text(sign_in(cast.cora), f"/jobs/{job.number}/")
    assert "Thursday, 26 November, 08:30" in page
    assert "in Berlin" not in page and "your clock" not in page


def test_she_chooses_her_zone_and_ours_is_named_beside_it(cast, job, sign_in):
    client = sign_in(cast.cora)
    assert "As my device says (Europe/Berlin)" in text(client, "/me/")
    client.post("/me/details/", {"name": "Cora", "time_zone": NEW_YORK})
    assert "America/New York" in text(client, "/me/")
    page = text(client, f"/jobs/{job.number}/")
    assert "Thursday, 26 November, 02:30" in page and "(08:30 in Berlin)" in page
    assert "Times are those of your clock, in New York. We live by that of Berlin." in page
    assert "02:30" in text(client, "/jobs/")
    assert User.history.filter(id=cast.cora.user_id, time_zone=NEW_YORK).exists()


def test_her_browser_says_where_she_is_until_she_chooses(cast, job):
    client = Client()
    client.post("/login/", {"username": "cora@example.com", "password": PASSWORD, "browser_zone": NEW_YORK})
    assert "02:30" in text(client, f"/jobs/{job.number}/")
    client.post("/me/details/", {"name": "Cora", "time_zone": "Europe/Berlin", "browser_zone": NEW_YORK})
    page = text(client, f"/jobs/{job.number}/")
    assert "08:30" in page and "your clock" not in page
    assert User.history.filter(id=cast.cora.user_id).count() == 2  # made, and chosen: what a browser says is no change


@pytest.mark.parametrize("nonsense", ["Mars/Olympus", "../../etc/passwd", "x" * 500])
def test_a_zone_there_is_not_is_no_zone(cast, job, sign_in, nonsense):
    client = sign_in(cast.cora)
    client.post("/me/details/", {"name": "Cora", "browser_zone": nonsense})
    assert "not one of the available choices" in client.post("/me/details/", {"time_zone": nonsense}).content.decode()
    assert "08:30" in text(client, f"/jobs/{job.number}/")
    with pytest.raises(Refused):
        choose_zone(cast.cora.user, nonsense, by=cast.cora.user)


def test_a_time_she_types_is_meant_on_her_clock(cast, job, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="request_start_time", effect="allow")
    choose_zone(cast.cora.user, NEW_YORK, by=cast.cora.user)
    client = sign_in(cast.cora)
    draft = make_job(cast.acme, cast.exchange, by=cast.dana, address="1 Mill Lane, 20095 Hamburg")
    said = {"place": "new", "street": "1 Mill Lane", "city": "Hamburg", "requested_start": "2026-12-01T02:30"}
    said["seen"] = client.get(f"/jobs/{draft.number}/edit/").context["seen"]
    client.post(f"/jobs/{draft.number}/edit/", said)
    draft.refresh_from_db()
    assert draft.requested_start == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert 'value="2026-12-01T02:30"' in text(client, f"/jobs/{draft.number}/edit/")


def test_a_guest_reads_times_on_her_own_clock(cast, job):
    client, door = Client(), f"/l/{job.portal_links.get().token}/"
    client.post(door, {"answer": "gita@example.com", "browser_zone": NEW_YORK})
    page = text(client, door)
    assert "02:30" in page and "08:30 in Berlin" in page


def test_a_visitor_gets_no_session_for_it(cast, client):
    client.post("/login/", {"username": "x@example.com", "password": "x", "browser_zone": NEW_YORK})
    assert "sessionid" not in client.cookies


def test_who_looks_through_her_eyes_reads_her_clock_and_changes_nothing(cast, job, sign_in):
    choose_zone(cast.cora.user, NEW_YORK, by=cast.cora.user)
    client = sign_in(cast.dana)
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/view_as/"
    client.post(url, {"reason": "She called", "_form_submitted": "True"})
    assert "02:30" in text(client, f"/jobs/{job.number}/")
    client.post("/me/details/", {"name": "Cora", "browser_zone": "Asia/Tokyo"})
    assert User.objects.get(pk=cast.cora.user_id).browser_zone == ""
    assert User.objects.get(pk=cast.dana.pk).browser_zone == ""


def test_the_console_stays_with_the_business(cast, job, sign_in):
    choose_zone(cast.dana, NEW_YORK, by=cast.dana)
    assert "08:30" in text(sign_in(cast.dana), f"/admin/jobs/job/{job.pk}/change/")


def test_one_readers_zone_is_not_the_next_ones(cast, job, sign_in):
    choose_zone(cast.cora.user, NEW_YORK, by=cast.cora.user)
    cora, colm = sign_in(cast.cora), sign_in(cast.colm)
    assert "02:30" in text(cora, f"/jobs/{job.number}/")
    assert "08:30" in text(colm, f"/jobs/{job.number}/")
    assert timezone.get_current_timezone() == timezone.get_default_timezone()


def test_a_table_says_whose_clock_its_times_are_of(cast, job, sign_in):
    choose_zone(cast.cora.user, NEW_YORK, by=cast.cora.user)
    table = b"".join(sign_in(cast.cora).get("/jobs/export.csv")).decode()
    assert "Planned (America/New_York)" in table and "2026-11-26 02:30" in table
    assert "Planned (" not in b"".join(sign_in(cast.colm).get("/jobs/export.csv")).decode()


def test_the_printed_job_too(cast, job, sign_in):
    choose_zone(cast.cora.user, NEW_YORK, by=cast.cora.user)
    pdf = b"".join(sign_in(cast.cora).get(f"/jobs/{job.number}/sheet.pdf"))
    page = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    assert "02:30 (08:30 in Berlin)" in page


def test_a_mail_about_a_job_is_written_on_her_clock_and_a_strangers_on_ours(cast, job):
    event = JobEvent.objects.filter(job=job, kind=EventKind.SCHEDULED).get()
    facts = facts_of(event, JobSubject(event.job), PortalSettings.load())
    with timezone.override("Asia/Tokyo"):
        # Whoever set it off, wherever she is.
        theirs = words_of(new_alert(EventKind.SCHEDULED), facts, zone=NEW_YORK)
        ours = words_of(new_alert(EventKind.SCHEDULED), facts)
    assert "02:30 (08:30 in Berlin)" in theirs.message
    assert "08:30" in ours.message and "Berlin" not in ours.message


def test_an_invitation_says_until_when_on_her_clock(cast, time_machine):
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    person = make_portal_user("ingrid@example.com", cast.acme, state="invited")
    User.objects.filter(pk=person.user_id).update(browser_zone=NEW_YORK)
    person.user.refresh_from_db()
    invitation = make_invitation(person.user, by=cast.dana)
    send_mails()
    assert Invitation.objects.get(pk=invitation.pk).mail_state == Invitation.MailState.SENT
    assert "04:00" in mail.outbox[-1].body
