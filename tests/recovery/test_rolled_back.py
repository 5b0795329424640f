"""The mark is written in the decision's transaction: taken back afterwards, nothing is decided and nothing lost."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from django.urls import reverse

from alerts.models import Delivery
from alerts.services import release
from business.holding import is_held, move_mark, notice_restore, open_hold
from business.mark import MOST_POSITION
from business.models import Hold, Progress
from tests.recovery.test_decision import held
from tests.recovery.test_odd_marks import lived, rewrite

__all__ = ["held", "lived"]
SPOILT = {
    "another": {"installation": str(uuid.uuid4())},
    "unreadable": {"at": ""},
    "ahead": {"position": 50},
    "far ahead": {"position": MOST_POSITION},
    "behind": {"position": 0},
    "missing": {},
}


class TakenBack(Exception):
    """Whatever came after the decision, in its transaction."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moves_between", [False, True])
@pytest.mark.parametrize("spoil", SPOILT)
def test_a_decision_that_is_taken_back_after_its_mark_was_written(cast, lived, spoil, moves_between):
    if spoil in ("missing", "behind"):
        Progress.objects.update(confirmed=2)
    rewrite(lived, **SPOILT[spoil])
    if spoil == "missing":
        lived.unlink()
    hold = notice_restore()
    for _time in range(3):
        with pytest.raises(TakenBack), transaction.atomic():
            release(hold, Hold.Choice.HOLD, by=cast.olivia)
            raise TakenBack
        assert open_hold() == hold
        if moves_between:
            move_mark()
    release(hold, Hold.Choice.HOLD, by=cast.olivia)
    assert not is_held()
    move_mark()
    assert not is_held() and Hold.objects.count() == 1
    Progress.objects.update(position=Progress.objects.get().position - 1, confirmed=0)
    assert is_held(), "an older backup is still told apart"


@pytest.mark.parametrize("name", ["nobody", "cora", "carl", "dana", "ines", "bill", "sam", "nell"])
def test_who_may_not_decide_gets_nowhere(cast, held, client, name):
    if name != "nobody":
        who = getattr(cast, name)
        client.force_login(getattr(who, "user", who))
    said = {"hold": held.pk, "choice": "send", "skip": 0, "done": "1", "do": "send_all"}
    for page in (reverse("admin:held"), reverse("admin:held_choose")):
        assert client.get(page).status_code in (302, 403)
        for address in (page, f"{page}?hold={held.pk}", f"{page}x/", f"{page}{held.pk}/"):
            assert client.post(address, said).status_code in (302, 403, 404)
    held.refresh_from_db()
    assert held.is_open and held.messages_sent == 0 and Delivery.objects.doubtful(held).count() == 3
