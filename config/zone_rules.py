"""The rules of time zones come from the package ``tzdata``, pinned like every other, and never from the machine.

Python asks the machine's files first, and those may be years old: with them Vancouver has a winter time that it gave up
in November 2026, and its customers are told another hour than the office means (docs/decisions/0130-zone-rules.md).
"""

from __future__ import annotations

import zoneinfo
from importlib import import_module


def use_the_package() -> None:
    """Look zones up in the package alone, from now on and in every program that imports ``config``.

    Raises ModuleNotFoundError where it is not installed.
    """
    import_module("tzdata")
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
