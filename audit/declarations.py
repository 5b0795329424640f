"""What a model says of itself in its own class, and how it is read.

``scope``, ``history``, ``take_back``, ``watched``, ``derived``, ``encrypted``, ``in_texts``: whoever reads the class
reads all of it. The class itself is asked when something needs to know, so nothing is registered
(docs/decisions/0124-declarations.md).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.apps import apps
from django.db import models
from django.utils.module_loading import import_string

T = TypeVar("T")


class LazyFunction:
    """A function by its dotted name, imported when it is called: a declaration may name the services of its model.

    ``tests/architecture/test_declarations.py`` finds each of them, and that it takes and returns what is expected.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it. What it takes and returns, the declaration says that names it."""
        return self.function(*args, **kwargs)

    @property
    def function(self) -> Callable[..., Any]:
        """The function itself. Raises ImportError when there is none of that name."""
        found: Callable[..., Any] = import_string(self.name)
        return found


def declared(name: str, kind: type[T]) -> list[tuple[type[models.Model], T]]:
    """Return the installed models with a declaration of that name and kind, each with what it declares.

    Proxies say nothing of their own.
    """
    found = ((model, getattr(model, name, None)) for model in apps.get_models() if not model._meta.proxy)
    return [(model, value) for model, value in found if isinstance(value, kind)]
