"""``manage.py bench_lists``: what a page of the job list and of the portal's list costs, at 1,000 jobs and at all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from accounts.choices import PortalUserState
from accounts.models import CustomerLink, PortalUser, User
from audit.act import acting
from jobs.choices import OPEN
from jobs.models import Job
from portal_site.lists import PER_PAGE

SMALL = 1_000
BACKEND = "permissions.backend.PorticoBackend"


@dataclass
class PageCost:
    """What one page cost: queries, and its best time in milliseconds: other work on the machine only adds."""

    queries: int
    milliseconds: float


class Command(BaseCommand):
    help = (
        "Measures the job list of the console and the list of the companion site, at 1,000 jobs and at all there are. "
        "Makes its two readers and a small table of jobs in a transaction, and takes all of it back."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--times", type=int, default=7, help="how often each page is read (default: 7)")

    def handle(self, *args: str, **options: Any) -> None:
        total = Job.objects.count()
        if total <= SMALL:
            raise CommandError(f"There are {total:,} jobs. Make more first: manage.py seed_jobs 100000")
        # Plain addresses of static files: nothing need be collected to measure.
        plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
        with override_settings(ALLOWED_HOSTS=["*"], STORAGES={**settings.STORAGES, "staticfiles": plain}):
            self._compare(total, options["times"])

    def _compare(self, total: int, times: int) -> None:
        job = Job.objects.order_by("-id")[SMALL // 2]
        with transaction.atomic(), acting(actor="Portico", reason="Measuring"):
            pages = self._pages(job)
            large = self._measure(pages, times)
            with self._only(SMALL):
                small = self._measure(pages, times)
            transaction.set_rollback(True)
        self._print(total, small, large)

    def _pages(self, job: Job) -> list[tuple[str, Client, str]]:
        """(what, who reads, address)."""
        staff = User.objects.create_superuser("bench-staff@portico.invalid", None, full_name="Bench")
        user = User.objects.create_user("bench-portal@portico.invalid", None, full_name="Bench")
        person = PortalUser.objects.create(user=user, state=PortalUserState.ACTIVE)
        for customer in self._customers():
            CustomerLink.objects.create(portal_user=person, customer_id=customer)
        console, portal = Client(), Client()
        console.force_login(staff, backend=BACKEND)
        portal.force_login(user, backend=BACKEND)
        jobs, own = reverse("admin:jobs_job_changelist"), reverse("portal_site:jobs")
        return [
            ("job list, page 1", console, jobs),
            ("job list, page 10", console, f"{jobs}?p=10"),
            ("job list, search by number", console, f"{jobs}?q={job.number}"),
            ("job list, search by external ID", console, f"{jobs}?q={job.external_id or job.number}"),
            ("portal list, page 1", portal, own),
            ("portal list, page 2", portal, f"{own}?page=2"),
        ]

    def _customers(self) -> list[int]:
        """Customers who have two full pages of open jobs among the newest: so the list is full in both tables."""
        newest = Job.objects.order_by("-id").values("customer_id", "status")[:SMALL]
        waiting = Counter(row["customer_id"] for row in newest if row["status"] in OPEN)
        chosen: list[int] = []
        for customer, _count in waiting.most_common():
            chosen.append(customer)
            if sum(waiting[key] for key in chosen) >= 2 * PER_PAGE:
                break
        return chosen

    def _measure(self, pages: list[tuple[str, Client, str]], times: int) -> dict[str, PageCost]:
        found = {}
        for what, client, address in pages:
            client.get(address, secure=settings.PRODUCTION)  # what is cached is cached
            taken = []
            for _ in range(times):
                with CaptureQueriesContext(connection) as caught:
                    began = time.perf_counter()
                    response = client.get(address, secure=settings.PRODUCTION)
                    taken.append(1000 * (time.perf_counter() - began))
            if response.status_code != 200:
                raise CommandError(f"{what}: {address} answers {response.status_code}.")
            found[what] = PageCost(len(caught), min(taken))
        return found

    @contextmanager
    def _only(self, count: int) -> Iterator[None]:
        """The newest jobs alone, in a temporary table that hides the real one from this connection."""
        table = Job._meta.db_table
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"CREATE TEMP TABLE small_jobs (LIKE {table} INCLUDING ALL) ON COMMIT DROP")
                cursor.execute(f"INSERT INTO small_jobs SELECT * FROM {table} ORDER BY id DESC LIMIT %s", [count])  # noqa: S608
                cursor.execute(f"ALTER TABLE small_jobs RENAME TO {table}")
                cursor.execute(f"ANALYZE {table}")
            else:
                cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = %s", [table])
                indexes = [sql for (sql,) in cursor.fetchall() if sql]
                cursor.execute(
                    f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table} ORDER BY id DESC LIMIT {count}"  # noqa: S608
                )
                cursor.execute(f"CREATE UNIQUE INDEX temp.small_jobs_key ON {table} (id)")
                for sql in indexes:
                    cursor.execute(sql.replace("INDEX ", "INDEX temp.", 1))
            yield
            cursor.execute(f"DROP TABLE {'pg_temp' if connection.vendor == 'postgresql' else 'temp'}.{table}")

    def _print(self, total: int, small: dict[str, PageCost], large: dict[str, PageCost]) -> None:
        self.stdout.write(f"{'':34}{f'{SMALL:,} jobs':>22}{f'{total:,} jobs':>22}{'ratio':>16}")
        self.stdout.write(f"{'page':34}{'queries':>10}{'ms':>12}{'queries':>10}{'ms':>12}{'queries':>8}{'ms':>8}")
        for what, few in small.items():
            many = large[what]
            self.stdout.write(
                f"{what:34}{few.queries:>10}{few.milliseconds:>12.1f}{many.queries:>10}{many.milliseconds:>12.1f}"
                f"{many.queries / max(few.queries, 1):>8.2f}{many.milliseconds / few.milliseconds:>8.2f}"
            )
