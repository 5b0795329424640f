"""Two people, or two programs, who make the same thing in the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, transaction

P = ParamSpec("P")
R = TypeVar("R")


def finds_or_makes(service: Callable[P, R]) -> Callable[P, R]:
    """A service that looks whether something is there, and makes it if not; in a transaction.

    What isn't there yet can't be locked: of two who make it at once, the database refuses the second. The service is
    then run again with the same arguments, and finds what the first has made. What is refused again is raised.
    """
    whole = transaction.atomic(service)

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return whole(*args, **kwargs)
        except IntegrityError:
            return whole(*args, **kwargs)

    return run
