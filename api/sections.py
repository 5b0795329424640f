"""What a room adds to the API: operations, and the scopes that a token needs for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    # Models ask which scopes there are; they are loaded without the API.
    from ninja import Router


@dataclass(frozen=True)
class Section:
    """Operations of one room. ``scopes``: what a token of a member of staff may be used for here, and how that is said
    where tokens are made. ``workers_rights``: what a worker's token may do here, as rights of the office; who hands one
    out must have them."""

    router: Router
    scopes: Mapping[str, Promise] = field(default_factory=dict)
    workers_rights: tuple[str, ...] = ()


@cache
def sections() -> tuple[Section, ...]:
    """Every section, in the order of the document: those that the setting API_SECTIONS names."""
    return tuple(import_string(name) for name in settings.API_SECTIONS)


@cache
def scopes() -> Mapping[str, Promise]:
    """What tokens may be used for: {scope: words}. The person's own rights and grants count besides."""
    return {scope: words for section in sections() for scope, words in section.scopes.items()}


class Scoped(TypedDict):
    """Keywords of an operation."""

    openapi_extra: dict[str, object]


def scoped(scope: str) -> Scoped:
    """What an operation says in the document of the scope its token needs; ``accounts.api.auth`` asks for it."""
    return {"openapi_extra": {"x-scope": scope}}
