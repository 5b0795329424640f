"""``manage.py rotate_encryption_keys``: everything that is kept encrypted, anew under the newest key."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.encryption import rotate


class Command(BaseCommand):
    """Says for each column what it did; ends in an error when something cannot be read with the keys there are."""

    help = "Encrypts what is kept encrypted anew under the first of ENCRYPTION_KEYS. Nobody's address changes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only count.")

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        done = "to encrypt anew" if options["dry_run"] else "encrypted anew"
        for result in rotate(dry_run=options["dry_run"]):
            unreadable += result.unreadable
            self.stdout.write(
                f"{result.column.model}.{result.column.name}: {result.changed} {done}, "
                f"{result.current} under the newest key, {result.unreadable} unreadable"
            )
        if unreadable:
            raise CommandError(
                f"{unreadable} values cannot be read: add the key they were encrypted under to the end of "
                "ENCRYPTION_KEYS, and run this again."
            )
