from __future__ import annotations

from alerts.models import Alert
from alerts.services import install_default_alerts
from jobs.choices import EventKind
from jobs.services import ask_for_change, cancel_job, complete_job, schedule_job, start_job
from tests.alerts.makers import announced
from tests.factories import make_job


def test_a_new_business_tells_its_customers_what_happens(cast):
    from django.utils import timezone

    install_default_alerts(by=cast.olivia)
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    ask_for_change(job, by=cast.cora.user, kind="change", reason="Gate code 12")
    job = schedule_job(job, by=cast.dana, start=timezone.now())
    job = complete_job(start_job(job, by=cast.dana), by=cast.dana)
    kinds = [one.kind for one in announced(job) if one.recipient == "site@acme.example"]
    assert kinds == [EventKind.CREATED, EventKind.SCHEDULED, EventKind.STARTED, EventKind.COMPLETED]
    assert "Gate code 12" in job.deliveries.filter(kind=EventKind.CHANGE_REQUESTED).first().body


def test_a_cancellation_names_its_reason(cast):
    install_default_alerts(by=cast.olivia)
    job = cancel_job(make_job(cast.acme, cast.exchange, by=cast.dana), by=cast.dana, reason="Truck broke down")
    assert "Truck broke down" in announced(job)[-1].body


def test_installing_them_again_changes_nothing(cast):
    made = install_default_alerts(by=cast.olivia)
    Alert.objects.update(subject="ours")
    assert install_default_alerts(by=cast.olivia) == []
    assert set(Alert.objects.values_list("subject", flat=True)) == {"ours"} and Alert.objects.count() == len(made)


def test_history_says_who_installed_them(cast):
    alert = install_default_alerts(by=cast.olivia)[0]
    assert alert.history.first().history_user == cast.olivia
