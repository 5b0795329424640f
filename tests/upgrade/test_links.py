"""A database from before: its links go on opening, and no table holds their addresses any more."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.migrations.state import StateApps
from django.utils import timezone

from accounts.models import Invitation, KeptAnswer
from accounts.services.invitations import invitation_of
from alerts.models import Delivery
from alerts.services import words_to_send
from audit.token_columns import find_by_token
from jobs.models import ChangeRequest, Job, PortalLink, PortalLinkAttempt
from jobs.services import find_link, newest_tries
from tests.upgrade.installation import Story

OWN, OTHERS, LOST, INVITATION, STOP = "O" * 32, "X" * 32, "L" * 32, "I" * 32, "S" * 24


def address(token: str) -> str:
    return f"{settings.SITE_URL}/l/{token}/"


def history_row(apps: Any, job: Any, notes: str, key: int) -> None:
    fields = {field.attname for field in apps.get_model("jobs", "HistoricalJob")._meta.concrete_fields}
    facts = {name: value for name, value in vars(job).items() if name in fields}
    row = facts | {"id": key, "notes": notes, "history_type": "+", "history_date": timezone.now(), "label": job.number}
    apps.get_model("jobs", "HistoricalJob").objects.create(**row)


def fill(before: StateApps) -> dict[str, Any]:
    user = before.get_model("accounts", "User").objects.create(email="lisa@example.com", full_name="Lisa")
    customer = before.get_model("accounts", "Customer").objects.create(name="Acme", notes=f"see {address(OTHERS)}")
    jobs, links = before.get_model("jobs", "Job"), before.get_model("jobs", "PortalLink")
    other = jobs.objects.create(number="J-1", customer=customer)
    notes = f"Ring\nPortal access: {address(OWN)}\nwith {address(OTHERS)} and https://x.example/l/{'q' * 20}/"
    job = jobs.objects.create(number="J-2", customer=customer, notes=notes, values={"x": f"ä {address(OTHERS)}"})
    links.objects.create(job=job, token=OWN)
    links.objects.create(job=other, token=OTHERS)
    history_row(before, job, notes, job.pk)
    history_row(before, job, f"Portal access: {address(LOST)}", 4711)
    before.get_model("jobs", "JobEvent").objects.create(job=job, kind="job.cancelled", data={"reason": address(OWN)})
    request = before.get_model("jobs", "ChangeRequest").objects.create(job=job, kind="cancel", reason=address(OTHERS))
    row = {"id": request.pk, "job": job, "kind": "cancel", "reason": "-", "history_type": "+", "label": "x"}
    before.get_model("jobs", "HistoricalChangeRequest").objects.create(
        **row, asked_at=timezone.now(), history_date=timezone.now(), history_change_reason=f"see {address(OWN)}"
    )
    jobs.objects.filter(pk=other.pk).update(cancellation_reason=f"see {address(OTHERS)}")
    before.get_model("jobs", "PortalLinkAttempt").objects.create(token=OWN)
    token = before.get_model("jobs", "ApiToken").objects.create(
        name="x", user=user, digest="links", prefix="p", expires_at=timezone.now()
    )
    body = {"number": "J-2", "notes": notes, "portal_link": address(OWN)}
    before.get_model("jobs", "KeptAnswer").objects.create(token=token, key="k", request_digest="links", body=body)
    before.get_model("accounts", "Invitation").objects.create(user=user, token=INVITATION, expires_at=timezone.now())
    before.get_model("alerts", "Delivery").objects.create(
        stop_token=STOP, job=job, kind="created", audience="site", channel="email", recipient="a@b.example",
        body=f"Follow it here: {address(OWN)}",
    )  # fmt: skip

    return {"user": user.pk, "job": job.pk, "request": request.pk}


STORY = Story(
    at=(
        ("jobs", "0016_words_of_constraints"),
        ("alerts", "0008_words_of_constraints"),
        ("accounts", "0012_words_of_constraints"),
    ),
    fill=fill,
)


def test_links_open_as_before_and_no_text_names_one(upgraded):
    cleaned = f"Ring\nPortal access: {{portal_link}}\nwith {settings.SITE_URL}/l/…/ and https://x.example/l/{'q' * 20}/"
    job = Job.objects.get(pk=upgraded["job"])
    assert job.notes == cleaned == job.history.get().notes
    assert job.values == {"x": f"ä {settings.SITE_URL}/l/…/"}
    assert job.customer.notes == f"see {settings.SITE_URL}/l/…/"
    assert Job.history.get(id=4711).notes == "Portal access: {portal_link}"
    masked = f"{settings.SITE_URL}/l/…/"
    assert job.events.get().data == {"reason": masked}
    assert job.change_requests.get().reason == masked
    assert ChangeRequest.history.get(id=upgraded["request"]).history_change_reason == f"see {masked}"
    assert Job.objects.get(number="J-1").cancellation_reason == f"see {masked}"
    answer = KeptAnswer.objects.get(request_digest="links").body
    assert answer["portal_link"] is None and address(OWN) not in answer["notes"]

    assert find_link(OWN).job == job and PortalLink.objects.get(job=job).token == OWN
    assert [one.pk for one in newest_tries(find_link(OWN))] == [PortalLinkAttempt.objects.get().pk]
    invitation = Invitation.objects.get(user=upgraded["user"])
    assert invitation_of(INVITATION) == invitation and invitation.token == INVITATION
    delivery = find_by_token(Delivery.objects.all(), STOP)
    assert delivery is not None and delivery.token == STOP
    assert delivery.body == "Follow it here: {portal_link}"
    assert words_to_send(delivery)[1] == f"Follow it here: {address(OWN)}"
