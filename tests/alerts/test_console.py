from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.choices import Channel, DeliveryState
from alerts.models import Alert, Delivery, MessageStop
from alerts.services import deliver, install_default_alerts, stop_messages, sweep
from jobs.choices import EventKind
from jobs.services import NewJob, create_jobs
from permissions.models import CustomerGrant
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

LIST, ADD, PREVIEW, LEDGER = (
    "/admin/alerts/alert/", "/admin/alerts/alert/add/", "/admin/alerts/alert/preview/", "/admin/alerts/delivery/",
)  # fmt: skip


@pytest.fixture
def delivery(cast):
    make_alert()
    (delivery,) = announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    deliver([delivery.pk])
    return Delivery.objects.get()


def page(delivery):
    return f"{LEDGER}{delivery.pk}/change/"


def click(client, record, name, **data):
    from django.urls import reverse

    model = type(record)._meta.model_name
    url = reverse(f"admin:alerts_{model}_{name}", args=[record.pk])
    return client.post(url, {"_form_submitted": "on", **data}, follow=True)


FORM = {
    "name": "Ours", "event": EventKind.STARTED, "is_active": "on", "to_site_contact": "on", "by_email": "on",
    "subject": "We are on it", "message": "Hello {contact_name}",
}  # fmt: skip


def test_olivia_writes_an_alert_and_history_has_her_name(cast, sign_in):
    response = sign_in(cast.olivia).post(ADD, FORM, follow=True)
    assert response.status_code == 200
    alert = Alert.objects.get()
    assert alert.history.get().history_user == cast.olivia


def test_an_unknown_token_is_shown_at_its_field_and_nothing_is_lost(cast, sign_in):
    response = sign_in(cast.olivia).post(ADD, FORM | {"message": "Hello {contact_nmae}"})
    html = response.content.decode()
    assert "Did you mean {contact_name}?" in html and "Hello {contact_nmae}" in html
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"emails": "nobody"}, "is not an e-mail address"),
        ({"mobiles": "12"}, "is not a telephone number"),
        ({"by_email": ""}, "Choose at least one way"),
        ({"message": ""}, "Write what the message says"),
        ({"quiet_from": "20:00"}, "Quiet hours need a beginning and an end"),
        ({"by_sms": "on"}, "Write what the text message says"),
    ],
)
def test_what_is_missing_is_said(cast, sign_in, facts, sentence):
    data = {key: value for key, value in (FORM | facts).items() if value}
    assert sentence in sign_in(cast.olivia).post(ADD, data).content.decode()
    assert not Alert.objects.exists()


def test_a_new_alert_starts_with_the_words_of_its_event(cast, sign_in):
    html = sign_in(cast.olivia).get(f"{ADD}?event=job.change_requested").content.decode()
    assert "{customer_name} asks about {job_number}" in html


def test_the_preview_fills_in_a_real_job_and_saves_nothing(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    data = {
        "event": EventKind.CREATED,
        "about": job.number,
        "message": "Go: {portal_access_url}",
        "sms": "{job_number}",
    }
    html = sign_in(cast.olivia).post(PREVIEW, data).content.decode()
    assert job.portal_links.get().url in html and job.number in html and "1 segment" in html
    assert not Alert.objects.exists() and not Delivery.objects.exists()


def test_the_preview_names_an_unknown_token(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    data = {"event": EventKind.CREATED, "about": job.number, "message": "{portal_url_access}"}
    assert "There is no token" in sign_in(cast.olivia).post(PREVIEW, data).content.decode()


def test_the_preview_escapes(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="<script>alert(1)</script>")
    data = {"event": EventKind.CREATED, "about": job.number, "message": "{contact_name}", "sms": "{contact_name}"}
    assert "<script" not in sign_in(cast.olivia).post(PREVIEW, data).content.decode()


def test_the_preview_is_not_asked_for_by_get_nor_by_nell(cast, sign_in):
    assert sign_in(cast.olivia).get(PREVIEW).status_code == 405
    assert sign_in(cast.nell).post(PREVIEW).status_code == 403


def test_the_preview_shows_a_narrowed_person_only_her_jobs(cast, sign_in):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    CustomerGrant.objects.assign_perm("view_customer", cast.dana, cast.acme)
    job = make_job(cast.cedar, cast.exchange, by=cast.olivia)
    data = {"event": EventKind.CREATED, "about": job.number, "message": "{customer_name}"}
    assert "Cedar" not in sign_in(cast.dana).post(PREVIEW, data).content.decode()


def test_a_test_goes_to_oneself_alone(cast, sign_in, mailoutbox):
    alert = make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    click(sign_in(cast.olivia), alert, "test_to_me", about=job.number)
    sweep()
    tests = [mail for mail in mailoutbox if mail.subject.startswith("Test: ")]
    assert [mail.to for mail in tests] == [["olivia@harbour.example"]]
    assert Delivery.objects.filter(is_test=True).get().asked_by == cast.olivia


def test_an_alert_is_switched_off(cast, sign_in):
    alert = make_alert()
    click(sign_in(cast.olivia), alert, "switch")
    assert not Alert.objects.get().is_active
    assert alert.history.first().history_user == cast.olivia


@pytest.mark.parametrize("name", ["test_to_me", "switch"])
def test_dana_reads_alerts_and_changes_none(cast, sign_in, name):
    alert = make_alert()
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    client = sign_in(cast.dana)
    assert client.get(f"{LIST}{alert.pk}/change/").status_code == 200
    assert client.post(f"{LIST}{alert.pk}/change/", FORM).status_code == 403
    assert click(client, alert, name, job=job.number).status_code == 403
    assert Alert.objects.get().name == alert.name and Alert.objects.get().is_active


def test_the_ledger_shows_the_words_as_sent_and_their_fate(cast, sign_in, delivery):
    html = sign_in(cast.sam).get(page(delivery)).content.decode()
    assert "Portal" in html and "no mail server" not in html and "Sent" in html


def test_not_sent_by_a_carrier_stands_on_the_ledger(cast, sign_in, portal):
    portal.sms_enabled = True
    portal.save()
    make_alert(by_email=False, by_sms=True)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="R", contact_phone="0171 5550123")
    deliver([one.pk for one in announced(job)])
    html = sign_in(cast.dana).get(LEDGER).content.decode()
    assert "Not sent by a carrier" in html


def test_dana_sends_a_message_again(cast, sign_in, delivery, mailoutbox):
    click(sign_in(cast.dana), delivery, "send_again")
    again = Delivery.objects.exclude(pk=delivery.pk).get()
    assert (again.resend_of, again.asked_by, again.state) == (delivery, cast.dana, DeliveryState.QUEUED)
    sweep()
    assert len(mailoutbox) == 2


def test_sam_reads_and_sends_nothing(cast, sign_in, delivery):
    assert click(sign_in(cast.sam), delivery, "send_again").status_code == 403
    assert Delivery.objects.count() == 1


def test_asking_by_get_sends_nothing(cast, sign_in, delivery):
    from django.urls import reverse

    sign_in(cast.dana).get(reverse("admin:alerts_delivery_send_again", args=[delivery.pk]))
    assert Delivery.objects.count() == 1


def test_nobody_writes_in_the_ledger(cast, sign_in, delivery):
    client = sign_in(cast.olivia)
    assert client.get(f"{LEDGER}add/").status_code == 403
    assert client.post(page(delivery), {"body": "forged"}).status_code == 403
    assert client.post(f"{LEDGER}{delivery.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Delivery.objects.get().body == delivery.body


def test_nell_and_the_portal_users_see_nothing_of_it(cast, sign_in, delivery):
    for url in (LIST, LEDGER, page(delivery), "/admin/alerts/messagestop/"):
        assert sign_in(cast.nell).get(url).status_code == 403
        for person in (cast.cora, cast.carl):
            assert sign_in(person).get(url).status_code == 302


def test_a_narrowed_dispatcher_never_sees_others_messages(cast, sign_in, delivery):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    CustomerGrant.objects.assign_perm("change_customer", cast.dana, cast.cedar)
    client = sign_in(cast.dana)
    assert "site@acme.example" not in client.get(LEDGER).content.decode()
    assert "site@acme.example" not in client.get(f"{LEDGER}?q=acme").content.decode()
    assert client.get(page(delivery)).status_code == 404
    assert click(client, delivery, "send_again").status_code == 404
    assert Delivery.objects.count() == 1


def test_a_customers_words_are_escaped_on_the_ledger(cast, sign_in):
    make_alert(message="{contact_name}", subject="{contact_name}")
    hostile = "<script>alert(1)</script>"
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name=hostile, contact_email="a@b.example")
    (delivery,) = announced(job)
    for url in (LEDGER, page(delivery)):
        assert hostile not in sign_in(cast.dana).get(url).content.decode()


def test_the_messages_of_a_job(cast, delivery):
    other = make_job(cast.birch, cast.exchange, by=cast.dana)
    announced(other)
    assert list(Delivery.objects.for_job(delivery.job)) == [delivery]


def test_a_stop_is_lifted_by_dana_and_history_has_her_name(cast, sign_in):
    stop = stop_messages("site@acme.example", job=None)
    assert "messages at all" in sign_in(cast.dana).get("/admin/alerts/messagestop/").content.decode()
    click(sign_in(cast.dana), stop, "lift")
    assert not MessageStop.objects.exists()
    assert MessageStop.history.first().history_user == cast.dana


@pytest.mark.parametrize("url", [LEDGER, LIST])
def test_a_list_costs_the_same_at_2_rows_and_at_40(cast, sign_in, url):
    make_alert()
    client = sign_in(cast.olivia)

    def queries():
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    def add(count):
        for _ in range(count):
            make_alert()
        jobs = create_jobs([NewJob(cast.acme, cast.exchange)] * count, by=cast.dana)
        for job in jobs:
            announced(job)

    add(2)
    before = queries()
    add(6)
    assert queries() == before


def test_notices_stand_on_the_ledger_as_console(cast, sign_in):
    make_alert(to_site_contact=False, by_email=False, to_office=True)
    announced(make_job(cast.acme, cast.exchange, by=cast.dana))
    sweep()
    assert Delivery.objects.filter(channel=Channel.CONSOLE, state=DeliveryState.DELIVERED).exists()


def test_an_empty_list_says_what_to_do(cast, sign_in):
    assert "nobody is told anything" in sign_in(cast.olivia).get(LIST).content.decode()


def test_the_default_alerts_open_without_a_problem(cast, sign_in):
    client = sign_in(cast.olivia)
    for alert in install_default_alerts(by=cast.olivia):
        assert client.get(f"{LIST}{alert.pk}/change/").status_code == 200


def test_an_empty_search_says_so_instead(cast, sign_in):
    html = sign_in(cast.olivia).get(f"{LIST}?q=zebra").content.decode()
    assert "Nothing fits" in html and "nobody is told anything" not in html
