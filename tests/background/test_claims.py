"""Of two workers one gets a row; whoever lost it writes nothing more; whoever falls silent is followed by another."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import transaction

from background.claims import Claimed, Lost
from console.models import ListExport
from tests.architecture.tree import APPS


@pytest.fixture
def export(cast):
    return ListExport.objects.create(owner=cast.dana, source="jobs.job", title="Jobs", columns=[], format="csv")


@pytest.fixture
def clock(time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    return time_machine


def taken(export):
    return ListExport.take(ListExport.objects.abandoned(), export.pk, rows_done=0)


def test_of_two_workers_one_gets_it(export):
    assert taken(export)
    assert taken(export) is None


def test_a_worker_that_beats_keeps_it_and_a_silent_one_is_followed(export, clock):
    first = taken(export)
    clock.shift(ListExport.SILENCE)
    ListExport.beat(export.pk, first, rows_done=5)
    clock.shift(ListExport.SILENCE)
    assert taken(export) is None
    clock.shift(timedelta(seconds=1))
    second = taken(export)
    assert second and second != first
    export.refresh_from_db()
    assert (export.tries, export.rows_done) == (2, 0)
    with pytest.raises(Lost):
        ListExport.beat(export.pk, first, rows_done=99)
    with pytest.raises(Lost), transaction.atomic():
        ListExport.hold(export.pk, first)
    with transaction.atomic():
        assert ListExport.hold(export.pk, second).rows_done == 0


def test_a_removed_row_is_lost(export):
    claim = taken(export)
    ListExport.objects.all().delete()
    with pytest.raises(Lost):
        ListExport.beat(export.pk, claim)
    with pytest.raises(Lost), transaction.atomic():
        ListExport.hold(export.pk, claim)


def test_a_row_that_was_let_go_is_anybodys(export):
    export.take_in_hand()
    export.save()
    assert taken(export) is None
    export.let_go()
    export.save()
    assert taken(export) and taken(export) is None


def test_no_claim_is_no_claim(export):
    with pytest.raises(Lost):
        ListExport.beat(export.pk, uuid.uuid4())


def test_who_is_claimed_says_when_it_is_silent():
    rows = {model.__name__: model for model in Claimed.__subclasses__() if model.__module__.split(".")[0] in APPS}
    assert {"Delivery", "ImportRun", "ListExport"} <= set(rows)
    assert [name for name, model in rows.items() if not isinstance(model.SILENCE, timedelta)] == []
