from dataclasses import dataclass
from typing import Any

from django.utils.functional import _StrOrPromise
from unfold.enums import ActionVariant

@dataclass
class UnfoldAction:
    action_name: str
    method: Any
    description: _StrOrPromise
    path: str
    attrs: dict[str, Any] | None = ...
    object_id: int | str | None = ...
    icon: str | None = ...
    variant: ActionVariant | None = ...
    dialog: Any = ...

@dataclass
class SearchResult:
    title: _StrOrPromise
    description: _StrOrPromise
    link: str
    icon: str | None
