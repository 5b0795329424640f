"""Quiet hours are asked when a message is written, and at each attempt to send it."""

from __future__ import annotations

import pytest

from alerts.choices import DeliveryState
from alerts.models import Alert, Delivery
from alerts.services import resend, send_test, sweep
from business.models import PortalSettings
from tests.alerts.evening import night
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

QUIET = {"quiet_from": "22:00", "quiet_until": "07:00"}


@pytest.fixture
def quiet(cast, clock, carrier):
    alert = make_alert(**QUIET)
    clock.move_to(night(21, 58))
    (message,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    return alert, message


def test_a_message_that_failed_at_21_58_goes_out_when_quiet_hours_end(quiet, clock, carrier):
    _alert, message = quiet
    carrier.failures = 2
    sweep()
    clock.move_to(night(21, 59, second=1))
    sweep()
    message.refresh_from_db()
    # The third attempt would be at 22:04.
    assert message.next_attempt_at == night(7, 0, day=4)
    assert message.why == "busy Waits until the quiet hours are over."
    for moment in (night(22, 10), night(3, 25, day=4), night(6, 59, day=4)):
        clock.move_to(moment)
        sweep()
        assert not carrier.sent
    clock.move_to(night(7, 0, day=4, second=1))
    sweep()
    assert carrier.sent == ["site@acme.example"]


@pytest.mark.parametrize("late", [night(22, 0), night(3, 25, day=4)])
def test_a_message_that_nobody_came_to_send_waits_too_and_it_counts_as_no_attempt(quiet, clock, carrier, late):
    _alert, message = quiet
    clock.move_to(late)
    sweep()
    message.refresh_from_db()
    assert (message.state, message.tries, message.claim) == (DeliveryState.QUEUED, 0, None)
    assert message.next_attempt_at == night(7, 0, day=4)
    assert message.why == "Waits until the quiet hours are over." and not carrier.sent


def test_quiet_hours_that_were_set_meanwhile_count(quiet, clock, carrier):
    alert, message = quiet
    Alert.objects.filter(pk=alert.pk).update(quiet_from="21:00")
    sweep()
    message.refresh_from_db()
    assert message.state == DeliveryState.QUEUED and not carrier.sent


def test_quiet_hours_by_day_are_hours_too(cast, clock, carrier):
    make_alert(quiet_from="12:00", quiet_until="14:00")
    clock.move_to(night(11, 59))
    announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    carrier.failures = 1
    sweep()
    clock.move_to(night(13, 0))
    sweep()
    assert not carrier.sent
    clock.move_to(night(14, 0, second=1))
    sweep()
    assert carrier.sent == ["site@acme.example"]


def test_a_message_sent_again_by_hand_waits_like_the_first(quiet, cast, clock, carrier):
    _alert, message = quiet
    sweep()
    clock.move_to(night(23, 0))
    again = resend(Delivery.objects.get(pk=message.pk), by=cast.dana)
    sweep()
    assert len(carrier.sent) == 1
    assert Delivery.objects.get(pk=again.pk).next_attempt_at == night(7, 0, day=4)


def test_a_trial_goes_to_whoever_asks_at_any_hour(quiet, cast, clock, carrier):
    from alerts.sources import source_for

    alert, message = quiet
    clock.move_to(night(23, 0))
    facts = source_for(alert.event).sample_facts(alert.event, message.about, cast.olivia, PortalSettings.load())
    send_test(alert, facts, by=cast.olivia)
    sweep()
    assert carrier.sent == ["olivia@harbour.example"]
