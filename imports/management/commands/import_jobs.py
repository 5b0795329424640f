"""``manage.py import_jobs FILE --mapping NAME_OR_FILE --by EMAIL [--dry-run]``: what the pages do, without them."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from console.errors import Refused
from imports.choices import Existing, RecordKind, Repeats, RowState, RunState, Spelling, Widths
from imports.columns import MappingEntry
from imports.findings import findings
from imports.models import ImportMapping, ImportRun
from imports.new_names import NearName
from imports.reading import ENCODINGS, Corrections, Reading, corrections_from
from imports.services import (
    accept_dates,
    check_run,
    commit_run,
    create_templates,
    delete_run,
    guess_mapping,
    missing_templates,
    set_mapping,
    set_reading,
    upload_file,
    work_on_run,
)
from imports.services.mappings import column_names
from imports.services.remedies import CHOICES


class Command(BaseCommand):
    """Imports a file of jobs and prints the counts, whoever writes the rows: this command, or a worker first.

    Exits with 1 when rows failed or the import ended early, 2 when nothing was done.
    """

    help = "Imports a file of jobs as the console's pages do, at once, and prints what became of its rows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="A CSV or XLSX file.")
        parser.add_argument(
            "--mapping",
            default="",
            help="The name of a saved mapping, or a JSON file with “columns” and “formats”. Without it: guessed.",
        )
        parser.add_argument("--by", required=True, help="E-mail of the member of staff who imports it.")
        parser.add_argument("--dry-run", action="store_true", help="Only check: nothing is written, nobody is told.")
        parser.add_argument("--update", action="store_true", help="Change jobs that are there already.")
        parser.add_argument("--silent", action="store_true", help="Send no messages for these jobs.")
        parser.add_argument("--all-or-nothing", action="store_true", help="Write nothing when a row has a problem.")
        parser.add_argument(
            "--repeats",
            choices=Repeats.values,
            help="Rows that repeat an external ID: leave them out, or number them. Without it: as the mapping says.",
        )
        parser.add_argument(
            "--widths", choices=Widths.values, help="Rows with too few or too many cells: problems, or filled up."
        )
        parser.add_argument(
            "--spelling", choices=Spelling.values, help="Characters converted wrongly: problems, or mended."
        )
        parser.add_argument("--sheet", help="The sheet of a workbook. Without it: the one that looks like the table.")
        parser.add_argument("--encoding", choices=ENCODINGS, help="The encoding of a text file.")
        parser.add_argument("--header-row", type=int, help="The row of the column names, of several the last; 0: none.")
        parser.add_argument("--header-lines", type=int, choices=(1, 2, 3), help="How many rows the column names take.")
        parser.add_argument("--last-row", type=int, help="The last row that is read; 0: to the end of the file.")
        parser.add_argument("--hidden-rows", action="store_true", help="Read rows that are hidden in the workbook too.")
        parser.add_argument(
            "--accept-dates", action="store_true", help="Take dates that are far from today, which are problems else."
        )
        parser.add_argument("--create-templates", action="store_true", help="Make the templates the file names.")
        parser.add_argument("--kind", default=RecordKind.JOBS, choices=RecordKind.values, help="What the file holds.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = User.objects.filter(email=User.objects.normalize_email(options["by"]), is_staff=True).first()
        if by is None:
            raise CommandError(f"There is no member of staff with the address {options['by']}.", returncode=2)
        try:
            run = self._prepared(options, by)
            failed = self._finished(run, options, by)
        except Refused as refusal:
            raise CommandError(str(refusal), returncode=2) from None
        if failed:
            raise CommandError(f"{failed} {'row' if failed == 1 else 'rows'} failed.", returncode=1)

    def _prepared(self, options: dict[str, Any], by: User) -> ImportRun:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.", returncode=2)
        columns, formats, reading, name = self._mapping(options["mapping"], options["kind"])
        with path.open("rb") as file:
            run = upload_file(File(file, name=path.name), by=by, kind=options["kind"])
        reading = corrections_from({**reading, **_corrections(options)})
        if reading:
            run = set_reading(run, by=by, **reading)
        for finding in findings(Reading.from_json(run.reading), known=1):
            self.stdout.write(finding.words)
        if columns is None:
            columns, formats, name = guess_mapping(run, by=by)
        existing = Existing.UPDATE if options["update"] else Existing.SKIP
        formats = {**formats, **{name: options[name] for name in CHOICES if options[name]}}
        run = set_mapping(run, columns, by=by, formats=formats, existing=existing, mapping_name=name)
        run = check_run(run, by=by)
        if options["accept_dates"] and (
            far := {g["column"] for g in run.report["problems"] if g["code"] == "far_date"}
        ):
            for key in sorted(far):
                accept_dates(run, key, by=by)
            run = check_run(run, by=by)
        if options["create_templates"] and (names := missing_templates(run)):
            # A dry run writes nothing: not the templates either.
            if options["dry_run"]:
                self.stdout.write(f"templates that would be made: {', '.join(names)}")
            else:
                create_templates(run, names, by=by)
                run = check_run(run, by=by)
        return run

    @staticmethod
    def _mapping(name: str, kind: str) -> tuple[dict[str, MappingEntry] | None, dict[str, str], Corrections, str]:
        """Columns (None: to be guessed), formats, corrections of the reading, name."""
        if not name:
            return None, {}, {}, ""
        if saved := ImportMapping.objects.filter(name=name, kind=kind).first():
            return saved.columns, saved.formats, saved.reading, saved.name
        if not Path(name).is_file():
            raise CommandError(f"There is no saved mapping and no file called {name}.", returncode=2)
        try:
            given = json.loads(Path(name).read_text(encoding="utf-8"))
            return given["columns"], given.get("formats", {}), given.get("reading", {}), ""
        except (ValueError, KeyError, TypeError, AttributeError) as fault:
            raise CommandError(f"{name} is not a mapping: {fault!r}", returncode=2) from None

    def _finished(self, run: ImportRun, options: dict[str, Any], by: User) -> int:
        counts: dict[str, int] = run.report["counts"]
        self._print_problems(run, by)
        if options["dry_run"]:
            self._print("would be made", counts)
            delete_run(run, by=by)
            return counts[RowState.FAILED]
        if counts[RowState.MADE] + counts[RowState.CHANGED]:
            run = commit_run(run, by=by, announce=not options["silent"], all_or_nothing=options["all_or_nothing"])
            run = self._carried_out(run)
            counts = {"made": run.made, "changed": run.changed, "skipped": run.skipped, "failed": run.failed}
            if run.state != RunState.FINISHED:
                self._say_that_it_ended_early(run, counts)
        self._print("made", counts)
        return counts[RowState.FAILED]

    def _carried_out(self, run: ImportRun) -> ImportRun:
        """The run when it has ended. A worker that was woken may be quicker than we are: then we wait for it, and take
        over when it dies."""
        told: int | None = None
        while work_on_run(run.pk) is None:
            run.refresh_from_db()
            if run.state not in (RunState.QUEUED, RunState.RUNNING):
                break
            if run.rows_done != told:
                told = run.rows_done
                self.stderr.write(f"A worker writes the rows: {told} of {run.rows_total} so far.")
            pause()
        run.refresh_from_db()
        return run

    def _say_that_it_ended_early(self, run: ImportRun, counts: dict[str, int]) -> NoReturn:
        why = run.problem or f"The import is {run.get_state_display().lower()}."
        if not counts["made"] + counts["changed"]:
            raise Refused(why)
        self._print("made", counts)
        raise CommandError(f"{why} What was written stays, and can be undone.", returncode=1)

    def _print(self, word: str, counts: dict[str, int]) -> None:
        self.stdout.write(
            f"{counts['made']} {word}, {counts['changed']} changed, {counts['skipped']} left, {counts['failed']} failed"
        )

    def _print_problems(self, run: ImportRun, by: User) -> None:
        names = column_names(run, by=by)
        if broken := run.report["broken_names"]:
            self.stdout.write(f"names that would be new and look broken: {', '.join(broken)}")
        if count := run.report["repeats"]:
            done = "jobs of their own" if run.formats.get("repeats") == Repeats.NUMBER else "left out"
            rows = "1 row repeats" if count == 1 else f"{count} rows repeat"
            self.stdout.write(f"{rows} an external ID that stands earlier in this file: {done}")
        for group in run.report["problems"]:
            row, value = group["rows"][0]
            others = group["count"] - 1
            more = f" (and {others} more {'row' if others == 1 else 'rows'})" if others else ""
            self.stdout.write(
                f"row {row}, {names.of(group['column'])}: “{value}” {group['reason']}{more}{_meant(group.get('near'))}"
            )
        for new in run.report["new_names"]:
            what = "label" if new["column"] == "labels" else "customer"
            rows = "1 row" if new["rows"] == 1 else f"{new['rows']} rows"
            self.stdout.write(f"new {what}: “{new['name']}” (row {new['row']}, {rows}){_meant(new['near'])}")


def pause() -> None:
    """Until somebody who waits for a worker looks again."""
    time.sleep(0.5)


def _corrections(options: dict[str, Any]) -> dict[str, object]:
    """How the file is to be read, as far as somebody said it."""
    names = ("sheet", "encoding", "header_row", "header_lines", "last_row")
    said: dict[str, object] = {name: options[name] for name in names if options[name] is not None}
    return said | ({"read_hidden": True} if options["hidden_rows"] else {})


def _meant(near: NearName | None) -> str:
    """The question behind a name that nobody has."""
    return f". Did you mean “{near['name']}”?" if near else ""
