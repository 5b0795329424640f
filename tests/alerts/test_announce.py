from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, Label
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import Delivery
from alerts.services import announce, stop_messages, words_to_send
from audit.act import Source
from console.roles import Role, give_role
from jobs.choices import EventKind
from jobs.models import JobEvent
from jobs.services import NewJob, assign_worker, create_job, create_jobs, revoke_portal_link
from permissions.models import CustomerGrant, PermissionOverride
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job, make_user


def told(job):
    return {(one.channel, one.recipient) for one in announced(job) if one.state == DeliveryState.QUEUED}


def test_the_site_contact_gets_the_portal_link(cast):
    make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    (delivery,) = announced(job)
    assert (delivery.recipient, delivery.audience) == ("site@acme.example", Audience.SITE_CONTACT)
    assert job.portal_links.get().url in words_to_send(delivery)[1]
    assert delivery.subject == f"Skip exchange: we have your request {job.number}"


def test_an_event_is_announced_once(cast):
    make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    ids = list(job.events.values_list("pk", flat=True))
    assert len(announce(ids)) == 1
    assert announce(ids) == []
    assert Delivery.objects.count() == 1


def test_an_event_nobody_cares_for_is_ticked_off_all_the_same(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert announced(job) == []
    assert not JobEvent.objects.unannounced().exists()


def test_an_alert_that_is_off_tells_nobody(cast):
    make_alert(is_active=False)
    assert announced(make_job(cast.acme, cast.exchange, by=cast.dana)) == []


def test_a_quiet_import_tells_nobody(cast):
    make_alert()
    (job,) = create_jobs([NewJob(cast.acme, cast.exchange)], by=cast.ines, announce=False)
    assert announced(job) == []


def test_templates_customers_and_labels_narrow_it(cast):
    builders = Label.objects.create(name="builders")
    cast.acme.labels.add(builders)
    make_alert(templates=[cast.exchange], customers=[cast.acme, cast.birch], labels=[builders])
    assert told(make_job(cast.acme, cast.exchange, by=cast.dana))
    assert not told(make_job(cast.acme, cast.inspection, by=cast.dana))
    assert not told(make_job(cast.birch, cast.exchange, by=cast.dana)), "carries no such label"
    assert not told(make_job(cast.cedar, cast.exchange, by=cast.dana))


def test_a_label_on_the_template_counts_too(cast):
    urgent = Label.objects.create(name="urgent")
    cast.inspection.labels.add(urgent)
    make_alert(labels=[urgent])
    assert told(make_job(cast.cedar, cast.inspection, by=cast.dana))
    assert not told(make_job(cast.cedar, cast.exchange, by=cast.dana))


def test_the_source_narrows_it(cast):
    make_alert(source=Source.IMPORT)
    assert told(create_job(NewJob(cast.acme, cast.exchange), by=cast.ines, source=Source.IMPORT))
    assert not told(create_job(NewJob(cast.acme, cast.exchange), by=cast.dana, source=Source.CONSOLE))


def test_the_billing_contact_gets_it(cast):
    Contact.objects.create(customer=cast.acme, name="Bea", email="Bea@acme.example", is_billing_contact=True)
    make_alert(to_site_contact=False, to_billing_contact=True)
    assert told(make_job(cast.acme, cast.exchange, by=cast.dana)) == {(Channel.EMAIL, "bea@acme.example")}


def test_the_worker_gets_it(cast):
    cast.theo.email = "theo@harbour.example"
    cast.theo.save()
    make_alert(EventKind.ASSIGNED, to_site_contact=False, to_worker=True)
    job = assign_worker(make_job(cast.acme, cast.exchange, by=cast.dana), by=cast.dana, worker=cast.theo)
    assert told(job) == {(Channel.EMAIL, "theo@harbour.example")}


def test_linked_portal_users_who_may_see_the_job_get_it_and_carl_does_not(cast):
    make_alert(to_site_contact=False, to_portal_users=True)
    PermissionOverride.objects.create(
        portal_user=cast.colm, permission="view_jobs", effect=PermissionOverride.Effect.DENY
    )
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert told(job) == {(Channel.EMAIL, "cora@example.com")}


def test_a_portal_user_without_the_template_is_not_told(cast):
    make_alert(to_site_contact=False, to_portal_users=True)
    assert not told(make_job(cast.acme, cast.inspection, by=cast.dana))


def test_the_office_gets_a_notice_in_the_console_and_nell_does_not(cast):
    make_alert(EventKind.CREATED, to_site_contact=False, by_email=False, to_office=True)
    notices = told(make_job(cast.acme, cast.exchange, by=cast.dana))
    assert {(Channel.CONSOLE, f"{who}@harbour.example") for who in ("dana", "olivia", "sam")} <= notices
    assert (Channel.CONSOLE, "nell@harbour.example") not in notices


def test_staff_named_on_an_alert_hear_only_of_customers_granted_to_them(cast):
    narrow = make_user("nora@harbour.example", is_staff=True, only_granted_customers=True)
    give_role(narrow, Role.DISPATCHER, by=None)
    CustomerGrant.objects.assign_perm("view_customer", narrow, cast.acme)
    make_alert(to_site_contact=False, staff=[narrow, cast.nell])
    assert told(make_job(cast.acme, cast.exchange, by=cast.dana)) == {(Channel.CONSOLE, "nora@harbour.example")}
    assert not told(make_job(cast.cedar, cast.exchange, by=cast.dana))


def test_somebody_named_twice_gets_it_once(cast):
    make_alert(emails="Site@Acme.example, boss@harbour.example\nboss@harbour.example")
    assert len(announced(make_job(cast.acme, cast.exchange, by=cast.dana))) == 2


def test_two_alerts_are_two_messages(cast):
    make_alert()
    make_alert(subject="Another thing about {job_number}")
    assert len(announced(make_job(cast.acme, cast.exchange, by=cast.dana))) == 2


def test_a_job_without_an_address_says_so_on_the_ledger(cast):
    make_alert()
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Zoe"))
    assert (delivery.state, delivery.recipient) == (DeliveryState.SKIPPED, "")
    assert "no contact with an e-mail" in delivery.why


def test_a_line_without_anything_to_say_is_left_out(cast):
    make_alert(message="Start: {planned_start}\nJob {job_number}\nLink: {portal_access_url}")
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    revoke_portal_link(job.portal_links.get(), by=cast.dana)
    assert announced(job)[0].body == f"Job {job.number}"


def test_who_asked_for_no_more_is_skipped_and_the_ledger_says_why(cast):
    make_alert()
    first, second = create_jobs([NewJob(cast.acme, cast.exchange)] * 2, by=cast.dana)
    stop_messages("site@acme.example", job=first)
    assert announced(first)[0].state == DeliveryState.SKIPPED
    assert announced(second)[0].state == DeliveryState.QUEUED
    stop_messages("site@acme.example", job=None)
    (third,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    assert third.state == DeliveryState.SKIPPED and "no more" in third.why


def test_a_text_that_cannot_be_filled_fails_alone(cast, monkeypatch):
    good, bad = make_alert(), make_alert(subject="bad")
    from alerts.services import announcing

    real = announcing.words_of

    def words_of(alert, facts, *rest):
        if alert.pk == bad.pk:
            raise ValueError("broken")
        return real(alert, facts, *rest)

    monkeypatch.setattr(announcing, "words_of", words_of)
    states = {one.alert_id: one.state for one in announced(make_job(cast.acme, cast.exchange, by=cast.dana))}
    assert states == {good.pk: DeliveryState.QUEUED, bad.pk: DeliveryState.FAILED}


def test_the_ledger_outlives_the_job_and_the_alert(cast):
    alert = make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    announced(job)
    job.delete()
    alert.delete()
    delivery = Delivery.objects.get()
    assert (delivery.job, delivery.alert, delivery.about) == (None, None, "J-000001")


def test_its_queries_do_not_grow_with_the_number_of_events(cast):
    label = Label.objects.create(name="builders")
    for customer in (cast.acme, cast.birch, cast.cedar):
        customer.labels.add(label)
    make_alert(to_billing_contact=True, to_portal_users=True, labels=[label], emails="a@b.example")
    make_alert(to_site_contact=False, to_office=True)

    def queries(count):
        customers = [cast.acme, cast.birch, cast.cedar]
        jobs = create_jobs([NewJob(customers[n % 3], cast.exchange) for n in range(count)], by=cast.dana)
        ids = list(JobEvent.objects.filter(job__in=jobs).values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as caught:
            queued = announce(ids)
        assert len(queued) > count
        # SQLite takes few parameters, so that many rows are several statements there.
        return len([query for query in caught if not query["sql"].startswith("INSERT")])

    assert queries(2) == queries(40)


@pytest.mark.parametrize("text", ["{job_numbre}", "{Portal acess URL}"])
def test_an_unknown_token_is_refused_with_the_nearest_known_one(cast, text):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as problem:
        make_alert(message=f"Hello {text}")
    nearest = {"{job_numbre}": "{job_number}", "{Portal acess URL}": "{portal_access_url}"}[text]
    assert f"Did you mean {nearest}?" in problem.value.message_dict["message"][0]
