from typing import Any

from django.contrib.admin.views.main import ChangeList as _ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest

class ChangeList(_ChangeList):
    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Any]: ...
