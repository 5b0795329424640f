"""A database from before: its messages keep their job, event and state, and a mail that waits goes out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import AccountEvent, Invitation
from alerts.models import Delivery
from audit.token_columns import token_columns
from jobs.models import JobEvent
from tests.alerts.mails import send_mails

# Jobs too, whose columns were renamed in the same version: the others do not wait for it.
BEFORE = [
    ("alerts", "0015_source_of_changes"),
    ("accounts", "0022_source_of_changes"),
    ("jobs", "0022_source_of_changes"),
]


def migrate(targets: list[tuple[str, str]] | None = None) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection).loader.project_state(targets or []).apps


@pytest.fixture
def before(transactional_db) -> Any:
    """The apps as they were, and afterwards the tables as they are."""
    yield migrate(BEFORE)
    migrate()


def test_messages_stay_as_they_are_and_are_still_written_once(before):
    customer = before.get_model("accounts", "Customer").objects.create(name="Acme")
    job = before.get_model("jobs", "Job").objects.create(number="J-1", customer=customer)
    event = before.get_model("jobs", "JobEvent").objects.create(job=job, kind="job.created")
    alert = before.get_model("alerts", "Alert").objects.create(name="Made", event="job.created")
    for state in ("sent", "queued"):
        before.get_model("alerts", "Delivery").objects.create(
            event=event, job=job, alert=alert, kind="job.created", about="J-1", audience="fixed", channel="email",
            recipient=f"{state}@b.example", body="Hello", state=state, token_digest=state,
        )  # fmt: skip
    before.get_model("alerts", "Delivery").objects.create(
        kind="job.created", audience="fixed", channel="email", recipient="c@b.example", body="x", token_digest="c"
    )
    migrate()
    sent, queued, lone = Delivery.objects.order_by("pk")
    assert [(one.event_model, one.event_id, one.job_id) for one in (sent, queued)] == [
        ("jobs.jobevent", event.pk, job.pk)
    ] * 2
    assert (sent.state, queued.state, lone.event_id) == ("sent", "queued", None)
    assert JobEvent.objects.get().pk == event.pk
    queued.pk, queued._state.adding, queued.token_digest = None, True, "again"
    with pytest.raises(IntegrityError), transaction.atomic():
        queued.save()
    queued.event_model = "accounts.accountevent"
    queued.save()


def test_an_invitation_that_waited_goes_out_as_a_message(before):
    user = before.get_model("accounts", "User").objects.create(email="nina@example.com", full_name="Nina")
    person = before.get_model("accounts", "PortalUser").objects.create(user=user)
    for number, state in enumerate(("waiting", "sending", "sent")):
        before.get_model("accounts", "Invitation").objects.create(
            user=user, mail_state=state, expires_at=timezone.now() + timedelta(days=1),
            **token_columns(Invitation, f"token{number}"),
        )  # fmt: skip
    migrate()
    assert send_mails() == 2
    assert {one.mail_state for one in Invitation.objects.all()} == {"sent"}
    assert [event.account_id for event in AccountEvent.objects.all()] == [user.pk] * 2
    assert Delivery.objects.filter(portal_user=person.pk, state="sent").count() == 2
    assert ["/join/token0/" in mail.outbox[0].body, "/join/token1/" in mail.outbox[1].body] == [True, True]
