"""A message of unknown fate is counted, shown, and settled by somebody: it arrived, or it is sent again, once."""

from __future__ import annotations

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.urls import reverse

from accounts.models import Invitation, User
from accounts.services import make_invitation
from alerts.channels import CHANNELS
from alerts.channels.base import Sent, Uncertain
from alerts.choices import Audience, Channel, DeliveryState
from alerts.models import Delivery
from alerts.services import deliver, resend, resend_uncertain, say_arrived, stop_messages, sweep
from console.errors import Refused
from jobs.services import cancel_job
from tests.alerts.makers import announced, make_alert
from tests.console.new_records import key_on, said
from tests.console.people import narrow
from tests.factories import make_job
from tests.jobs.test_concurrency import all_at_once

LEDGER = "/admin/alerts/delivery/"
BREAKS = "The line broke."
# SQLite lets one writer in at a time: the others wait for it, and give up after a while.
CROWD = 8 if connection.vendor == "postgresql" else 3


class Carrier:
    """Breaks the line for each message it is given, as long as the test says."""

    def __init__(self):
        self.breaks, self.sent = True, []

    def send(self, message):
        if self.breaks:
            return Uncertain(BREAKS)
        self.sent.append(message.to)
        return Sent()


@pytest.fixture
def carrier(monkeypatch):
    carrier = Carrier()
    monkeypatch.setitem(CHANNELS, Channel.EMAIL, carrier)
    return carrier


def uncertain_for(cast, customer, count=1):
    make_alert()
    rows = [announced(make_job(customer, cast.exchange, by=cast.olivia))[0] for _n in range(count)]
    deliver([row.pk for row in rows])
    return [Delivery.objects.get(pk=row.pk, state=DeliveryState.UNCERTAIN) for row in rows]


@pytest.fixture
def uncertain(cast, carrier):
    (one,) = uncertain_for(cast, cast.acme)
    return one


def page(delivery, button="change"):
    return reverse(f"admin:alerts_delivery_{button}", args=[delivery.pk])


def click(client, delivery, button, shown=None):
    """Answers the question of a button, as it was shown."""
    shown = shown or client.get(page(delivery, button))
    seen = {"seen": shown.context["form"]["seen"].value()} if "seen" in shown.context["form"].fields else {}
    return client.post(page(delivery, button), {"_form_submitted": "1", "_once": key_on(shown), **seen}, follow=True)


def select(client, action, deliveries):
    """The question about selected rows."""
    ticked = {"action": action, "index": "0", ACTION_CHECKBOX_NAME: [one.pk for one in deliveries]}
    return client.post(LEDGER, ticked)


def confirm(client, question):
    form = {**{name: value for name, value in question.context["hidden"] if name != ACTION_CHECKBOX_NAME}}
    form[ACTION_CHECKBOX_NAME] = [value for name, value in question.context["hidden"] if name == ACTION_CHECKBOX_NAME]
    return client.post(LEDGER, {**form, "_form_submitted": "1", "_once": question.context["once"]}, follow=True)


def card(client):
    cards = client.get("/admin/").context["cards"]
    return next((one for one in cards if str(one.label) == "Uncertain messages"), None)


# --- the card


def test_they_are_counted_as_the_list_behind_the_card_shows_them(cast, carrier, sign_in):
    uncertain_for(cast, cast.acme, 2)
    dana = sign_in(cast.dana)
    assert card(dana).count == 2 == len(dana.get(card(dana).link).context["cl"].result_list)
    assert card(dana).alarming


def test_a_narrowed_dispatcher_counts_those_of_her_customers(cast, carrier, sign_in):
    uncertain_for(cast, cast.acme, 2)
    uncertain_for(cast, cast.cedar)
    narrow(cast.dana, cast.cedar)
    assert card(sign_in(cast.dana)).count == 1


def test_who_may_not_read_messages_has_no_card(cast, uncertain, sign_in):
    assert card(sign_in(cast.bill)) is None


@pytest.mark.parametrize("settle", [say_arrived, resend])
def test_a_settled_one_is_counted_no_more(cast, uncertain, carrier, sign_in, settle):
    settle(uncertain, by=cast.dana)
    carrier.breaks = False
    sweep()
    assert card(sign_in(cast.dana)).count == 0


# --- it arrived


def test_who_said_that_it_arrived_is_kept(cast, uncertain, sign_in):
    answer = click(sign_in(cast.dana), uncertain, "arrived")
    uncertain.refresh_from_db()
    assert (uncertain.state, uncertain.settled_by) == (DeliveryState.DELIVERED, "Dana")
    assert uncertain.settled_at is not None and uncertain.why == BREAKS
    html = answer.content.decode()
    assert "Dana says that it arrived." in html and ", by Dana" in html
    assert page(uncertain, "arrived") not in html, "it is not asked twice"


def test_one_that_is_settled_is_not_settled_otherwise(cast, uncertain):
    say_arrived(uncertain, by=cast.dana)
    with pytest.raises(Refused, match="Dana says that it arrived"):
        say_arrived(uncertain, by=cast.olivia)
    with pytest.raises(Refused, match="Dana says that it arrived"):
        resend_uncertain(uncertain, by=cast.olivia)


def test_one_that_failed_did_not_arrive(cast, uncertain):
    Delivery.objects.update(state=DeliveryState.FAILED)
    with pytest.raises(Refused, match="“Failed”"):
        say_arrived(uncertain, by=cast.dana)


# --- sent again


def test_sent_again_it_is_settled_and_the_new_message_says_what_became_of_it(cast, uncertain, carrier, sign_in):
    carrier.breaks = False
    click(sign_in(cast.dana), uncertain, "send_again")
    sweep()
    uncertain.refresh_from_db()
    again = Delivery.objects.get(resend_of=uncertain)
    assert (uncertain.state, uncertain.reason) == (DeliveryState.SENT_AGAIN, "Dana had it sent again.")
    assert (again.state, again.asked_by, again.settled_at) == (DeliveryState.SENT, cast.dana, None)
    html = sign_in(cast.dana).get(page(uncertain)).content.decode()
    assert page(again) in html and page(uncertain, "send_again") not in html


def test_two_tabs_send_it_once(cast, uncertain, carrier, sign_in):
    client = sign_in(cast.dana)
    tabs = [client.get(page(uncertain, "send_again")) for _tab in range(2)]
    for shown in tabs:
        click(client, uncertain, "send_again", shown)
    assert Delivery.objects.filter(resend_of=uncertain).count() == 1


def test_two_people_send_one_that_failed_once(cast, uncertain, sign_in):
    """Also a message that is not uncertain: the second had not seen that it was sent again."""
    Delivery.objects.update(state=DeliveryState.FAILED)
    people = [sign_in(cast.dana), sign_in(cast.olivia)]
    questions = [client.get(page(uncertain, "send_again")) for client in people]
    answers = [click(client, uncertain, "send_again", shown) for client, shown in zip(people, questions, strict=True)]
    assert Delivery.objects.filter(resend_of=uncertain).count() == 1
    assert "was sent again meanwhile" in answers[1].content.decode()
    click(people[1], uncertain, "send_again")
    assert Delivery.objects.filter(resend_of=uncertain).count() == 2, "asked anew, it is what she wants"


def test_the_rules_of_today_are_asked(cast, uncertain):
    cancel_job(uncertain.job, by=cast.dana, reason="rain")
    with pytest.raises(Refused, match="cancelled"):
        resend_uncertain(uncertain, by=cast.dana)
    uncertain.refresh_from_db()
    assert uncertain.state == DeliveryState.UNCERTAIN


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("service", [resend_uncertain, resend, say_arrived], ids=lambda one: one.__name__)
def test_all_at_once_settle_it_once(cast, uncertain, service):
    people = [cast.dana, cast.olivia]
    # Each has read it before any of them settles it.
    reads = [Delivery.objects.get(pk=uncertain.pk) for _one in range(CROWD)]
    results = all_at_once(lambda n: service(reads[n], by=people[n % 2]), crowd=CROWD)
    assert sum(isinstance(one, Delivery) for one in results) == 1, results
    assert all(isinstance(one, Delivery | Refused) for one in results), results
    assert Delivery.objects.filter(resend_of=uncertain).count() == (service is not say_arrived)


@pytest.mark.django_db(transaction=True)
def test_the_button_pressed_all_at_once_sends_it_once(cast, uncertain, sign_in):
    Delivery.objects.update(state=DeliveryState.FAILED)
    hands = [sign_in(person) for person in (cast.dana, cast.olivia) * (CROWD // 2)]
    questions = [hand.get(page(uncertain, "send_again")) for hand in hands]
    all_at_once(lambda n: click(hands[n], uncertain, "send_again", questions[n]), crowd=len(hands))
    assert Delivery.objects.filter(resend_of=uncertain).count() == 1


# --- many


def test_many_are_sent_again_each_once_and_the_question_counts(cast, carrier, sign_in):
    rows = uncertain_for(cast, cast.acme, 3)
    say_arrived(rows[0], by=cast.olivia)
    dana = sign_in(cast.dana)
    questions = [select(dana, "send_many_again", rows) for _tab in range(2)]
    text = questions[0].context["dialog"]["description"]
    assert "2 messages are sent again" in text and "1 is not uncertain" in text
    carrier.breaks = False
    first = confirm(dana, questions[0])
    assert said(first)[0] == "2 messages are sent again." and "Olivia says that it arrived." in said(first)[1]
    second = confirm(dana, questions[1])
    assert "Dana had it sent again." in said(second)[0]
    sweep()
    assert Delivery.objects.filter(resend_of__in=rows).count() == 2 == len(carrier.sent)


def test_many_arrived(cast, carrier, sign_in):
    rows = uncertain_for(cast, cast.acme, 2)
    dana = sign_in(cast.dana)
    question = select(dana, "many_arrived", rows)
    assert question.context["dialog"]["description"].startswith("2 messages count as delivered")
    assert said(confirm(dana, question)) == ["2 messages count as delivered."]
    assert set(Delivery.objects.values_list("state", "settled_by")) == {(DeliveryState.DELIVERED, "Dana")}


def test_what_must_not_go_out_is_named_and_stays(cast, carrier, sign_in):
    rows = uncertain_for(cast, cast.acme, 2)
    cancel_job(rows[0].job, by=cast.dana, reason="rain")
    dana = sign_in(cast.dana)
    answer = confirm(dana, select(dana, "send_many_again", rows))
    assert said(answer)[0] == "1 message is sent again." and "has been cancelled since" in said(answer)[1]
    rows[0].refresh_from_db()
    assert rows[0].state == DeliveryState.UNCERTAIN


def test_a_narrowed_dispatcher_touches_those_she_works_with(cast, carrier, sign_in):
    (acme,), (birch,), (cedar,) = (uncertain_for(cast, one) for one in (cast.acme, cast.birch, cast.cedar))
    narrow(cast.dana, cast.acme)
    narrow(cast.dana, cast.birch, action="view")
    dana = sign_in(User.objects.get(pk=cast.dana.pk))
    question = select(dana, "many_arrived", [acme, birch, cedar])
    text = question.context["dialog"]["description"]
    assert text.startswith("1 message counts as delivered") and "2 concern records that were not granted" in text
    confirm(dana, question)
    assert list(Delivery.objects.filter(state=DeliveryState.DELIVERED)) == [acme]
    assert dana.get(page(cedar, "arrived")).status_code == 404
    assert dana.post(page(birch, "arrived"), {"_form_submitted": "1"}).status_code == 403
    assert Delivery.objects.get(pk=birch.pk).state == DeliveryState.UNCERTAIN


@pytest.mark.parametrize("button", ["arrived", "send_again"])
def test_whoever_lacks_the_right_settles_nothing(cast, uncertain, sign_in, button):
    assert sign_in(cast.sam).get(page(uncertain, button)).status_code == 403
    assert sign_in(cast.nell).get(page(uncertain, button)).status_code == 404
    for person in (cast.cora, cast.carl):
        assert sign_in(person).get(page(uncertain, button)).status_code == 302
    select(sign_in(cast.sam), {"arrived": "many_arrived", "send_again": "send_many_again"}[button], [uncertain])
    dana = sign_in(cast.dana)
    assert dana.get(page(uncertain, button)).status_code == 200
    assert Delivery.objects.get().state == DeliveryState.UNCERTAIN, "nothing is written on GET"


# --- invitations


@pytest.fixture
def invitation(cast, carrier):
    cast.colm.state = "invited"
    cast.colm.save()
    invitation = make_invitation(cast.colm.user, by=cast.dana)
    sweep()
    invitation.refresh_from_db()
    assert invitation.mail_state == Invitation.MailState.UNCERTAIN
    return invitation


def test_an_invitation_that_arrived_says_so(cast, invitation, sign_in):
    say_arrived(Delivery.objects.get(audience=Audience.OWNER), by=cast.dana)
    invitation.refresh_from_db()
    assert (invitation.mail_state, invitation.mail_error) == (Invitation.MailState.SENT, "")
    html = sign_in(cast.dana).get(reverse("admin:accounts_portaluser_change", args=[cast.colm.pk])).content.decode()
    assert "may not have gone out" not in html


def test_an_invitation_sent_again_waits_and_is_sent(cast, invitation, carrier):
    carrier.breaks = False
    resend_uncertain(Delivery.objects.get(audience=Audience.OWNER), by=cast.dana)
    invitation.refresh_from_db()
    assert (invitation.mail_state, invitation.mail_error) == (Invitation.MailState.WAITING, "")
    sweep()
    invitation.refresh_from_db()
    assert invitation.mail_state == Invitation.MailState.SENT


def test_an_address_that_asked_for_no_more_gets_no_more(cast, uncertain):
    stop_messages(uncertain.recipient, job=None)
    with pytest.raises(Refused, match="no more messages"):
        resend_uncertain(uncertain, by=cast.dana)
