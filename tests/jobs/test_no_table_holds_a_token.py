"""After a whole story no text and no JSON of any table holds a token that opens a portal link."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.files.base import ContentFile

from accounts.models import KeptAnswer
from accounts.services import make_invitation, make_token
from alerts.models import Delivery, JobAlert
from alerts.services import deliver, install_default_alerts
from alerts.services.announcing import announce
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from jobs.choices import JobStatus
from jobs.models import JobEvent, PortalLink
from jobs.services import reissue_portal_link, update_job
from portal_site.tasks import send_password_reset
from tests.alerts.mails import send_mails
from tests.factories import make_job, make_location
from tests.tables import columns


def holders(token: str) -> list[str]:
    """The columns of any table that hold a text."""
    return [place for place, texts in columns().items() if any(token in text for text in texts)]


def test_danas_jobs_their_messages_pasted_addresses_and_a_new_link(cast):
    install_default_alerts(by=cast.olivia)
    jobs = [make_job(cast.acme, cast.exchange, by=cast.dana) for _job in range(3)]
    links = [job.portal_links.get() for job in jobs]
    announce(JobEvent.objects.values_list("pk", flat=True))
    deliver(Delivery.objects.values_list("pk", flat=True))
    update_job(jobs[0], {"notes": f"See {links[0].url} and {links[1].url}"}, by=cast.dana)
    reissue_portal_link(links[0], by=cast.dana)
    tokens = [link.token for link in PortalLink.objects.all()]
    assert len(tokens) == len(jobs) + 1 and Delivery.objects.exists()
    assert [place for token in tokens for place in holders(token)] == []


def test_invitations_and_password_mails(cast):
    invitation = make_invitation(cast.colm.user, by=cast.dana)
    send_password_reset("cora@example.com")
    assert send_mails() == 2
    invited, reset = mail.outbox
    assert invitation.token in invited.body
    token = re.search(r"/password/new/[^/]+/([^/]+)/", reset.body)[1]
    assert [place for secret in (invitation.token, token) for place in holders(secret)] == []


def _by_api(cast, client):
    """With a key, so that the answer is kept."""
    _token, plain = make_token(name="Test", by=None, user=cast.dana, scopes=("jobs.write", "jobs.read"))
    headers = {"Authorization": f"Bearer {plain}", "Idempotency-Key": "one"}
    body = {"template": "skip-exchange", "customer": {"name": "Acme Builders"}, "notes": "Gate"}
    answer = client.post("/api/v1/jobs", body, content_type="application/json", headers=headers)
    assert answer.status_code == 201 and KeptAnswer.objects.exists()
    again = client.post("/api/v1/jobs", body, content_type="application/json", headers=headers)
    assert PortalLink.objects.get().url in again.json()["notes"]


def _by_import(cast, client):
    text = "Service,Customer,Notes\nSkip exchange,Acme Builders,Blue gate\n"
    run = upload_file(ContentFile(text.encode(), name="jobs.csv"), by=cast.ines)
    run = check_run(set_mapping(run, guess_mapping(run, by=cast.ines)[0], by=cast.ines), by=cast.ines)
    work_on_run(commit_run(run, by=cast.ines).pk)


def _by_portal(cast, client):
    place = make_location(cast.acme)
    client.force_login(cast.colm.user, backend="permissions.backend.PorticoBackend")
    form = {"account": cast.acme.pk, "place": place.pk, "once": "one", "notes": "Mind the cat."}
    assert client.post("/jobs/new/skip-exchange/", form).status_code == 302


def _by_guest(cast, client):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    link = job.portal_links.get()
    path = f"/l/{link.token}/"
    assert client.post(path, {"answer": "gita@example.com"}).status_code == 302
    wanted = {"when": ["started"], "emails": "foreman@site.example", "subject": "The skip"}
    assert client.post(path + "messages/", wanted).status_code == 302
    assert JobAlert.objects.filter(job=job, address="foreman@site.example").exists()
    # Words only: an address would be in mails.
    refused = client.post(path + "messages/", wanted | {"emails": "x@site.example", "subject": link.url})
    assert "Write words here" in refused.content.decode()
    form = client.get(path + "cancel/")
    assert form.status_code == 200
    assert client.post(path + "cancel/", {"reason": "-", "words": f"See {link.url}"}).status_code == 200
    job.refresh_from_db()
    assert job.status == JobStatus.CANCELLED


@pytest.mark.parametrize("source", [_by_api, _by_import, _by_portal, _by_guest])
def test_a_job_and_its_messages_by_each_door(cast, client, source):
    install_default_alerts(by=cast.olivia)
    source(cast, client)
    announce(JobEvent.objects.values_list("pk", flat=True))
    deliver(Delivery.objects.values_list("pk", flat=True))
    tokens = [link.token for link in PortalLink.objects.all()]
    assert tokens and [place for token in tokens for place in holders(token)] == []


def test_the_scan_finds_one(cast):
    make_job(cast.acme, cast.exchange, notes="Qx7fT2mK9Qx7fT2mK9")
    assert "jobs.Job.notes" in holders("Qx7fT2mK9Qx7fT2mK9")
