"""``manage.py bench_import --rows 50000``: our import against a plain ModelResource and against a bare COPY.

Builds a database of its own beside the configured one (PostgreSQL), and drops it at the end.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
import resource
import shutil
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import tablib
from django.apps import apps
from django.conf import settings
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from import_export import fields, resources, widgets

from accounts.models import Contact, Customer, User
from accounts.services.named_customers import NewCustomer, find_or_create_customers
from console.roles import Role, give_role, install_roles
from imports.models import ImportRun
from imports.services import (
    check_run,
    commit_run,
    guess_mapping,
    set_mapping,
    start_undo,
    upload_file,
    work_on_run,
)
from jobs.models import Job
from templates_app.models import JobTemplate, TemplateField, TemplateStep

CUSTOMERS = 2000
NEW = 10  # one customer in ten is new
FILE = "jobs.csv"
HEADER = (
    "External ID", "Template", "Customer", "Contact", "Contact's e-mail", "Contact's mobile", "Address", "Postcode",
    "Town", "Planned start", "Planned duration", "Notes", "Asset ID", "Amount", "Bin size",
)  # fmt: skip
# Every table the import writes, as Django names it; with the history of those that keep one.
WRITTEN = ("jobs.job", "jobs.jobevent", "jobs.portallink", "imports.importrow", "accounts.customer", "accounts.contact")


if TYPE_CHECKING:
    _Resource = resources.ModelResource[Job]
else:
    _Resource = resources.ModelResource


class PlainJob(_Resource):
    """What one would write first: rows saved one by one, with their history."""

    numbers = count(1)
    customer = fields.Field("customer", "Customer", widgets.ForeignKeyWidget(Customer, "name"))
    template = fields.Field("template", "Template", widgets.ForeignKeyWidget(JobTemplate, "name"))
    external_id = fields.Field("external_id", "External ID")
    contact_name = fields.Field("contact_name", "Contact")
    contact_email = fields.Field("contact_email", "Contact's e-mail")
    contact_phone = fields.Field("contact_phone", "Contact's mobile")
    address = fields.Field("address", "Address")
    planned_start = fields.Field("planned_start", "Planned start", widgets.DateTimeWidget("%Y-%m-%d %H:%M"))
    duration_minutes = fields.Field("duration_minutes", "Planned duration", widgets.IntegerWidget())
    notes = fields.Field("notes", "Notes")
    asset_id = fields.Field("asset_id", "Asset ID")
    amount = fields.Field("amount", "Amount", widgets.DecimalWidget())
    values = fields.Field("values", "Bin size")

    class Meta:
        model = Job
        import_id_fields = ("external_id",)
        fields = (
            "customer", "template", "external_id", "contact_name", "contact_email", "contact_phone", "address",
            "planned_start", "duration_minutes", "notes", "asset_id", "amount", "values",
        )  # fmt: skip

    def before_import_row(self, row: Any, **kwargs: Any) -> None:
        row["Address"] = f"{row['Address']}, {row['Postcode']} {row['Town']}"
        row["Bin size"] = {"bin_size": row["Bin size"]}

    def before_save_instance(self, instance: Job, row: Any, **kwargs: Any) -> None:
        instance.number = f"P-{next(self.numbers):06d}"


class Command(BaseCommand):
    """Measures imports on PostgreSQL, as ratios in one run."""

    help = "Measures our import against a plain ModelResource and a bare COPY, on PostgreSQL, in a scratch database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rows", type=int, default=50_000, help="Rows of the file (50000).")
        parser.add_argument("--plain-rows", type=int, default=1500, help="Rows for the ModelResource (1500).")
        parser.add_argument("--rounds", type=int, default=1, help="Measure so often, and tell the medians (1).")
        parser.add_argument("--memory", action="store_true", help="Only compare the memory with that of 10,000 rows.")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("The bench needs PostgreSQL: set DATABASE_URL.")
        name = connection.settings_dict["NAME"]
        self.stdout.write("making a scratch database ...")
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        try:
            with tempfile.TemporaryDirectory() as folder:
                by = _business()
                # As in a worker that has been at work before: what a process loads once is loaded.
                self._import(Path(folder), by, 50)
                if options["memory"]:
                    self._compare_memory(Path(folder), by, options["rows"])
                else:
                    self._compare_times(Path(folder), by, options)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)

    def _compare_memory(self, folder: Path, by: User, rows: int) -> None:
        """The most memory of a small import, and then of a large one in the same process."""
        peaks = []
        for size in (10_000, rows):
            _empty()
            self._import(folder, by, size)
            peaks.append(_memory())
            self.stdout.write(f"peak memory with {size:>9,} rows {peaks[-1]:>7.0f} MB")
        self.stdout.write(f"times that of 10,000 rows    {peaks[1] / peaks[0]:>7.2f}   (less than 2)")

    def _compare_times(self, folder: Path, by: User, options: dict[str, Any]) -> None:
        rows, plain_rows = options["rows"], options["plain_rows"]
        rounds = []
        tables, peak = 0, 0.0
        for _round in range(options["rounds"]):
            _empty()
            run, check, ours = self._import(folder, by, rows)
            peak = peak or _memory()
            bare, tables = _bare_copy(folder)
            with _clock() as undo:
                start_undo(run, by=by)
                work_on_run(run.pk)
            run.refresh_from_db()
            if run.undo_report["removed"] != rows:
                raise CommandError(f"Only {run.undo_report} of {rows} rows were undone: {run.problem}")
            plain = _plain(folder / FILE, plain_rows)
            rounds.append((check, ours, bare, undo[0], plain, plain / plain_rows * rows / ours, ours / bare))
        check, ours, bare, undone, plain, times_plain, times_bare = map(median, zip(*rounds, strict=True))
        say = self.stdout.write
        say(f"rows                      {rows:>10,}")
        say(f"check                     {check:>10.1f} s   {rows / check:>9,.0f} rows/s")
        say(f"import                    {ours:>10.1f} s   {rows / ours:>9,.0f} rows/s")
        say(f"undo                      {undone:>10.1f} s   {rows / undone:>9,.0f} rows/s   (less than the import)")
        say(f"bare COPY of {tables:>9,} rows {bare:>9.1f} s   {rows / bare:>9,.0f} rows/s")
        say(f"plain ModelResource       {plain:>10.1f} s   {plain_rows / plain:>9,.0f} rows/s   (first rows only)")
        say(f"peak memory               {peak:>10.0f} MB")
        say(f"times a plain ModelResource  {times_plain:>7.1f}   (at least 40)")
        say(f"times a bare COPY            {times_bare:>7.2f}   (at most 3)")
        for number, measured in enumerate(rounds, start=1):
            say(f"round {number}: {measured[5]:.1f} times a plain ModelResource, {measured[6]:.2f} times a bare COPY")

    def _import(self, folder: Path, by: User, rows: int) -> tuple[ImportRun, float, float]:
        """Makes a file and imports it: the run, the seconds of its check and of the worker's part."""
        path = folder / FILE
        _write_file(path, rows)
        if path.stat().st_size > settings.IMPORT_MAX_BYTES:
            path = path.with_suffix(".csv.gz")
            with (folder / FILE).open("rb") as plain, gzip.open(path, "wb", 1) as packed:
                shutil.copyfileobj(plain, packed)
        run, check, work = self._ours(path, by)
        if run.made != rows:
            raise CommandError(f"Only {run.made} of {rows} rows were imported: {run.problem}")
        return run, check, work

    @staticmethod
    def _ours(path: Path, by: User) -> tuple[ImportRun, float, float]:
        """The run, the seconds of its check, the seconds of the worker's part: reading, checking, writing."""
        with path.open("rb") as file:
            run = upload_file(File(file, name=path.name), by=by)
        columns, formats, _name = guess_mapping(run, by=by)
        run = set_mapping(run, columns, by=by, formats=formats)
        with _clock() as check:
            run = check_run(run, by=by)
        run = commit_run(run, by=by, announce=False)
        with _clock() as work:
            work_on_run(run.pk)
        run.refresh_from_db()
        return run, check[0], work[0]


@contextmanager
def _clock() -> Iterator[list[float]]:
    taken = [0.0]
    start = time.perf_counter()
    yield taken
    taken[0] = time.perf_counter() - start


def _memory() -> float:
    """The most memory this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _empty() -> None:
    """Takes out what an earlier import or ModelResource made."""
    new = [f"Customer {n}" for n in range(0, CUSTOMERS, NEW)]
    with connection.cursor() as cursor:
        tables = ", ".join(_tables("jobs.job", "jobs.jobevent", "jobs.portallink", "imports.importrow"))
        cursor.execute(f"TRUNCATE {tables} CASCADE")
    Contact.objects.filter(customer__name__in=new).delete()
    Customer.objects.filter(name__in=new).delete()


def _tables(*labels: str) -> list[str]:
    """The tables of models, with those of their histories."""
    tables = []
    for label in labels:
        model = apps.get_model(label)
        tables.append(model._meta.db_table)
        if manager := getattr(model._meta, "simple_history_manager_attribute", ""):
            tables.append(getattr(model, manager).model._meta.db_table)
    return tables


def _business() -> User:
    """Ines, five templates with a field, and the customers that are not new."""
    install_roles()
    ines = User.objects.create_user("ines@bench.example", full_name="Ines", is_staff=True)
    give_role(ines, Role.IMPORTER, by=None)
    for number in range(5):
        template = JobTemplate.objects.create(name=f"Service {number}", price="99.00")
        for place, step in enumerate(("Drive there", "Do it")):
            TemplateStep.objects.create(template=template, name=step, position=place)
        TemplateField.objects.create(template=template, label="Bin size", kind="pick", choices=["small", "large"])
    there = [NewCustomer(f"Customer {n}") for n in range(CUSTOMERS) if n % NEW]
    find_or_create_customers(there, by=ines)
    return ines


def _write_file(path: Path, rows: int) -> None:
    dice = random.Random(6)  # noqa: S311
    # By day, when no clocks change.
    first = datetime(2026, 12, 1, 6)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for n in range(rows):
            customer = dice.randrange(CUSTOMERS)
            start = first + timedelta(days=n % 400, minutes=15 * (n % 48))
            table.writerow(
                [
                    f"ORD-{n:07d}", f"Service {n % 5}", f"Customer {customer}", f"Contact {customer}",
                    f"contact{customer}@customer.example", f"+49 40 {5550000 + customer}", f"Harbour Road {n % 400}",
                    f"20{n % 1000:03d}", "Hamburg", f"{start:%Y-%m-%d %H:%M}",
                    str(30 + n % 60), f"Gate code {dice.randrange(10000)}, ring twice", f"SK-{n % 3000:04d}",
                    f"{80 + n % 90}.50", "large" if n % 2 else "small",
                ]
            )  # fmt: skip


def _bare_copy(folder: Path) -> tuple[float, int]:
    """Takes every row the import wrote out of the tables and COPYs it back: seconds of the way in, and rows."""
    tables = _tables(*WRITTEN)
    rows = 0
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            with (folder / table).open("wb") as file, cursor.copy(f"COPY {table} TO STDOUT") as copy:
                for block in copy:
                    file.write(block)
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
    # Referenced tables come before those that refer to them.
    tables.sort(key=lambda table: ("customer" not in table, "contact" not in table, table not in ("jobs_job",)))
    data = {table: (folder / table).read_bytes() for table in tables}
    with _clock() as clock, transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                block = io.BytesIO(data[table])
                while piece := block.read(1 << 17):
                    copy.write(piece)
            rows += data[table].count(b"\n")
    return clock[0], rows


def _plain(path: Path, rows: int) -> float:
    """Seconds a plain ModelResource takes for the first rows of the file, into an empty table of jobs."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE jobs_job, jobs_historicaljob CASCADE")
    have = set(Customer.objects.values_list("name", flat=True))
    missing = [NewCustomer(f"Customer {n}") for n in range(CUSTOMERS) if f"Customer {n}" not in have]
    find_or_create_customers(missing, by=None)
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))[: rows + 1]
    data = tablib.Dataset(*table[1:], headers=table[0])
    with _clock() as clock:
        result = PlainJob().import_data(data, raise_errors=True, use_transactions=True)
    if result.totals["new"] != rows:
        raise CommandError("The plain ModelResource did not import every row.")
    return clock[0]
