"""An uncertain message that must not go out any more, or that nobody needs: it is settled with its reason."""

from __future__ import annotations

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from alerts.choices import DeliveryState
from alerts.services import deliver, resend, resend_uncertain, say_arrived, say_not_needed, sweep
from console.errors import NotAllowed, Refused
from jobs.models import Job
from jobs.services import cancel_job
from tests.alerts.test_uncertain_messages import (
    BREAKS,
    LEDGER,
    card,
    carrier,
    page,
    select,
    uncertain,
    uncertain_for,
)
from tests.console.new_records import key_on
from tests.console.people import narrow

__all__ = ["carrier", "uncertain"]
OVER = "The job has been cancelled since."


def answer(client, delivery, **said):
    shown = client.get(page(delivery, "not_needed"))
    form = {"_form_submitted": "1", "_once": key_on(shown), "reason": shown.context["form"]["reason"].value() or ""}
    return client.post(page(delivery, "not_needed"), form | said, follow=True)


def confirm(client, question, **said):
    hidden = question.context["hidden"]
    form = {name: value for name, value in hidden if name != ACTION_CHECKBOX_NAME}
    form[ACTION_CHECKBOX_NAME] = [value for name, value in hidden if name == ACTION_CHECKBOX_NAME]
    return client.post(LEDGER, {**form, "_form_submitted": "1", "_once": question.context["once"], **said}, follow=True)


def call_off(cast, delivery):
    cancel_job(Job.objects.get(pk=delivery.job_id), by=cast.dana, reason="rain")


def test_the_question_begins_with_what_keeps_it_from_going_out(cast, uncertain, carrier, sign_in):
    call_off(cast, uncertain)
    with pytest.raises(Refused, match=OVER):
        resend(uncertain, by=cast.dana)
    said = answer(sign_in(cast.dana), uncertain).content.decode()
    uncertain.refresh_from_db()
    assert (uncertain.state, uncertain.settled_by) == (DeliveryState.NOT_NEEDED, "Dana")
    assert (uncertain.settled_reason, uncertain.why) == (OVER, BREAKS)
    assert uncertain.settled_at is not None
    assert f"Dana says that it isn&#x27;t needed any more: {OVER}" in said
    assert card(sign_in(cast.dana)).count == 0


def test_her_own_reason_is_kept_and_escaped(cast, uncertain, carrier, sign_in):
    said = answer(sign_in(cast.dana), uncertain, reason="I rang <b>them</b>").content.decode()
    assert "I rang &lt;b&gt;them" in said and "<b>them" not in said
    uncertain.refresh_from_db()
    assert uncertain.settled_reason == "I rang <b>them</b>"


@pytest.mark.parametrize("reason", ["", "   "])
def test_one_that_could_still_go_needs_a_reason(cast, uncertain, sign_in, reason):
    with pytest.raises(Refused, match="Give a reason"):
        say_not_needed(uncertain, by=cast.dana, reason=reason)
    answer(sign_in(cast.dana), uncertain, reason=reason)
    uncertain.refresh_from_db()
    assert uncertain.state == DeliveryState.UNCERTAIN


@pytest.mark.parametrize("again", [say_arrived, resend_uncertain, say_not_needed])
def test_it_is_settled_once(cast, uncertain, carrier, again):
    say_not_needed(uncertain, by=cast.dana, reason="rain")
    with pytest.raises(Refused, match="Dana says that it isn't needed any more: rain"):
        again(uncertain, by=cast.olivia)
    carrier.breaks = False
    sweep()
    deliver([uncertain.pk])
    assert carrier.sent == []


def test_one_that_arrived_is_not_taken_back(cast, uncertain):
    say_arrived(uncertain, by=cast.dana)
    with pytest.raises(Refused, match="Dana says that it arrived"):
        say_not_needed(uncertain, by=cast.olivia, reason="rain")


def test_of_many_each_keeps_its_own_reason_and_what_could_go_stays(cast, carrier, sign_in):
    over, open_ = uncertain_for(cast, cast.acme, 2)
    call_off(cast, over)
    dana = sign_in(cast.dana)
    shown = select(dana, "many_not_needed", [over, open_])
    assert "2 messages are settled" in shown.content.decode()
    said = confirm(dana, shown, reason="").content.decode()
    assert "1 message is settled." in said and "Give a reason" in said
    over.refresh_from_db()
    open_.refresh_from_db()
    assert (over.state, over.settled_reason) == (DeliveryState.NOT_NEEDED, OVER)
    assert open_.state == DeliveryState.UNCERTAIN
    confirm(dana, select(dana, "many_not_needed", [open_]), reason="Rang them.")
    open_.refresh_from_db()
    assert (open_.state, open_.settled_reason) == (DeliveryState.NOT_NEEDED, "Rang them.")


def test_a_narrowed_dispatcher_settles_none_of_others(cast, carrier, sign_in):
    (of_cedar,), (other,) = uncertain_for(cast, cast.cedar), uncertain_for(cast, cast.acme)
    narrow(cast.dana, cast.cedar)
    dana = sign_in(cast.dana)
    assert dana.get(page(other, "not_needed")).status_code == 404
    with pytest.raises(NotAllowed):
        say_not_needed(other, by=cast.dana, reason="rain")
    confirm(dana, select(dana, "many_not_needed", [of_cedar, other]), reason="rain")
    for message, state in ((of_cedar, DeliveryState.NOT_NEEDED), (other, DeliveryState.UNCERTAIN)):
        message.refresh_from_db()
        assert message.state == state


def test_sam_and_nell_settle_nothing(cast, uncertain, sign_in):
    assert sign_in(cast.sam).get(page(uncertain, "not_needed")).status_code == 403
    assert sign_in(cast.nell).post(page(uncertain, "not_needed"), {"reason": "x"}).status_code in (403, 404)
    uncertain.refresh_from_db()
    assert uncertain.state == DeliveryState.UNCERTAIN
