"""An undo of a file of portal users leaves those who may not be changed any more, says so, and takes back the rest."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from accounts.own_ids import own_id_of
from imports.choices import Existing, RecordKind, RunState
from imports.services import start_undo
from permissions.services import grant
from permissions.services.decisions import withdraw_grant
from tests.factories import make_portal_user


@pytest.fixture
def people(cast: Any) -> Any:
    return [make_portal_user("ann@acme.example", cast.acme), make_portal_user("bo@birch.example", cast.birch)]


def renamed(imported: Any, people: Any, by: User) -> Any:
    rows = "".join(f"{own_id_of(person)},New {person.user.full_name}\n" for person in people)
    options = {"kind": RecordKind.PORTAL_USERS, "existing": Existing.UPDATE}
    run = imported(f"Portico ID,Name\n{rows}", by=by, **options)
    assert run.changed == 2
    return run


def test_what_was_granted_no_more_stays(cast, people, imported):
    User.objects.filter(pk=cast.ines.pk).update(only_granted_customers=True)
    ines = User.objects.get(pk=cast.ines.pk)
    for customer in (cast.acme, cast.birch):
        grant(ines, customer, change=True, by=cast.olivia)
    run = renamed(imported, people, ines)
    withdraw_grant(ines, cast.birch, by=cast.olivia)
    run = start_undo(run, by=User.objects.get(pk=ines.pk))
    assert (run.state, run.undo_report["restored"], run.undo_report["kept"]) == (RunState.UNDONE, 1, 1)
    assert run.undo_report["why"][0][0] == "(a portal user you can't see)"
    names = [User.objects.get(pk=person.user_id).full_name for person in people]
    assert names == [people[0].user.full_name, f"New {people[1].user.full_name}"]


def test_who_joined_the_staff_meanwhile_stays(cast, people, imported):
    run = renamed(imported, people, cast.ines)
    User.objects.filter(pk=people[1].user_id).update(is_staff=True)
    run = start_undo(run, by=cast.ines)
    assert (run.state, run.undo_report["restored"], run.undo_report["kept"]) == (RunState.UNDONE, 1, 1)
    name, why = run.undo_report["why"][0]
    assert name == f"New {people[1].user.full_name}" and "a member of staff" in why


def test_an_id_has_one_spelling(cast, checked):
    """Or two rows, far apart, would be about one person, and the second would count."""
    person = make_portal_user("ann@acme.example", cast.acme)
    rows = f"{own_id_of(person)},One\nuser-0{person.pk},Two\n"
    columns = {"portico_id": {"from": ["Portico ID"]}, "full_name": {"from": ["Name"]}}
    options = {"kind": RecordKind.PORTAL_USERS, "existing": Existing.UPDATE, "columns": columns}
    report = checked(f"Portico ID,Name\n{rows}", by=cast.ines, **options).report
    assert [entry["fields"][0][2] for entry in report["changes"]] == ["One"]
    assert report["problems"][0]["rows"] == [[3, f"user-0{person.pk}"]]
