"""A check that ends late changes nothing on an import that somebody has gone on with meanwhile."""

from __future__ import annotations

import pytest

from console.errors import Refused
from imports.choices import RunState
from imports.models import ImportRun
from imports.services import (
    cancel_run,
    check_run,
    checking,
    commit_run,
    delete_run,
    guess_mapping,
    set_mapping,
    start_check,
    wake_abandoned_runs,
    work_on_run,
)
from jobs.models import Job

TABLE = "id,template,customer\nA-1,Skip exchange,Acme Builders\nA-2,Skip exchange,Acme Builders\n"


@pytest.fixture
def meanwhile(monkeypatch):
    """``meanwhile(do)``: what somebody does when the next check has seen the file and not yet said so."""

    def _meanwhile(do):
        whole = checking.report_on

        def slow(run, **options):
            monkeypatch.setattr(checking, "report_on", whole)
            found = whole(run, **options)
            do(ImportRun.objects.get(pk=run.pk))
            return found

        monkeypatch.setattr(checking, "report_on", slow)

    return _meanwhile


def mapped(run, ines):
    return set_mapping(run, guess_mapping(run, by=ines)[0], by=ines)


def test_what_is_being_checked_is_not_committed_and_not_given_other_columns(cast, checked, meanwhile):
    def in_another_tab(run):
        with pytest.raises(Refused, match="not ready"):
            commit_run(run, by=cast.ines)
        with pytest.raises(Refused, match="just being checked"):
            set_mapping(run, {}, by=cast.ines)
        with pytest.raises(Refused):
            delete_run(run, by=cast.ines)

    run = checked(TABLE, by=cast.ines)
    meanwhile(in_another_tab)
    assert check_run(run, by=cast.ines).state == RunState.CHECKED


def test_a_check_at_once_that_was_overtaken_says_so_and_leaves_what_was_written(cast, checked, meanwhile):
    def in_another_tab(run):
        check_run(run, by=cast.ines)
        commit_run(run, by=cast.ines)
        work_on_run(run.pk)

    run = checked(TABLE, by=cast.ines)
    meanwhile(in_another_tab)
    with pytest.raises(Refused, match="look at it again"):
        check_run(run, by=cast.ines)
    run.refresh_from_db()
    assert (run.state, run.made, Job.objects.count()) == (RunState.FINISHED, 2, 2)


@pytest.mark.parametrize("forget", [False, True])
def test_a_worker_drops_the_check_of_an_import_that_was_cancelled(cast, upload, meanwhile, monkeypatch, forget):
    def in_another_tab(run):
        cancel_run(run, by=cast.ines)
        if forget:
            delete_run(run, by=cast.ines)

    monkeypatch.setattr(checking, "AT_ONCE", 0)
    run = start_check(mapped(upload(TABLE, by=cast.ines), cast.ines), by=cast.ines)
    meanwhile(in_another_tab)
    assert work_on_run(run.pk) is None
    assert list(ImportRun.objects.values_list("state", flat=True)) == ([] if forget else [RunState.UPLOADED])


def test_an_import_that_was_discarded_is_not_checked(cast, checked):
    run = checked(TABLE, by=cast.ines)
    delete_run(ImportRun.objects.get(pk=run.pk), by=cast.ines)
    with pytest.raises(Refused, match="no longer there"):
        check_run(run, by=cast.ines)


@pytest.mark.parametrize("fault", [Refused("The file is damaged."), RuntimeError("ours")])
def test_a_check_that_fails_leaves_it_waiting_for_its_columns(cast, upload, meanwhile, fault):
    def fails(_run):
        raise fault

    run = mapped(upload(TABLE, by=cast.ines), cast.ines)
    meanwhile(fails)
    with pytest.raises(type(fault), match=str(fault)):
        check_run(run, by=cast.ines)
    run.refresh_from_db()
    assert (run.state, run.claim, run.heartbeat_at) == (RunState.UPLOADED, None, None)
    assert check_run(run, by=cast.ines).state == RunState.CHECKED


def test_a_check_whose_process_died_is_taken_over(cast, upload, monkeypatch):
    run = mapped(upload(TABLE, by=cast.ines), cast.ines)
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        # Killed: nobody is left to tidy up.
        patch.setattr(checking, "check_claimed", lambda *_given, **_options: (_ for _ in ()).throw(SystemExit))
        patch.setattr(checking, "hold", lambda *_given: (_ for _ in ()).throw(checking.Lost))
        check_run(run, by=cast.ines)
    run.refresh_from_db()
    assert run.state == RunState.CHECKING and wake_abandoned_runs() == []
    ImportRun.objects.update(heartbeat_at=run.heartbeat_at - ImportRun.SILENCE * 2)
    assert wake_abandoned_runs() == [run.pk]
    assert work_on_run(run.pk).state == RunState.CHECKED
