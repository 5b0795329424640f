"""A worker that takes an import up in the middle of its file is not taken for dead as it goes over the rows above."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from itertools import count
from types import SimpleNamespace

import pytest
from django.utils import timezone

from background import claims
from imports import reading
from imports.choices import Repeats, RunState
from imports.models import ImportRun
from imports.plan import Planner
from imports.services import commit_run, running, work_on_run
from jobs.models import Job

ROWS = 450
WITH_IDS = "id,template,customer\n" + "".join(f"A-{n % 400},Skip exchange,Acme\n" for n in range(ROWS))
WITHOUT_IDS = "template,customer\n" + "Skip exchange,Acme\n" * ROWS


@pytest.fixture
def half_done(cast, checked, monkeypatch):
    """``half_done(text)``: an import whose worker died after 300 rows, long ago."""
    monkeypatch.setattr(running, "CHUNK", 100)

    def _half_done(text, **options):
        run = commit_run(checked(text, by=cast.ines, **options), by=cast.ines)
        whole, chunks = running._write_chunk, []

        def dying(*given):
            chunks.append(given)
            if len(chunks) == 4:
                raise SystemExit
            return whole(*given)

        with monkeypatch.context() as patch, pytest.raises(SystemExit):
            patch.setattr(running, "_write_chunk", dying)
            work_on_run(run.pk)
        ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
        run.refresh_from_db()
        assert (run.state, run.rows_done) == (RunState.RUNNING, 301)
        return run

    return _half_done


@pytest.fixture
def on_the_way(monkeypatch):
    """``on_the_way(do)``: what happens when a worker begins to go over the rows above, which takes it minutes."""

    def _on_the_way(do):
        whole = Planner.remember

        def slow(planner, rows, failed):
            do()
            whole(planner, rows, failed)

        monkeypatch.setattr(Planner, "remember", slow)
        # Each look at the clock is ten seconds after the last.
        monkeypatch.setattr(claims, "time", SimpleNamespace(monotonic=partial(next, count(0, 10))))

    return _on_the_way


@pytest.mark.parametrize("text", [WITH_IDS, WITHOUT_IDS], ids=["with IDs", "without"])
def test_it_says_that_it_is_alive(cast, half_done, on_the_way, monkeypatch, text):
    run = half_done(text)
    on_the_way(lambda: ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5)))
    whole, abandoned = running._write_chunk, []

    def looked_at_first(*given):
        abandoned.append(ImportRun.objects.abandoned().exists())
        return whole(*given)

    monkeypatch.setattr(running, "_write_chunk", looked_at_first)
    work_on_run(run.pk)
    assert abandoned == [False, False]


def test_it_lets_go_when_another_has_taken_it(half_done, on_the_way):
    run = half_done(WITH_IDS)
    on_the_way(lambda: ImportRun.objects.update(claim=uuid.uuid4()))
    assert work_on_run(run.pk) is None
    run.refresh_from_db()
    assert (run.state, run.rows_done, Job.objects.count()) == (RunState.RUNNING, 301, 300)


@pytest.mark.parametrize(
    ("text", "repeats", "made"),
    [(WITH_IDS, Repeats.LEAVE, 400), (WITH_IDS, Repeats.NUMBER, ROWS), (WITHOUT_IDS, Repeats.LEAVE, ROWS)],
)
def test_it_reads_the_file_once_and_writes_each_row_once(half_done, monkeypatch, text, repeats, made):
    run = half_done(text, formats={"repeats": repeats})
    whole, times = reading.read_rows, []
    monkeypatch.setattr(reading, "read_rows", lambda *given: times.append(given) or whole(*given))
    work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made, run.rows.count(), len(times)) == (RunState.FINISHED, made, ROWS, 1)
    assert Job.objects.count() == made


def test_a_check_says_so_where_it_passes_over_a_long_nothing(cast, checked, monkeypatch):
    signs = []
    monkeypatch.setattr(claims, "time", SimpleNamespace(monotonic=partial(next, count(0, 10))))
    monkeypatch.setattr(claims.Claimed, "beat", lambda *given, **facts: signs.append(facts))
    checked("template,customer\nSkip exchange,Acme\n" + ",\n" * 2000 + "Skip exchange,Acme\n", by=cast.ines)
    assert len(signs) > 10


def test_a_file_that_kills_every_worker_ends_with_a_sentence(cast, checked, monkeypatch):
    run = commit_run(checked(WITH_IDS, by=cast.ines), by=cast.ines)

    def dying(*_given):
        raise SystemExit

    monkeypatch.setattr(running, "_write_chunk", dying)
    for _ in range(ImportRun.TRIES):
        with pytest.raises(SystemExit):
            work_on_run(run.pk)
        ImportRun.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.problem[:20], run.tries, run.claim) == (RunState.FAILED, "Something went wrong", 0, None)


def test_rows_that_were_written_count_its_deaths_anew(half_done):
    run = half_done(WITH_IDS)
    assert run.tries == 0
