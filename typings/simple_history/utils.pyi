from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Manager, Model

_Record = TypeVar("_Record", bound=Model)

def bulk_create_with_history(
    objs: Iterable[_Record],
    model: type[_Record],
    batch_size: int | None = None,
    ignore_conflicts: bool = False,
    default_user: Any = None,
    default_change_reason: str | None = None,
    default_date: datetime | None = None,
    custom_historical_attrs: dict[str, object] | None = None,
) -> list[_Record]: ...
def bulk_update_with_history(
    objs: Iterable[_Record],
    model: type[_Record],
    fields: Sequence[str],
    batch_size: int | None = None,
    default_user: Any = None,
    default_change_reason: str | None = None,
    default_date: datetime | None = None,
    manager: Manager[_Record] | None = None,
    custom_historical_attrs: dict[str, object] | None = None,
) -> int: ...
