from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from alerts.choices import Audience, DeliveryState, JobAlertWhen
from alerts.job_alerts import MOST, set_job_alert, stop_job_alert
from alerts.models import Delivery, JobAlert
from alerts.services import preview_job_alerts, stop_messages
from console.errors import Refused
from jobs.choices import EventKind
from jobs.services import complete_job, schedule_job, start_job
from permissions.models import PermissionOverride
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana)


def cora_asks(cast, job, *when, emails=("foreman@site.example",), **more):
    return set_job_alert(job, by=cast.cora.user, when=when or ("started",), emails=emails, **more)


def told(job):
    return [(one.kind, one.recipient) for one in announced(job) if one.state == DeliveryState.QUEUED]


def test_the_address_she_gave_is_told_when_she_asked_for_it(cast, job):
    cora_asks(cast, job, "scheduled", "completed")
    job = schedule_job(job, by=cast.dana, start=timezone.now())
    job = complete_job(start_job(job, by=cast.dana), by=cast.dana)
    assert told(job) == [
        (EventKind.SCHEDULED, "foreman@site.example"),
        (EventKind.COMPLETED, "foreman@site.example"),
    ]
    assert Delivery.objects.first().audience == Audience.REQUESTED


def test_another_job_of_the_customer_tells_nobody(cast, job):
    cora_asks(cast, job)
    assert told(start_job(make_job(cast.acme, cast.exchange, by=cast.dana), by=cast.dana)) == []


def test_whom_the_office_tells_already_is_told_once(cast, job):
    make_alert(EventKind.STARTED)
    cora_asks(cast, job, emails=["Site@acme.example"])
    assert told(start_job(job, by=cast.dana)) == [(EventKind.STARTED, "site@acme.example")]


def test_setting_it_again_replaces_it(cast, job):
    cora_asks(cast, job, "started")
    (alert,) = cora_asks(cast, job, "completed")
    assert JobAlert.objects.count() == 1 and alert.when == [JobAlertWhen.COMPLETED]
    assert alert.history.first().history_user == cast.cora.user


def test_she_stops_it(cast, job):
    (alert,) = cora_asks(cast, job)
    stop_job_alert(alert, by=cast.cora.user)
    assert told(start_job(job, by=cast.dana)) == []


def test_who_got_it_stops_it_by_the_link_in_the_message(cast, job):
    cora_asks(cast, job)
    stop_messages("foreman@site.example", job=job)
    assert told(start_job(job, by=cast.dana)) == []


def test_it_ends_with_her_right_to_it(cast, job):
    cora_asks(cast, job)
    PermissionOverride.objects.create(
        portal_user=cast.cora, permission="set_alerts", effect=PermissionOverride.Effect.DENY
    )
    assert told(start_job(job, by=cast.dana)) == []


def test_carl_who_is_not_linked_has_nothing_sent(cast, job):
    set_job_alert(job, by=cast.carl.user, when=["started"], emails=["carl@example.com"])
    assert told(start_job(job, by=cast.dana)) == []


def test_a_guest_sets_one_as_far_as_the_defaults_allow(cast, job, portal):
    set_job_alert(job, by=None, when=["started"], emails=["gita@example.com"])
    assert told(start_job(job, by=cast.dana)) == [(EventKind.STARTED, "gita@example.com")]
    portal.default_permissions = {**portal.default_permissions, "set_alerts": False}
    portal.save()
    assert told(complete_job(job, by=cast.dana)) == [(EventKind.STARTED, "gita@example.com")], "no second one"


@pytest.mark.parametrize("setting", ["job_alerts_enabled", "alert_on_started"])
def test_what_the_business_switched_off_is_not_sent(cast, job, portal, setting):
    cora_asks(cast, job)
    setattr(portal, setting, False)
    portal.save()
    assert told(start_job(job, by=cast.dana)) == []


def test_what_the_business_does_not_offer_cannot_be_asked_for(cast, job, portal):
    portal.alert_on_started = False
    portal.save()
    with pytest.raises(ValidationError, match="Choose when"):
        cora_asks(cast, job, "started")
    portal.job_alerts_enabled = False
    portal.save()
    with pytest.raises(Refused):
        cora_asks(cast, job, "completed")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"emails": ["nobody"]}, "emails"),
        ({"emails": []}, "emails"),
        ({"emails": [], "mobiles": ["0171 5550123"]}, "mobiles"),
    ],
)
def test_a_wrong_address_is_named(cast, job, facts, field):
    with pytest.raises(ValidationError) as problem:
        cora_asks(cast, job, **facts)
    assert field in problem.value.message_dict and not JobAlert.objects.exists()


def test_a_mobile_gets_a_text_where_texts_are_on(cast, job, portal):
    portal.sms_enabled = True
    portal.save()
    cora_asks(cast, job, emails=[], mobiles=["0171 5550123"])
    assert told(start_job(job, by=cast.dana)) == [(EventKind.STARTED, "+491715550123")]


def test_she_cannot_write_to_a_town(cast, job):
    cora_asks(cast, job, emails=[f"p{n}@site.example" for n in range(MOST)])
    with pytest.raises(Refused):
        cora_asks(cast, job, emails=["one.more@site.example"])
    assert JobAlert.objects.count() == MOST


def test_a_job_that_is_over_takes_none(cast, job):
    job = complete_job(job, by=cast.dana)
    with pytest.raises(Refused):
        cora_asks(cast, job)


def test_she_sees_beforehand_what_it_will_say(cast, job, portal):
    words = preview_job_alerts(job, [JobAlertWhen.STARTED], portal, shows_worker=True)[JobAlertWhen.STARTED]
    assert job.number in words.message and words.subject and words.sms


def test_a_start_nobody_knows_yet_is_no_promise(cast, portal):
    unplanned = make_job(cast.acme, cast.exchange)
    said = preview_job_alerts(unplanned, [JobAlertWhen.SCHEDULED], portal, shows_worker=True)
    assert "is planned for …" in said[JobAlertWhen.SCHEDULED].subject


def test_the_subject_she_gave_stands_over_the_mail_as_she_wrote_it(cast, job):
    cora_asks(cast, job, subject="  Skip for\n{job_number}  ")
    announced(start_job(job, by=cast.dana))
    assert Delivery.objects.get().subject == "Skip for {job_number}", "on one line, and no token of hers is filled"


@pytest.mark.parametrize("subject", ["Look: https://bad.example", "www.bad.example", "bad.example/x", "x" * 101])
def test_a_subject_is_short_and_leads_nowhere(cast, job, subject):
    with pytest.raises(ValidationError) as problem:
        cora_asks(cast, job, subject=subject)
    assert "subject" in problem.value.message_dict and not JobAlert.objects.exists()


def test_every_fault_is_said_at_once(cast, job):
    with pytest.raises(ValidationError) as problem:
        set_job_alert(job, by=cast.cora.user, when=[], emails=["nobody"], subject="www.bad.example")
    assert set(problem.value.message_dict) == {"when", "emails", "subject"}
