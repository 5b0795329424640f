"""``manage.py make_due_occurrences``: the jobs of the series that are due. Beat does the same every ten minutes."""

from __future__ import annotations

from django.core.management.base import BaseCommand

from jobs.services import make_due_occurrences


class Command(BaseCommand):
    help = "Makes the jobs of all running series that are due. Safe to run at any time, several times at once."

    def handle(self, *args: str, **options: object) -> None:
        made = make_due_occurrences()
        self.stdout.write(f"Made {made.jobs:,} jobs.")
        for name, problem in made.problems.items():
            self.stderr.write(f"{name}: {problem}")
