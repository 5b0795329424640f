"""``manage.py bench_text``: what reading a long text costs, and one twice as long."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from config.cleaners import Cleaner, cleaners, shapes

# Every shape is tried at this length; the slowest of them at both lengths that are compared.
LOOK, LOOKED_AT = 1_000, 3
LENGTH = 50_000
# Twice the text may take at most so many times as long, or stay below so many milliseconds, where a clock says little.
BOUND, FLOOR = 3.0, 3.0
TRIES = 5


@dataclass(frozen=True)
class CleaningCost:
    """What a cleaner took on one shape: milliseconds on a text and on one twice as long."""

    shape: str
    once: float
    twice: float

    @property
    def ratio(self) -> float:
        """How many times as long the longer text took."""
        return self.twice / max(self.once, 1e-6)

    @property
    def is_held(self) -> bool:
        """Is it within the bound?"""
        return self.ratio <= BOUND or self.twice <= FLOOR


class Command(BaseCommand):
    help = (
        "Times everything that reads text from outside (expressions, template fields, columns of imports, models, "
        "forms, the API) on long text of many shapes, and on text twice as long. Exits 1 where twice the text takes "
        f"more than {BOUND:.0f} times as long. Reads and writes no table."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--length", type=int, default=LENGTH, help=f"characters of a long text (default: {LENGTH})")
        parser.add_argument("--only", default="", help="only those whose name holds this")

    def handle(self, *args: str, **options: Any) -> None:
        length = options["length"]
        wanted = [one for one in cleaners() if options["only"] in one.name]
        if not wanted:
            raise CommandError(f"Nothing that reads text is called {options['only']!r}.")
        missed = 0
        self.stdout.write(f"{f'ms at {length:,}':>14}{f'ms at {2 * length:,}':>14}{'ratio':>8}{'bound':>8}")
        with translation.override("en"):
            for cleaner in wanted:
                figure = worst_of(cleaner, length, _seconds)
                missed += not figure.is_held
                self.stdout.write(self._line(cleaner, figure))
        held = len(wanted) - missed
        self.stdout.write(f"{held} of {len(wanted)} within the bound (or below {FLOOR:.0f} ms).")
        if missed:
            raise CommandError(f"{missed} take too long on long text.", returncode=1)

    def _line(self, cleaner: Cleaner, figure: CleaningCost) -> str:
        said = "" if figure.is_held else "  NOT HELD"
        figures = f"{figure.once:>14.3f}{figure.twice:>14.3f}{figure.ratio:>8.2f}{BOUND:>8.1f}"
        return f"{figures}  {' '.join(cleaner.name.split())} on {figure.shape}{said}"


Clock = Callable[[Cleaner, str], float]


def worst_of(cleaner: Cleaner, length: int, clock: Clock) -> CleaningCost:
    """Return the worst of the shapes that a cleaner takes longest on. ``clock`` says how long a text takes it."""
    slowest = sorted(shapes(min(LOOK, length)), key=lambda shape: -clock(cleaner, shape[1]))[:LOOKED_AT]
    named = {name for name, _text in slowest}
    short = {name: text for name, text in shapes(length) if name in named}
    long = {name: text for name, text in shapes(2 * length) if name in named}
    figures = [_compared(cleaner, name, short[name], long[name], clock) for name in short]
    return max(figures, key=lambda figure: (not figure.is_held, figure.ratio if figure.twice > FLOOR else 0))


def _compared(cleaner: Cleaner, shape: str, short: str, long: str, clock: Clock) -> CleaningCost:
    """Measured again while it looks bad: other work on the machine only adds."""
    figure = CleaningCost(shape, 1000 * clock(cleaner, short), 1000 * clock(cleaner, long))
    for _try in range(TRIES):
        if figure.is_held:
            break
        once, twice = 1000 * clock(cleaner, short), 1000 * clock(cleaner, long)
        figure = CleaningCost(shape, min(figure.once, once), min(figure.twice, twice))
    return figure


def _seconds(cleaner: Cleaner, text: str) -> float:
    began = time.process_time()
    cleaner(text)
    return time.process_time() - began
