"""Deciding after a restore: who may, what is held meanwhile, what ends, and that it counts once."""

from __future__ import annotations

import re
from datetime import timedelta

import lxml.html
import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountEvent, ApiToken, User
from accounts.models.payloads import PasswordLinkRequested
from accounts.services import make_token
from accounts.services.events import record_account_event
from alerts.models import Delivery
from alerts.services import Endings, announce, decide_messages, deliver, release, resend, sweep
from business.holding import begin_hold, move_mark, open_hold
from business.mark import read_mark
from business.models import Hold, Progress
from console.errors import Conflict, NotAllowed, Refused
from jobs.models import Job, JobEvent, JobNumber, Occurrence, PortalLink, Series
from jobs.services import create_series, delete_jobs, make_due_occurrences
from tests.alerts.makers import announced, make_alert
from tests.factories import make_job

Choice = Hold.Choice
KEY = re.compile(r'name="_once" value="([0-9a-f]{32})"')


@pytest.fixture
def held(cast, mark):
    """Three messages wait; then it turns out that the database was restored."""
    move_mark()
    make_alert()
    for _ in range(3):
        announced(make_job(cast.acme, cast.exchange))
    hold = begin_hold(Hold.Reason.RESTORED, lost_from=timezone.now() - timedelta(days=1))
    assert Delivery.objects.doubtful(hold).count() == 3
    return hold


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def send_all() -> None:
    sweep()
    deliver(list(Delivery.objects.values_list("pk", flat=True)))


def test_a_password_link_and_nothing_else_is_sent_meanwhile(cast, held):
    record_account_event(cast.cora.user, PasswordLinkRequested(""))
    make_job(cast.acme, cast.exchange)
    send_all()
    assert [one.to for one in mail.outbox] == [[cast.cora.user.email]]


def test_a_password_link_of_before_waits(cast, held):
    record_account_event(cast.cora.user, PasswordLinkRequested(""))
    AccountEvent.objects.update(at=held.lost_until - timedelta(minutes=1))
    announce(list(AccountEvent.objects.values_list("pk", flat=True)), AccountEvent)
    send_all()
    assert mail.outbox == [] and Delivery.objects.doubtful(held).count() == 4


def test_series_create_nothing_meanwhile_and_what_they_create_again_is_held(cast, held):
    facts = {"rules": [{"kind": "day", "every": 1}], "starts_on": timezone.localdate(), "create_days_ahead": 2}
    series = create_series({"name": "Daily", "customer": cast.acme, "template": cast.exchange, **facts}, by=cast.dana)
    # As the backup has it: it has created nothing yet.
    delete_jobs(list(Job.objects.filter(occurrence__series=series).values_list("pk", flat=True)), by=cast.olivia)
    Occurrence.objects.all().delete()
    Series.objects.update(settled_until=timezone.localdate() - timedelta(days=1))
    assert make_due_occurrences().jobs == 0
    release(held, Choice.HOLD, by=cast.olivia)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert make_due_occurrences().jobs == 4
        announce(list(JobEvent.objects.unannounced().values_list("pk", flat=True)))
        again = list(Delivery.objects.order_by("-pk").values_list("state", flat=True)[:4])
    assert again == ["queued", "uncertain", "uncertain", "uncertain"], "the last day the lost time did not reach"


def test_what_was_taken_and_not_handed_over_waits_again(cast, mark):
    move_mark()
    make_alert()
    (message,) = announced(make_job(cast.acme, cast.exchange))
    Delivery.objects.update(state="sending", heartbeat_at=timezone.now())
    hold = begin_hold(Hold.Reason.RESTORED)
    assert list(Delivery.objects.doubtful(hold)) == [message]


def test_held_messages_can_be_sent_by_hand(cast, held):
    release(held, Choice.HOLD, by=cast.olivia)
    send_all()
    assert states() == ["uncertain"] * 3 and mail.outbox == []
    first = Delivery.objects.order_by("pk").first()
    assert "restored" in first.why
    deliver([resend(first, by=cast.olivia).pk])
    assert len(mail.outbox) == 1


def test_sent_messages_go_out(cast, held):
    release(held, Choice.SEND, by=cast.olivia)
    send_all()
    assert states() == ["sent"] * 3 and len(mail.outbox) == 3


def test_chosen_ones_go_out_when_portico_goes_on(cast, held):
    keys = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    assert decide_messages(held, Choice.SEND, by=cast.olivia, only=keys[:1]) == 1
    assert decide_messages(held, Choice.SEND, by=cast.olivia, only=keys[:1]) == 0, "decided"
    assert decide_messages(held, Choice.HOLD, by=cast.olivia, only=keys[1:2]) == 1
    send_all()
    assert mail.outbox == []
    done = release(held, Choice.HOLD, by=cast.olivia)
    send_all()
    assert states() == ["sent", "uncertain", "uncertain"]
    assert (done.messages_sent, done.messages_held) == (1, 2)


def test_the_mark_goes_on_ahead_of_everything(cast, held, mark, django_capture_on_commit_callbacks):
    Progress.objects.update(position=0)
    with django_capture_on_commit_callbacks(execute=True):
        release(held, Choice.HOLD, by=cast.olivia)
    assert read_mark(mark).position == Progress.objects.get().position == 2
    sweep()
    assert open_hold() is None


def test_more_numbers_can_be_skipped(cast, held):
    before = JobNumber.objects.get().last
    with pytest.raises(Refused):
        release(held, Choice.HOLD, by=cast.olivia, skip=10**9)
    release(held, Choice.HOLD, by=cast.olivia, skip=50)
    assert JobNumber.objects.get().last == before + 50
    assert make_job(cast.acme, cast.exchange).number == f"J-{before + 51:06d}"


def test_what_lives_again_is_ended(cast, held, client):
    client.force_login(cast.dana)
    User.objects.update(last_login=timezone.now())
    make_token(name="Books", user=cast.dana, scopes=["jobs.read"], by=cast.olivia)
    others = User.objects.filter(is_active=True).count() - 1
    done = release(
        held, Choice.HOLD, by=cast.olivia, endings=Endings(sessions=True, tokens=True, invitations=True, links=True)
    )
    assert (done.signed_out, done.tokens_revoked, done.links_revoked) == (others, 1, 3)
    assert not ApiToken.objects.alive().exists() and not PortalLink.objects.alive().exists()
    assert client.get(reverse("admin:index")).status_code == 302, "Dana signs in again"


def test_it_is_decided_once(cast, held):
    release(held, Choice.HOLD, by=cast.olivia)
    with pytest.raises(Conflict):
        release(held, Choice.SEND, by=cast.olivia)
    with pytest.raises(Conflict):
        decide_messages(held, Choice.SEND, by=cast.olivia)


def test_it_is_in_the_history(cast, held):
    release(held, Choice.HOLD, by=cast.olivia)
    last = held.history.order_by("history_id").last()
    assert (last.actor, last.messages_held, last.rest) == ("Olivia", 3, "hold")


# --- who


def with_the_right(user: User, *more: str) -> User:
    user.user_permissions.add(*Permission.objects.filter(codename__in=["release_hold", *more]))
    return User.objects.get(pk=user.pk)


def test_who_sees_part_of_it_does_not_decide(cast, held):
    everything = ("view_delivery", "view_portaluser", "view_user")
    for user, more in ((cast.dana, ()), (cast.nell, everything)):
        if user == cast.nell:
            User.objects.filter(pk=user.pk).update(only_granted_customers=True)
        person = with_the_right(user, *more)
        with pytest.raises(NotAllowed, match="only part"):
            release(held, Choice.HOLD, by=person)
    with pytest.raises(NotAllowed, match="administrator"):
        release(held, Choice.HOLD, by=cast.sam)


@pytest.mark.parametrize("page", ["held", "held_choose"])
def test_the_pages_are_for_whoever_holds_the_right(cast, held, client, page):
    for user, status in ((cast.olivia, 200), (cast.dana, 403), (cast.sam, 403), (cast.nell, 403)):
        client.force_login(user)
        assert client.get(reverse(f"admin:{page}")).status_code == status
    client.force_login(cast.carl.user)
    assert client.get(reverse(f"admin:{page}")).status_code == 302


def test_numbers_are_those_the_reader_sees(cast, held, client):
    User.objects.filter(pk=cast.nell.pk).update(only_granted_customers=True)
    client.force_login(with_the_right(cast.nell, "view_delivery"))
    page = client.get(reverse("admin:held")).content.decode()
    assert "No message is in doubt." in page and "only part" in page and "Review" not in page


def test_who_sees_part_of_it_is_told_no_number_of_all(cast, held, client):
    release(held, Choice.HOLD, by=cast.olivia)
    begin_hold(Hold.Reason.RESTORED)
    User.objects.filter(pk=cast.nell.pk).update(only_granted_customers=True)
    closes = ("change_user", "change_apitoken", "change_portaluser", "change_portallink")
    client.force_login(with_the_right(cast.nell, "view_delivery", *closes))
    page = client.get(reverse("admin:held")).content.decode()
    assert "What was found" in page
    for words in ("portal link", "Sign out", "Messages held: 3"):
        assert words not in page, words


# --- the page


def test_every_page_says_that_it_is_held(cast, held, client):
    for user, words in ((cast.olivia, "Decide"), (cast.dana, "An administrator has to decide")):
        client.force_login(user)
        for name in ("index", "jobs_job_changelist"):
            page = client.get(reverse(f"admin:{name}")).content.decode()
            assert "held after a restore" in page and words in page


def test_it_says_in_numbers_what_it_will_do_and_counts_once(cast, held, client):
    client.force_login(cast.olivia)
    page = reverse("admin:held")
    shown = client.get(page).content.decode()
    assert "Hold these 3 messages" in shown and "Job created" in shown
    said = {"_once": KEY.search(shown)[1], "hold": held.pk, "choice": "hold", "skip": "20", "links": "1"}
    review = client.post(page, said).content.decode()
    assert "3 messages that may have been sent already are held." in review
    assert "20 more job numbers are skipped." in review and "3 portal links are revoked." in review
    assert open_hold() is not None, "nothing is done yet"
    before = JobNumber.objects.get().last
    for _ in range(2):
        answer = client.post(page, {**said, "done": "1"}, follow=True)
    assert JobNumber.objects.get().last == before + 20
    assert open_hold() is None and "Nothing is held." in answer.content.decode()
    assert "Messages held: 3" in answer.content.decode()


@pytest.mark.parametrize("ends", [{}, {"skip": "20"}, {"choice": "send", "sessions": "1"}])
def test_what_the_pages_hold_is_enough_to_go_on(cast, held, client, ends):
    client.force_login(cast.olivia)
    page = reverse("admin:held")
    review = client.post(page, hidden_and_first(client.get(page)) | ends)
    answer = client.post(page, hidden_and_first(review), follow=True)
    assert open_hold() is None and "Portico goes on." in answer.content.decode()


def hidden_and_first(answer):
    """What a browser sends of the page's own form: its hidden fields, and its others as they are shown."""
    form = next(form for form in lxml.html.fromstring(answer.content).forms if "_once" in form.fields)
    return {name: value for name, value in form.fields.items() if value is not None}


def test_olivia_chooses(cast, held, client):
    client.force_login(cast.olivia)
    page = reverse("admin:held_choose")
    first, second, third = Delivery.objects.order_by("pk")
    shown = client.get(page, {"q": first.about}).content.decode()
    assert "1 message may have been sent" in shown
    said = {"do": "hold", "message": [first.pk, "x", "9" * 30], "hold": held.pk, "_once": KEY.search(shown)[1]}
    client.post(page, said)
    client.post(f"{page}?q={second.about}", {"do": "send_all", "hold": held.pk})
    assert states() == ["uncertain", "queued", "queued"]
    assert list(Delivery.objects.doubtful(held)) == [third]
    answer = client.post(page, {"do": "hold", "hold": held.pk}, follow=True)
    assert "Nothing was selected." in answer.content.decode()
    assert client.post(page, {"do": "drop", "hold": held.pk}).status_code == 302


def test_nothing_happens_on_get(cast, held, client):
    client.force_login(cast.olivia)
    client.get(reverse("admin:held"), {"choice": "send", "done": "1"})
    assert open_hold() is not None and states() == ["queued"] * 3
