"""What happens to portal users is told as what happens to jobs: by alerts, with filters, tokens and a preview."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.choices import AccountEventKind
from accounts.models import AccountEvent, CustomerLink, Label
from accounts.services import use_invitation
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import Delivery
from alerts.services import announce, sweep
from console.roles import Role, give_role
from jobs.choices import EventKind
from permissions.models import CustomerGrant
from permissions.services import invite_portal_user, reactivate_portal_user, remove_portal_user, suspend_portal_user
from tests.alerts.makers import make_alert
from tests.factories import make_job, make_portal_user, make_user

ENDED, INVITED, OPENED = AccountEventKind.ACCESS_ENDED, AccountEventKind.INVITED, AccountEventKind.ACCESS_OPENED
OFFICE = {"to_site_contact": False, "by_email": False, "to_office": True}


def told(kind):
    """Announces everything; the messages that alerts about that kind have made."""
    announce(list(AccountEvent.objects.filter(announced_at=None).values_list("pk", flat=True)), AccountEvent)
    return list(Delivery.objects.filter(kind=kind).exclude(audience=Audience.OWNER).order_by("recipient"))


def invite(cast, email="nina@acme.example", **facts):
    facts = {"name": "Nina Roth", "customers": [cast.acme], "by": cast.dana} | facts
    return invite_portal_user(email=email, **facts).person


def test_the_office_hears_of_an_invitation_and_nell_does_not(cast):
    make_alert(INVITED, **OFFICE)
    person = invite(cast)
    notices = told(INVITED)
    assert {"dana@harbour.example", "olivia@harbour.example"} <= {one.recipient for one in notices}
    assert "nell@harbour.example" not in {one.recipient for one in notices}
    (notice,) = [one for one in notices if one.recipient == "dana@harbour.example"]
    assert (notice.subject, notice.channel) == ("Nina Roth is invited to the portal", Channel.CONSOLE)
    assert "nina@acme.example" in notice.body
    assert "Acme Builders" in notice.body
    assert (notice.portal_user, notice.about, notice.job) == (person, "Nina Roth", None)


@pytest.mark.parametrize("does", [suspend_portal_user, remove_portal_user])
def test_who_loses_access_is_told_of_with_the_customers_they_had(cast, does):
    make_alert(ENDED, **OFFICE, customers=[cast.birch])
    does(cast.colm, by=cast.dana, reason="Left Acme")
    assert told(ENDED) == [], "Colm acts for Acme alone"
    does(cast.cora, by=cast.dana, reason="Left the firm")
    notice = told(ENDED)[0]
    assert "Reason: Left the firm" in notice.body
    assert "Acted for: Acme Builders, Birch Hotel" in notice.body


def test_who_comes_by_an_invitation_and_who_is_let_in_again_have_access(cast):
    make_alert(OPENED, **OFFICE)
    use_invitation(invite(cast).user.invitations.get(), password="long enough 1")
    suspend_portal_user(cast.cora, by=cast.dana)
    reactivate_portal_user(cast.cora, by=cast.dana)
    assert {one.about for one in told(OPENED)} == {"Nina Roth", str(cast.cora)}


def test_the_person_herself_can_be_told_and_nobody_else_of_the_customer(cast):
    make_alert(ENDED, to_site_contact=False, to_portal_users=True)
    suspend_portal_user(cast.colm, by=cast.dana)
    assert [(one.recipient, one.state) for one in told(ENDED)] == [("colm@example.com", DeliveryState.QUEUED)]


def test_labels_of_the_customers_narrow_it(cast):
    label = Label.objects.create(name="builders")
    cast.acme.labels.add(label)
    make_alert(INVITED, **OFFICE, labels=[label])
    invite(cast, customers=[cast.cedar])
    assert told(INVITED) == []
    invite(cast, "ned@acme.example")
    assert told(INVITED)


def test_staff_limited_to_acme_hear_of_nobody_at_cedar_and_see_no_message_about_them(cast, sign_in):
    nora = make_user("nora@harbour.example", is_staff=True, only_granted_customers=True)
    give_role(nora, Role.DISPATCHER, by=None)
    CustomerGrant.objects.assign_perm("view_customer", nora, cast.acme)
    make_alert(INVITED, **OFFICE)
    visible, foreign = invite(cast), invite(cast, "cid@cedar.example", name="Cid", customers=[cast.cedar])
    # What is told of somebody names all their customers.
    invite(cast, "both@acme.example", name="Bob Both", customers=[cast.acme, cast.cedar])
    assert [one.portal_user for one in told(INVITED) if one.recipient == nora.email] == [visible]
    seen = Delivery.objects.visible_to(nora)
    assert {one.portal_user for one in seen} == {visible}
    client = sign_in(nora)
    page = client.get(reverse("admin:alerts_delivery_changelist")).content.decode()
    assert "Nina Roth" in page
    assert "Cid" not in page
    assert "Bob Both" not in page
    beyond = Delivery.objects.filter(portal_user=foreign).first()
    assert client.get(reverse("admin:alerts_delivery_change", args=[beyond.pk])).status_code in (302, 404)


def test_what_was_told_of_a_person_before_stays_with_the_customers_of_that_time(cast):
    nora = make_user("nora@harbour.example", is_staff=True, only_granted_customers=True)
    give_role(nora, Role.DISPATCHER, by=None)
    CustomerGrant.objects.assign_perm("change_customer", nora, cast.acme)
    make_alert(INVITED, **OFFICE)
    make_alert(ENDED, **OFFICE)
    person = invite(cast, customers=[cast.acme, cast.cedar])
    told(INVITED)
    CustomerLink.objects.get(portal_user=person, customer=cast.cedar).delete()
    assert any("Cedar School" in one.body for one in Delivery.objects.all())
    assert not Delivery.objects.visible_to(nora).exists()
    gone = invite(cast, "cid@cedar.example", name="Cid", customers=[cast.cedar])
    remove_portal_user(gone, by=cast.dana)
    told(ENDED)
    invite(cast, "cid@cedar.example", name="Cid", customers=[cast.acme])
    gone.refresh_from_db()
    assert {link.customer for link in gone.links.all()} == {cast.acme}
    assert not Delivery.objects.visible_to(nora).filter(about="Cid", body__contains="Cedar").exists()


def test_messages_about_somebody_whose_record_is_gone_are_for_those_who_see_everybody(cast):
    nora = make_user("nora@harbour.example", is_staff=True, only_granted_customers=True)
    give_role(nora, Role.DISPATCHER, by=None)
    CustomerGrant.objects.assign_perm("change_customer", nora, cast.acme)
    make_alert(INVITED, **OFFICE)
    person = invite(cast, "cid@cedar.example", name="Cid", customers=[cast.cedar])
    told(INVITED)
    person.delete()
    assert Delivery.objects.visible_to(cast.olivia).filter(about="Cid").exists()
    assert not Delivery.objects.visible_to(nora).exists()
    support = make_user("ina@harbour.example", is_staff=True)
    support.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    assert not Delivery.objects.visible_to(support).exists()


def test_a_token_of_jobs_is_refused_for_a_portal_user(cast):
    with pytest.raises(ValidationError, match="not known when this happens"):
        make_alert(INVITED, **OFFICE, message="{job_number}")
    with pytest.raises(ValidationError, match="not known when this happens"):
        make_alert(EventKind.CREATED, message="{person_name}")


def test_the_preview_shows_the_words_about_a_portal_user_one_may_see(cast, sign_in):
    alert = make_alert(INVITED, **OFFICE)
    client = sign_in(cast.olivia)
    page = client.get(reverse("admin:alerts_alert_change", args=[alert.pk])).content.decode()
    assert 'data-preview-source="accounts.accountevent"' in page
    words = {"event": INVITED, "about": str(cast.cora.pk), "subject": "{person_name}", "message": "{customer_name}"}
    answer = client.post(reverse("admin:alerts_alert_preview"), words).content.decode()
    assert str(cast.cora) in answer
    assert "Acme Builders, Birch Hotel" in answer
    for about in ("999999", "x", ""):
        answer = client.post(reverse("admin:alerts_alert_preview"), words | {"about": about}).content.decode()
        assert "nothing yet to try it on" in answer


def test_a_test_to_oneself_is_about_a_portal_user(cast, sign_in):
    alert = make_alert(INVITED, **OFFICE)
    client = sign_in(cast.olivia)
    url = reverse("admin:alerts_alert_test_to_me", args=[alert.pk])
    assert str(cast.cora) in client.get(url).content.decode()
    client.post(url, {"about": str(cast.cora.pk), "_form_submitted": "1"})
    test = Delivery.objects.get(is_test=True)
    assert (test.recipient, test.portal_user, test.kind) == (cast.olivia.email, cast.cora, INVITED)
    assert str(cast.cora) in test.subject


def test_the_sweep_announces_both_tables_once(cast):
    make_alert(INVITED, **OFFICE)
    make_alert()
    invite(cast)
    make_job(cast.acme, cast.exchange, by=cast.dana)
    sweep()
    made = Delivery.objects.count()
    sweep()
    assert Delivery.objects.count() == made
    assert {one.kind for one in Delivery.objects.all()} == {INVITED, EventKind.CREATED}


def test_its_queries_do_not_grow_with_the_number_of_people(cast):
    make_alert(INVITED, **(OFFICE | {"to_billing_contact": True, "to_portal_users": True, "by_email": True}))

    def queries(count, of):
        for n in range(count):
            invite(cast, f"{of}{n}@acme.example", name=f"{of} {n}")
        ids = list(AccountEvent.objects.filter(announced_at=None).values_list("pk", flat=True))
        with CaptureQueriesContext(connection) as caught:
            assert len(announce(ids, AccountEvent)) >= count
        return len([query for query in caught if not query["sql"].startswith("INSERT")])

    assert queries(2, "few") == queries(20, "many")


def test_a_job_and_an_account_event_of_the_same_number_are_two_messages(cast):
    alert = make_alert(emails="a@b.example", to_site_contact=False)
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    event = job.events.first()
    announce([event.pk])
    alert.event, alert.subject, alert.message = INVITED, "{person_name}", "{person_name}"
    alert.save()
    person = make_portal_user("same@acme.example", cast.acme)
    AccountEvent.objects.create(pk=event.pk, account=person.user, kind=INVITED, data={})
    announce([event.pk], AccountEvent)
    assert Delivery.objects.filter(event_id=event.pk, recipient="a@b.example").count() == 2
