from collections.abc import Callable
from typing import Any

from django.db.models import Model

class Field:
    attribute: str | Callable[[Any], object] | None
    column_name: str
    def __init__(
        self,
        attribute: str | Callable[[Any], object] | None = None,
        column_name: str | None = None,
        widget: object = None,
        readonly: bool = False,
    ) -> None: ...
    def export(self, instance: Model | None, **kwargs: object) -> object: ...
