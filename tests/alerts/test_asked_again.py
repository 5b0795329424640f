"""Each rule that decides whether somebody is told is asked when the message is written, and at each attempt to send it.

Between the two lies a night, or a mail server that is away. The ledger says what ended meanwhile.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.services.pauses import tell_sign_in_is_paused
from alerts.channels.base import Sent
from alerts.choices import Audience, DeliveryState
from alerts.job_alerts import stop_job_alert
from alerts.models import Alert, Delivery
from alerts.services import (
    BACKOFF,
    delete_alert,
    deliver,
    lift_stop,
    resend,
    stop_messages,
    sweep,
    switch_alert,
)
from business.models import PortalSettings
from console.errors import Refused
from jobs.choices import EventKind
from jobs.models import Job, PortalLink
from jobs.services import (
    assign_worker,
    cancel_job,
    complete_job,
    delete_job,
    pause_job,
    reissue_portal_link,
    resume_job,
    revoke_portal_link,
    schedule_job,
    start_job,
    undo_cancel_job,
)
from permissions.services import remove_portal_user, set_override, suspend_portal_user, unlink_customer
from portal_site.tasks import send_password_reset
from tests.alerts.evening import BERLIN, Carrier, Story
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job, make_portal_user, make_worker


def link_of(story):
    return PortalLink.objects.get(job=story.job)


def other_contact(story):
    Job.objects.filter(pk=story.job.pk).update(contact_email="new@acme.example")


def other_billing_contact(story):
    story.cast.acme.contacts.update(email="new@acme.example")


def theo_leaves(story):
    story.cast.theo.is_active = False
    story.cast.theo.save()


def alert_with(**facts):
    def change(story):
        Alert.objects.filter(pk=story.alert.pk).update(**facts)

    return change


def no_template(story):
    story.cast.exchange.is_portal_default = False
    story.cast.exchange.save()


def old_link(story):
    PortalLink.objects.filter(job=story.job).update(expires_at=timezone.now() - timedelta(seconds=1))


GONE = "This person may no longer see what it is about."
RULES = {
    "stopped for the job": (
        Audience.SITE_CONTACT,
        lambda s: stop_messages(s.address, job=s.job),
        "This address asked for no more messages.",
    ),
    "stopped at all": (
        Audience.SITE_CONTACT,
        lambda s: stop_messages(s.address, job=None),
        "This address asked for no more messages.",
    ),
    "alert switched off": (
        Audience.SITE_CONTACT,
        lambda s: switch_alert(s.alert, to=False, by=s.cast.olivia),
        "The alert was switched off.",
    ),
    "alert deleted": (
        Audience.SITE_CONTACT,
        lambda s: delete_alert(s.alert, by=s.cast.olivia),
        "The alert was deleted.",
    ),
    "alert tells others": (
        Audience.SITE_CONTACT,
        alert_with(to_site_contact=False),
        "The job has another contact now.",
    ),
    "alert goes another way": (
        Audience.SITE_CONTACT,
        alert_with(by_email=False, by_sms=True),
        "The job has another contact now.",
    ),
    "another contact": (Audience.SITE_CONTACT, other_contact, "The job has another contact now."),
    "another billing contact": (
        Audience.BILLING_CONTACT,
        other_billing_contact,
        "The customer has another billing contact now.",
    ),
    "another fixed address": (
        Audience.FIXED,
        alert_with(emails="other@site.example"),
        "The alert no longer names this address.",
    ),
    "job cancelled": (
        Audience.SITE_CONTACT,
        lambda s: cancel_job(s.job, by=s.cast.dana, reason="rain"),
        "The job has been cancelled since.",
    ),
    "job deleted": (
        Audience.SITE_CONTACT,
        lambda s: delete_job(s.job, by=s.cast.olivia),
        "What it was about no longer exists.",
    ),
    "another worker": (
        Audience.WORKER,
        lambda s: assign_worker(s.job, worker=make_worker("Thea"), by=s.cast.dana),
        "This person no longer does the job.",
    ),
    "the worker left": (Audience.WORKER, theo_leaves, "This person no longer does the job."),
    "person suspended": (Audience.PORTAL_USER, lambda s: suspend_portal_user(s.cast.colm, by=s.cast.dana), GONE),
    "person removed": (Audience.PORTAL_USER, lambda s: remove_portal_user(s.cast.colm, by=s.cast.dana), GONE),
    "person unlinked": (
        Audience.PORTAL_USER,
        lambda s: unlink_customer(s.cast.colm.links.get(customer=s.cast.acme), by=s.cast.dana),
        GONE,
    ),
    "right withdrawn": (
        Audience.PORTAL_USER,
        lambda s: set_override(s.cast.colm, "view_jobs", "deny", by=s.cast.olivia),
        GONE,
    ),
    "template withdrawn": (Audience.PORTAL_USER, no_template, GONE),
    "another address": (
        Audience.PORTAL_USER,
        lambda s: User.objects.filter(pk=s.cast.colm.user_id).update(email="colm@elsewhere.example"),
        GONE,
    ),
    "no text messages": (
        "sms",
        lambda s: PortalSettings.objects.update(sms_enabled=False),
        "Alerts by SMS are switched off in the portal settings.",
    ),
    "no longer asked for": (
        Audience.REQUESTED,
        lambda s: stop_job_alert(s.job_alert, by=s.cast.cora.user),
        "Nobody asks for these messages any more.",
    ),
    "no longer offered": (
        Audience.REQUESTED,
        lambda s: PortalSettings.objects.update(job_alerts_enabled=False),
        "Whoever asked for these messages may no longer do so.",
    ),
    "may not ask any more": (
        Audience.REQUESTED,
        lambda s: set_override(s.cast.cora, "set_alerts", "deny", by=s.cast.olivia),
        "Whoever asked for these messages may no longer do so.",
    ),
    "who asked is suspended": (
        Audience.REQUESTED,
        lambda s: suspend_portal_user(s.cast.cora, by=s.cast.dana),
        "Whoever asked for these messages may no longer do so.",
    ),
    "moved after a reminder": (
        "reminder",
        lambda s: schedule_job(s.job, by=s.cast.dana, start=timezone.now() + timedelta(hours=60)),
        "The job has another planned start now.",
    ),
    "begun after a reminder": (
        "reminder",
        lambda s: start_job(s.job, by=s.cast.dana),
        "The job is no longer waiting for its start.",
    ),
}
# What keeps a link shut: nothing that names it goes out, and what is written later does not name it.
LINKS = {
    "link revoked": (lambda s: revoke_portal_link(link_of(s), by=s.cast.dana), "(revoked)"),
    "link too old": (old_link, "(too old)"),
    "job done": (
        lambda s: complete_job(start_job(s.job, by=s.cast.dana), by=s.cast.dana),
        "(job completed)",
    ),
}


def write(story, clock):
    if story.audience == "reminder":
        clock.shift(timedelta(hours=7))
    sweep()


# Of a start that is not ahead no reminder is written at all.
WRITTEN = [rule for rule, (audience, _change, _why) in RULES.items() if audience != "reminder"]


@pytest.mark.parametrize("rule", WRITTEN)
def test_what_holds_when_it_is_written_is_asked_then(cast, clock, carrier, rule):
    audience, make_true, _why = RULES[rule]
    story = Story(cast, audience)
    make_true(story)
    write(story, clock)
    assert story.address not in carrier.sent
    # The alert is asked for whom it tells before anything is written; the rest says why.
    assert story.message is None or (story.message.state == DeliveryState.SKIPPED and story.message.why)


@pytest.mark.parametrize("rule", RULES)
def test_it_is_asked_again_when_the_message_is_tried_again(cast, clock, carrier, rule):
    audience, make_true, why = RULES[rule]
    story = Story(cast, audience)
    carrier.failures = 9
    write(story, clock)
    waiting = story.message
    assert (waiting.state, waiting.tries, waiting.why) == (DeliveryState.QUEUED, 1, "busy")
    make_true(story)
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why) == (DeliveryState.SKIPPED, why)
    assert story.address not in carrier.sent and waiting.next_attempt_at is None


@pytest.mark.parametrize("audience", sorted({audience for audience, _change, _why in RULES.values()}), ids=str)
def test_without_a_change_it_goes_out_at_the_second_attempt(cast, clock, carrier, audience):
    story = Story(cast, audience)
    carrier.failures = 9
    write(story, clock)
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    assert story.message.state == DeliveryState.SENT and story.address in carrier.sent


@pytest.mark.parametrize("rule", LINKS)
def test_a_message_does_not_go_out_with_a_link_that_died_meanwhile(cast, clock, carrier, rule):
    make_true, why = LINKS[rule]
    story = Story(cast, Audience.SITE_CONTACT)
    carrier.failures = 9
    write(story, clock)
    waiting = story.message
    clock.shift(timedelta(seconds=30))
    make_true(story)
    carrier.failures = 0
    clock.shift(BACKOFF[0])
    sweep()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.why) == (
        DeliveryState.SKIPPED, f"Its portal link no longer opens {why}.",
    )  # fmt: skip


def test_with_a_fresh_link_it_goes_out_and_names_that(cast, clock, carrier, mailoutbox, monkeypatch):
    story = Story(cast, Audience.SITE_CONTACT)
    carrier.failures = 9
    write(story, clock)
    clock.shift(timedelta(seconds=30))
    fresh = reissue_portal_link(link_of(story), by=cast.dana)
    said = []
    monkeypatch.setattr(Carrier, "send", lambda self, message: said.append(message.body) or Sent())
    clock.shift(BACKOFF[0])
    sweep()
    assert any(fresh.url in body for body in said) and story.message.state == DeliveryState.SENT


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        (EventKind.COMPLETED, lambda job, dana: complete_job(start_job(job, by=dana), by=dana)),
        (EventKind.CANCELLED, lambda job, dana: cancel_job(job, by=dana, reason="rain")),
    ],
)
def test_the_news_of_an_end_goes_out_though_the_link_died_of_it(cast, clock, carrier, kind, end):
    make_alert(kind, message="{job_number}: {portal_access_url}")
    end(make_job(cast.acme, cast.exchange, by=cast.dana), cast.dana)
    carrier.failures = 9
    sweep()
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    assert carrier.sent == ["site@acme.example"]


def works(*steps):
    """The story of a job that is worked on: what happens, one after the other."""

    def happen(job, dana):
        for step in steps:
            job = step(job, by=dana)

    return happen


COMPLETED, DIFFERENTLY = "The job has been completed since.", "The work stands differently by now."
WORK = {
    "started, completed": (EventKind.STARTED, works(start_job), works(complete_job), COMPLETED),
    "started, paused": (EventKind.STARTED, works(start_job), works(pause_job), ""),
    "started, cancelled": (
        EventKind.STARTED,
        works(start_job),
        lambda job, dana: cancel_job(job, by=dana, reason="rain"),
        "The job has been cancelled since.",
    ),
    "paused, resumed": (EventKind.PAUSED, works(start_job, pause_job), works(resume_job), DIFFERENTLY),
    "paused, completed": (EventKind.PAUSED, works(start_job, pause_job), works(resume_job, complete_job), COMPLETED),
    "paused": (EventKind.PAUSED, works(start_job, pause_job), works(), ""),
    "resumed, paused": (EventKind.RESUMED, works(start_job, pause_job, resume_job), works(pause_job), DIFFERENTLY),
    "resumed, completed": (EventKind.RESUMED, works(start_job, pause_job, resume_job), works(complete_job), COMPLETED),
    "resumed": (EventKind.RESUMED, works(start_job, pause_job, resume_job), works(), ""),
}


@pytest.mark.parametrize("story", WORK)
def test_how_the_work_stood_is_told_as_long_as_it_stands_so(cast, clock, carrier, story):
    """A channel was held for hours; meanwhile the work went on."""
    kind, before, meanwhile, why = WORK[story]
    make_alert(kind, to_portal_users=False)
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    before(job, cast.dana)
    carrier.failures = 9
    sweep()
    (message,) = Delivery.objects.filter(job=job, kind=kind)
    assert (message.state, message.why) == (DeliveryState.QUEUED, "busy")
    meanwhile(Job.objects.get(pk=job.pk), cast.dana)
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    message.refresh_from_db()
    expected = (DeliveryState.SKIPPED, why) if why else (DeliveryState.SENT, "")
    assert (message.state, message.why) == expected and bool(carrier.sent) is not bool(why)


@pytest.mark.parametrize("kind", [EventKind.PAUSED, EventKind.RESUMED])
def test_what_happened_again_meanwhile_is_told_once(cast, clock, carrier, kind):
    """Nobody swept for hours; meanwhile the worker paused three times."""
    make_alert(kind, to_portal_users=False)
    job = start_job(make_job(cast.acme, cast.exchange, by=cast.dana), by=cast.dana)
    steps = (pause_job, resume_job) * 3
    for step in steps if kind == EventKind.RESUMED else steps[:-1]:
        job = step(job, by=cast.dana)
    sweep()
    told = list(Delivery.objects.filter(job=job, kind=kind).order_by("pk").values_list("state", "why"))
    again = (DeliveryState.SKIPPED, "It has happened again since.")
    assert told == [again, again, (DeliveryState.SENT, "")] and len(carrier.sent) == 1


def test_a_cancellation_that_was_undone_is_not_told(cast, clock, carrier):
    make_alert(EventKind.CANCELLED)
    job = cancel_job(make_job(cast.acme, cast.exchange, by=cast.dana), by=cast.dana, reason="rain")
    carrier.failures = 9
    sweep()
    undo_cancel_job(job, by=cast.dana)
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    assert Delivery.objects.get().why == "The job is on again." and not carrier.sent


def test_a_reminder_that_waited_past_the_start_is_none(cast, clock, carrier):
    make_alert(EventKind.REMINDED, hours_before=1, quiet_from="22:00", quiet_until="07:00")
    clock.move_to(datetime(2026, 3, 3, 12, 0, tzinfo=BERLIN))
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    schedule_job(job, by=cast.dana, start=datetime(2026, 3, 4, 6, 0, tzinfo=BERLIN))
    clock.move_to(datetime(2026, 3, 4, 5, 30, tzinfo=BERLIN))
    sweep()
    clock.move_to(datetime(2026, 3, 4, 7, 0, 1, tzinfo=BERLIN))
    sweep()
    assert Delivery.objects.get().why == "Its start has passed." and not carrier.sent


def test_who_is_told_as_another_too_is_still_told(cast, clock, carrier):
    """The site contact is a portal user as well: another contact on the job takes nothing from that."""
    make_alert(to_portal_users=True)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="cora@example.com")
    carrier.failures = 9
    sweep()
    Job.objects.filter(pk=job.pk).update(contact_email="new@acme.example")
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    assert "cora@example.com" in carrier.sent


# --- notices for staff


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, "role"])
def test_a_notice_reaches_nobody_who_lost_the_right_to_it(cast, clock, carrier, change):
    make_alert(to_site_contact=False, by_email=False, staff=[cast.dana])
    (notice,) = announced(make_job(cast.acme, cast.exchange, by=cast.olivia))
    if change == "role":
        cast.dana.groups.clear()
    else:
        User.objects.filter(pk=cast.dana.pk).update(**change)
    sweep()
    notice.refresh_from_db()
    assert (notice.state, notice.why) == (DeliveryState.SKIPPED, GONE)


# --- by hand


def resent(cast, story):
    return resend(Delivery.objects.get(pk=story.message.pk), by=cast.dana)


@pytest.mark.parametrize(
    "rule",
    [
        "stopped at all", "job cancelled", "person suspended", "person unlinked", "right withdrawn",
        "no text messages", "may not ask any more",
    ],
)  # fmt: skip
def test_it_is_not_sent_again_by_hand_to_whom_it_must_not_go(cast, clock, carrier, rule):
    audience, make_true, why = RULES[rule]
    story = Story(cast, audience)
    write(story, clock)
    assert story.message.state == DeliveryState.SENT
    make_true(story)
    with pytest.raises(Refused, match=why):
        resent(cast, story)


@pytest.mark.parametrize("rule", ["alert switched off", "alert deleted", "another contact", "another fixed address"])
def test_staff_may_send_by_hand_what_the_alert_would_not(cast, clock, carrier, rule):
    audience, make_true, _why = RULES[rule]
    story = Story(cast, audience)
    write(story, clock)
    make_true(story)
    again = resent(cast, story)
    sweep()
    again.refresh_from_db()
    assert again.state == DeliveryState.SENT


def test_what_is_lifted_before_it_is_sent_does_not_count(cast, clock, carrier):
    story = Story(cast, Audience.SITE_CONTACT)
    carrier.failures = 1
    write(story, clock)
    stop = stop_messages(story.address, job=None)
    lift_stop(stop, by=cast.dana)
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    assert carrier.sent == [story.address]


# --- mails about one's own account


@pytest.mark.parametrize("ask", [send_password_reset, tell_sign_in_is_paused])
@pytest.mark.parametrize("keep_out", [suspend_portal_user, remove_portal_user])
def test_who_was_kept_out_meanwhile_gets_no_mail_that_leads_in(cast, clock, carrier, ask, keep_out):
    ask("cora@example.com")
    carrier.failures = 9
    sweep()
    keep_out(cast.cora, by=cast.dana)
    carrier.failures = 0
    clock.shift(BACKOFF[0] + timedelta(seconds=1))
    sweep()
    mail = Delivery.objects.get(audience=Audience.OWNER)
    assert mail.state == DeliveryState.FAILED and mail.why and not carrier.sent


# --- what it costs


def test_asking_costs_the_same_with_2_and_with_40_people_linked(cast, clock, carrier):
    story = Story(cast, Audience.PORTAL_USER)

    def queries():
        Delivery.objects.filter(pk=story.message.pk).update(state=DeliveryState.QUEUED, next_attempt_at=timezone.now())
        with CaptureQueriesContext(connection) as captured:
            assert deliver([story.message.pk]) == 1
        return len(captured)

    write(story, clock)
    few = queries()
    for _person in range(38):
        make_portal_user("", cast.acme)
    assert queries() == few < 30
