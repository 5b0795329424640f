"""``manage.py bench_paper``: what a job sheet with long texts costs, and one with four times the lines."""

from __future__ import annotations

import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.loader import render_to_string
from django.utils import translation

from accounts.models import Customer, Location
from audit.private_hooks import set_prefetched
from business.models import PortalSettings
from jobs.models import Job, JobFile
from jobs.pdf import job_sheet
from paper.pdf import to_pdf
from templates_app.models import JobTemplate, TemplateVersion

LINES, TIMES = 5000, 4
# So many files and price lines for so many lines of a text: 100 and 200 at 5,000.
FILES, PRICES = 100 / LINES, 200 / LINES
# Four times the lines may take at most so many times as long; a sheet at most so many seconds, whatever is on it.
BOUND, SECONDS = 5.0, 15.0
# Below this a clock says little about a ratio.
FLOOR = 0.1
TRIES = 3

Clock = Callable[[Callable[[], object]], float]


class Command(BaseCommand):
    help = (
        "Times job sheets with long texts and long tables, as they are cut, and lines on paper that are not cut; each "
        f"with {TIMES} times the lines beside it. Exits 1 where that takes more than {BOUND:.0f} times as long, or a "
        f"sheet more than {SECONDS:.0f} seconds. Reads and writes no table."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--lines", type=int, default=LINES, help=f"lines of a long text (default: {LINES})")

    def handle(self, *args: str, **options: Any) -> None:
        lines, missed = options["lines"], 0
        self.stdout.write(f"{f's at {lines:,}':>12}{f's at {TIMES * lines:,}':>12}{'ratio':>8}{'bound':>8}")
        with translation.override("en"):
            for name, make in SHEETS.items():
                once, more = compared(make, lines, seconds)
                held = is_held(once, more)
                missed += not held
                figures = f"{once:>12.3f}{more:>12.3f}{more / max(once, 1e-6):>8.2f}{BOUND:>8.1f}"
                self.stdout.write(f"{figures}  {name}{'' if held else '  NOT HELD'}")
        if missed:
            raise CommandError(f"{missed} of {len(SHEETS)} sheets take too long.", returncode=1)
        self.stdout.write(f"{len(SHEETS)} of {len(SHEETS)} within the bound.")


def is_held(once: float, more: float) -> bool:
    """Are these seconds, for a text and for one of four times the lines, within the bounds?"""
    return more <= SECONDS and (more <= FLOOR or more / max(once, 1e-6) <= BOUND)


def compared(make: Callable[[int], object], lines: int, clock: Clock) -> tuple[float, float]:
    """Seconds for so many lines and for four times as many. Measured again while it looks bad."""
    once, more = clock(lambda: make(lines)), clock(lambda: make(TIMES * lines))
    for _try in range(TRIES):
        if is_held(once, more):
            break
        once, more = min(once, clock(lambda: make(lines))), min(more, clock(lambda: make(TIMES * lines)))
    return once, more


def seconds(make: Callable[[], object]) -> float:
    """Seconds of this process that something takes."""
    began = time.process_time()
    make()
    return time.process_time() - began


def _job(
    *,
    notes: str = "",
    way_in: str = "",
    fields: int = 0,
    steps: int = 0,
    value: str = "x",
    files: int = 0,
    prices: int = 0,
) -> Job:
    kinds = ["text"] * fields + ["file"] * files
    definitions = [
        {"key": f"f{n}", "label": f"Field {n}", "kind": kind, "choices": [], "portal_use": "optional", "default": ""}
        for n, kind in enumerate(kinds)
    ]
    done = [{"key": f"s{n}", "name": f"Step {n}", "portal_use": "optional"} for n in range(steps)]
    version = TemplateVersion(fields=definitions, steps=done)
    customer = Customer(name="Acme")
    price = {"description": "Exchange of a skip of 7 cubic metres", "quantity": "2.5", "unit_price": "120.00"}
    job = Job(
        number="J-1",
        customer=customer,
        template=JobTemplate(name="Exchange"),
        blueprint=version,
        location=Location(customer=customer, notes=way_in),
        notes=notes,
        values={f"f{n}": value if kind == "text" else [f"photo {n}.jpg"] for n, kind in enumerate(kinds)},
        price_lines=[price] * prices,
        amount=Decimal(300 * prices) if prices else None,
    )
    # The table of files is not asked.
    found = [JobFile(job=job, key=f"f{fields + n}", name=f"photo {n}.jpg", kind="image/jpeg") for n in range(files)]
    set_prefetched(job, files=found)
    return job


def _sheet(**facts: Any) -> bytes:
    return job_sheet(_job(**facts), for_customer=False, business=PortalSettings(portal_name="Harbour Bins"))


def _uncut(lines: int) -> bytes:
    """As many lines as a text has, on as many pages as they take: what the sheet's way of setting lines costs."""
    return to_pdf(render_to_string("paper/pdf/lines.html", {"lines": ["line of a note"] * lines}))


SHEETS: dict[str, Callable[[int], bytes]] = {
    "notes of so many lines": lambda size: _sheet(notes="line of a note\n" * size),
    "how to get in, of so many lines": lambda size: _sheet(way_in="left\n" * size),
    "a value of so many words": lambda size: _sheet(fields=1, value="word " * size),
    "so many fields": lambda size: _sheet(fields=size),
    "so many fields with long values": lambda size: _sheet(fields=size, value="word " * 200),
    "so many steps": lambda size: _sheet(steps=size),
    "everything at its limit": lambda size: _sheet(
        notes="line of a note\n" * size, way_in="left\n" * size, fields=size, steps=size, value="word " * size
    ),
    "files and price lines, and notes of so many lines": lambda size: _sheet(
        files=round(FILES * size), prices=round(PRICES * size), notes="line of a note\n" * size
    ),
    "lines that are not cut": _uncut,
}
