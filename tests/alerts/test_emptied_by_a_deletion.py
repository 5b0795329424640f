"""An alert whose filter loses its last entry to a deletion is switched off: it was never meant for all jobs."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Customer, Label
from accounts.services.customer_sheets import CustomerSheet, create_customers, delete_customers
from accounts.services.customers import delete_customer
from alerts.models import Alert
from alerts.services import switch_alert
from audit import changelog
from audit.act import acting
from audit.reader import UNLIMITED
from audit.removal import delete_many
from permissions.services import grant
from permissions.services.merging import merge_customers
from templates_app.models import JobTemplate
from templates_app.services import delete_template
from tests.alerts.makers import make_alert
from tests.factories import make_customer, make_template

WHY = "Switched off: a deletion left nothing in “%s”, and an empty field means all."


def label():
    return Label.objects.create(name="VIP")


def customer():
    return make_customer("Lone")


def template():
    return make_template("Rare")


def record_itself(record, cast):
    record.delete()


def a_queryset(record, cast):
    type(record).objects.filter(pk=record.pk).delete()


def a_set(record, cast):
    delete_many(type(record), [record.pk])


def its_service(record, cast):
    match record:
        case Customer():
            delete_customer(record, by=cast.olivia)
        case JobTemplate():
            delete_template(record, by=cast.olivia)
        case _:
            record.delete()


def undo_of_an_import(record, cast):
    if isinstance(record, Customer):
        delete_customers([record], by=cast.olivia)
    else:
        record.delete()


SOURCES = [record_itself, a_queryset, a_set, its_service, undo_of_an_import]


@pytest.mark.parametrize("delete", SOURCES)
@pytest.mark.parametrize(("name", "make"), [("labels", label), ("customers", customer), ("templates", template)])
def test_it_is_off_and_its_history_says_why(cast, name, make, delete):
    record = make()
    alert, other = make_alert(**{name: [record]}), make_alert(**{name: [record, make_another(record)]})
    with acting(by=cast.dana):
        delete(record, cast)
    alert.refresh_from_db()
    other.refresh_from_db()
    assert not alert.is_active and other.is_active
    entry = changelog.entries_of(alert, UNLIMITED)[0]
    assert entry.actor in ("Dana", "Olivia") and entry.reason == WHY % name
    assert {change.label for change in entry.changes} == {"Active", name.capitalize()}
    assert not other.history.first().history_change_reason


def make_another(record):
    if isinstance(record, Label):
        return Label.objects.create(name="North")
    return make_customer("Second") if isinstance(record, Customer) else make_template("Second")


def test_two_that_go_together_are_its_last(cast):
    labels = [Label.objects.create(name=name) for name in ("VIP", "North")]
    alert = make_alert(labels=labels)
    Label.objects.all().delete()
    alert.refresh_from_db()
    assert not alert.is_active


def test_the_reason_of_the_act_stands_before_it(cast):
    vip = label()
    alert = make_alert(labels=[vip])
    with acting(by=cast.dana, reason="Undo of import no. 5"):
        vip.delete()
    assert alert.history.first().history_change_reason == f"Undo of import no. 5. {WHY % 'labels'}"


def test_one_that_was_off_gets_no_reason(cast):
    vip = label()
    alert = make_alert(labels=[vip], is_active=False)
    vip.delete()
    assert not alert.history.first().history_change_reason


def test_nobody_is_told_what_was_not_meant_for_them(cast):
    from tests.alerts.makers import announced
    from tests.factories import make_job

    vip = label()
    make_alert(labels=[vip])
    vip.delete()
    assert not announced(make_job(cast.cedar, cast.exchange, by=cast.dana))


def test_whoever_empties_it_by_hand_means_all(cast):
    alert = make_alert(labels=[label()])
    alert.labels.clear()
    alert.refresh_from_db()
    assert alert.is_active


def test_taking_the_deletion_back_switches_it_on_again(cast, sign_in):
    vip = label()
    alert, key = make_alert(labels=[vip]), vip.pk
    with acting(by=cast.dana) as act:
        vip.delete()
    assert sign_in(cast.olivia).post(reverse("admin:take_back", args=[act.request_id])).status_code == 302
    alert.refresh_from_db()
    assert alert.is_active and [one.pk for one in alert.labels.all()] == [key]


def test_what_an_alert_names_is_not_taken_away_by_a_take_back(cast, sign_in):
    with acting(by=cast.dana) as act:
        vip = label()
    alert = make_alert(labels=[vip])
    answer = sign_in(cast.olivia).post(reverse("admin:take_back", args=[act.request_id]))
    assert answer.status_code == 200 and alert.name in answer.content.decode()
    assert Label.objects.filter(pk=vip.pk).exists()


def test_a_merge_keeps_it_for_the_customer_that_stays_and_can_be_taken_back(cast, sign_in):
    lone = make_customer("Lone")
    alert = make_alert(customers=[lone])
    with acting(by=cast.olivia) as act:
        merge_customers(cast.acme, lone, by=cast.olivia)
    alert.refresh_from_db()
    assert alert.is_active and list(alert.customers.all()) == [cast.acme]
    assert sign_in(cast.olivia).post(reverse("admin:take_back", args=[act.request_id])).status_code == 302
    assert [one.name for one in alert.customers.all()] == ["Lone"]


def test_the_undo_of_an_import_that_made_the_customer(cast):
    (made,) = create_customers([CustomerSheet(fields={"name": "From a file"})], by=cast.olivia)
    alert = make_alert(customers=[made])
    delete_customers([made], by=cast.olivia)
    alert.refresh_from_db()
    assert not alert.is_active


def question(client, record):
    meta = record._meta
    return client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[record.pk])).content.decode()


def test_the_question_names_the_alert(cast, sign_in):
    vip = label()
    alert = make_alert(labels=[vip], name="VIP starts")
    make_alert(labels=[vip, Label.objects.create(name="North")], name="Not this one")
    make_alert(labels=[vip], name="Nor one that is off", is_active=False)
    page = question(sign_in(cast.olivia), vip)
    assert f"Alert: {alert} – is switched off, as nothing else is left in “labels”" in page
    assert "Not this one" not in page and "Nor one that is off" not in page


def test_somebody_who_may_not_see_the_alert_is_told_that_there_is_more(cast, sign_in):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    cast.dana.user_permissions.add(*Permission.objects.filter(codename__in=("view_label", "delete_label")))
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    vip = label()
    make_alert(labels=[vip], customers=[cast.cedar], name="VIP of Cedar")
    page = question(sign_in(cast.dana), vip)
    assert "VIP of Cedar" not in page and "Other records you can&#x27;t see" in page


def test_before_it_is_switched_on_again_one_reads_that_it_is_for_all(cast, sign_in):
    vip = label()
    alert = make_alert(labels=[vip])
    vip.delete()
    page = sign_in(cast.olivia).get(reverse("admin:alerts_alert_switch", args=[alert.pk])).content.decode()
    assert "It names no template, customer or label: it is for all jobs." in page
    assert switch_alert(Alert.objects.get(), to=True, by=cast.olivia).is_active
