"""The pages after a restore decide about what they showed, and about nothing that came since."""

from __future__ import annotations

import pytest
from django.urls import reverse

from alerts.models import Delivery
from alerts.services import decide_messages
from business.holding import begin_hold, open_hold
from business.models import Hold
from tests.alerts.makers import announced
from tests.factories import make_job
from tests.recovery.test_decision import held, hidden_and_first, states

__all__ = ["held"]
OUT_OF_DATE = "This page is out of date. Nothing has been done"


@pytest.fixture
def olivia(cast, client):
    client.force_login(cast.olivia)
    return client


@pytest.mark.parametrize("hold", ["", "earlier", "x", "9" * 30, "-1"])
def test_a_page_of_an_earlier_restore_decides_nothing_about_this_one(held, olivia, hold):
    page = reverse("admin:held")
    before = hidden_and_first(olivia.post(page, hidden_and_first(olivia.get(page)) | {"choice": "send"}))
    olivia.post(page, hidden_and_first(olivia.post(page, hidden_and_first(olivia.get(page)))), follow=True)
    begin_hold(Hold.Reason.RESTORED)
    if hold != "earlier":
        before["hold"] = hold
    answer = olivia.post(page, before, follow=True)
    assert open_hold() is not None and "Portico goes on" not in answer.content.decode()


def test_it_is_said_and_this_one_is_shown(held, olivia):
    page = reverse("admin:held")
    old = hidden_and_first(olivia.get(page)) | {"hold": held.pk + 1}
    answer = olivia.post(page, old | {"done": "1"})
    assert OUT_OF_DATE in answer.content.decode()
    olivia.post(page, hidden_and_first(olivia.post(page, hidden_and_first(answer))))
    assert open_hold() is None


@pytest.mark.parametrize("do", ["hold_all", "send_all"])
@pytest.mark.parametrize("filters", ["?kind=created", "?kind=nonsense", "?q=" + "x" * 300])
def test_all_that_fit_is_never_all_there_are(cast, held, olivia, filters, do):
    """Her colleague has just decided about the last of that kind, so her filter names nothing any more."""
    page = reverse("admin:held_choose") + filters
    decide_messages(held, Hold.Choice.HOLD, by=cast.olivia)
    others = announced_as(cast, "cancelled")
    answer = olivia.post(page, {"do": do, "hold": held.pk}, follow=True)
    assert OUT_OF_DATE in answer.content.decode()
    assert set(Delivery.objects.doubtful(held)) == others


def announced_as(cast, kind):
    (message,) = announced(make_job(cast.acme, cast.exchange))
    Delivery.objects.filter(pk=message.pk).update(kind=kind, next_attempt_at=open_hold().lost_until)
    return {message}


@pytest.mark.parametrize("do", ["hold", "send", "hold_all", "send_all"])
def test_the_choice_of_an_earlier_restore_is_none_for_this_one(held, olivia, do):
    page = reverse("admin:held_choose")
    said = {"do": do, "message": list(Delivery.objects.values_list("pk", flat=True))}
    for hold in ({"hold": held.pk + 1}, {"hold": ""}, {}):
        olivia.post(page, said | hold)
    assert states() == ["queued"] * 3 and Delivery.objects.doubtful(held).count() == 3
