"""A database from before: its messages keep their job, event and state, and a mail that waits goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.db.migrations.state import StateApps
from django.utils import timezone

from accounts.models import AccountEvent, Invitation
from alerts.models import Delivery
from audit.token_columns import token_columns
from jobs.models import JobEvent
from tests.alerts.mails import send_mails
from tests.upgrade.installation import Story


def fill(before: StateApps) -> dict[str, Any]:
    return messages(before) | {"user": invitations(before)}


def messages(before: StateApps) -> dict[str, Any]:
    customer = before.get_model("accounts", "Customer").objects.create(name="Messages & Co")
    job = before.get_model("jobs", "Job").objects.create(number="M-1", customer=customer)
    event = before.get_model("jobs", "JobEvent").objects.create(job=job, kind="job.created")
    alert = before.get_model("alerts", "Alert").objects.create(name="Made", event="job.created")
    for state in ("sent", "queued"):
        before.get_model("alerts", "Delivery").objects.create(
            event=event, job=job, alert=alert, kind="job.created", about="M-1", audience="fixed", channel="email",
            recipient=f"{state}@b.example", body="Hello", state=state, token_digest=state,
        )  # fmt: skip
    before.get_model("alerts", "Delivery").objects.create(
        kind="job.created", audience="fixed", channel="email", recipient="lone@b.example", body="x", token_digest="c"
    )
    return {"event": event.pk, "job": job.pk}


def invitations(before: StateApps) -> int:
    user = before.get_model("accounts", "User").objects.create(email="nina@example.com", full_name="Nina")
    before.get_model("accounts", "PortalUser").objects.create(user=user)
    for number, state in enumerate(("waiting", "sending", "sent")):
        before.get_model("accounts", "Invitation").objects.create(
            user=user, mail_state=state, expires_at=timezone.now() + timedelta(days=1),
            **token_columns(Invitation, f"token{number}"),
        )  # fmt: skip
    return user.pk


STORY = Story(
    # Jobs too, whose columns were renamed in the same version: the others do not wait for it.
    at=(
        ("alerts", "0015_source_of_changes"),
        ("accounts", "0022_source_of_changes"),
        ("jobs", "0022_source_of_changes"),
    ),
    fill=fill,
)


def test_messages_stay_as_they_are_and_are_still_written_once(upgraded):
    sent, queued, lone = (Delivery.objects.get(recipient=f"{name}@b.example") for name in ("sent", "queued", "lone"))
    assert [(one.event_model, one.event_id, one.job_id) for one in (sent, queued)] == [
        ("jobs.jobevent", upgraded["event"], upgraded["job"])
    ] * 2
    assert (sent.state, queued.state, lone.event_id) == ("sent", "queued", None)
    assert JobEvent.objects.get(job=upgraded["job"]).pk == upgraded["event"]
    queued.pk, queued._state.adding, queued.token_digest = None, True, "again"
    with pytest.raises(IntegrityError), transaction.atomic():
        queued.save()
    queued.event_model = "accounts.accountevent"
    queued.save()


def test_an_invitation_that_waited_goes_out_as_a_message(upgraded):
    Delivery.objects.all().delete()
    assert send_mails() == 2
    invitations = Invitation.objects.filter(user=upgraded["user"])
    assert {one.mail_state for one in invitations} == {"sent"}
    assert AccountEvent.objects.filter(account_id=upgraded["user"]).count() == 2
    assert Delivery.objects.filter(portal_user__user=upgraded["user"], state="sent").count() == 2
    assert ["/join/token0/" in mail.outbox[0].body, "/join/token1/" in mail.outbox[1].body] == [True, True]
