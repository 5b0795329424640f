from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Manager, Model

_Row = TypeVar("_Row", bound=Model)

class HistoryManager(Manager[_Row]):
    def bulk_history_create(
        self,
        objs: Iterable[Model],
        batch_size: int | None = None,
        update: bool = False,
        default_user: Any = None,
        default_change_reason: str = "",
        default_date: datetime | None = None,
        custom_historical_attrs: dict[str, object] | None = None,
    ) -> list[_Row]: ...
