"""``manage.py seed_jobs N``: N plausible jobs, fast, for measuring."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.seeding import seed_jobs


class Command(BaseCommand):
    help = "Makes plausible jobs in great numbers, to measure with. They are written past the services; tells nobody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("count", type=int, help="how many jobs to add")
        parser.add_argument("--with-history", action="store_true", help="also history, an event and a portal link each")
        parser.add_argument("--seed", type=int, default=1, help="another number makes other jobs (default: 1)")

    def handle(self, *args: str, **options: Any) -> None:
        count = options["count"]
        if count < 1:
            raise CommandError("Name a number of jobs, 1 or more.")
        began = time.monotonic()

        def said(done: int) -> None:
            rate = done / max(time.monotonic() - began, 0.001)
            self.stdout.write(f"{done:>10,} of {count:,} jobs, {rate:,.0f} a second")

        total = seed_jobs(count, with_history=options["with_history"], seed=options["seed"], said=said)
        took = time.monotonic() - began
        self.stdout.write(self.style.SUCCESS(f"Made {count:,} jobs in {took:.1f} s. There are {total:,} now."))
