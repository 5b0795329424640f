"""Asks the whole database whether documents and ledger agree."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from billing.invariants import INVARIANTS, broken


class Command(BaseCommand):
    help = "Checks what must always be true of invoices and the ledger. Ends with 1 where something is not."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", nargs="*", choices=sorted(INVARIANTS), help="only these, for example I7")

    def handle(self, *args: Any, **options: Any) -> None:
        names = frozenset(options["only"] or INVARIANTS)
        found = broken(names)
        for name in sorted(names):
            doc = str(INVARIANTS[name].__doc__ or "").splitlines()[0]
            self.stdout.write(f"{'BROKEN' if name in found else 'ok':8}{doc}")
            for sentence in found.get(name, []):
                self.stdout.write(f"        {sentence}")
        self.stdout.write(f"{len(found)} of {len(names)} invariants broken")
        if found:
            sys.exit(1)
