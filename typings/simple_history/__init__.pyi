from typing import Any

from django.db.models import Model

def register(model: type[Model], *, app: str | None = None, records_class: Any = None, **options: Any) -> None: ...
