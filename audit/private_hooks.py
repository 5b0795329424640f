"""Names that Django and its packages keep to themselves and that we use all the same: here, and nowhere else.

tests/architecture/test_private_hooks.py names each of them, and the private methods that classes of ours replace. An
upgrade that takes one away fails there, and is mended here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import connection, models
from django.db.models.base import ModelState
from django.forms.models import BaseModelForm, _get_foreign_key

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldOpts, _FieldsetSpec
    from django.contrib.auth.models import _User
    from django.forms import BaseModelFormSet, ModelForm
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase
    from django.utils.functional import _StrOrPromise
    from unfold.admin import ModelAdmin
    from unfold.dataclasses import UnfoldAction

    # What stands under one heading of a page, and all headings of it.
    FieldOptions = _FieldOpts
    Fieldsets = _FieldsetSpec
    # A text, or one that is translated when it is shown.
    Words = _StrOrPromise
    # The model of AUTH_USER_MODEL stands in a room above; by this name of the stubs it is known here as well.
    Account = _User
    # A field of any kind, which holds any kind of value.
    Field = models.Field[object, object]
    ForeignObject = models.ForeignObject[object, object]
    # What a relation asks for when the record goes that it refers to; None where there is no such question.
    OnDelete = Callable[..., object] | None
    ForeignKey = models.ForeignKey[models.Model, models.Model]
    ManyToManyField = models.ManyToManyField[models.Model, models.Model]
    FormSet = BaseModelFormSet[models.Model, ModelForm[models.Model]]

M = TypeVar("M", bound=models.Model)

# --- Django: forms ----------------------------------------------------------------------------------------


def exclusions_of(form: ModelForm[Any]) -> set[str]:
    """The fields that the model's own rules leave out when this form is checked, before a form adds to them."""
    excluded: set[str] = BaseModelForm._get_validation_exclusions(form)  # type: ignore[attr-defined]  # not in the stubs
    return excluded


# --- Django: records --------------------------------------------------------------------------------------


def become(record: M, saved: M) -> None:
    """Makes a record that a form holds the one that a service saved: the console goes on with its own."""
    record.__dict__.update(saved.__dict__)


def loaded_relations(record: models.Model) -> dict[str, models.Model | None]:
    """What a record refers to, as far as it was fetched: {field name: record}. Writing into it is like fetching."""
    found: dict[str, models.Model | None] = record._state.fields_cache
    return found


def state_with(related: dict[str, models.Model | None]) -> ModelState:
    """The state of a new record that refers to these, which need not be fetched again."""
    state = ModelState()
    state.fields_cache = related
    return state


def copy_of_loaded(record: M) -> M:
    """A copy on which one may set what it refers to, without setting it on the record too."""
    made = copy(record)
    made._state = copy(record._state)
    made._state.fields_cache = dict(loaded_relations(record))
    return made


def set_prefetched(record: models.Model, **found: Sequence[models.Model]) -> None:
    """As if ``prefetch_related`` had found these, by the name of the relation."""
    record.__dict__["_prefetched_objects_cache"] = found


def delete_without_collecting(rows: models.QuerySet[M]) -> None:
    """Deletes rows in one statement, without Django's look at what hangs on them: for who has looked."""
    rows._raw_delete(connection.alias)


# --- Django and Unfold: the console -----------------------------------------------------------------------


def key_of_inline(parent: type[models.Model], child: type[models.Model], name: str | None) -> ForeignKey:
    """The foreign key by which the rows of an inline hang on the record of its page; ``name``: its ``fk_name``."""
    key: ForeignKey = _get_foreign_key(parent, child, fk_name=name)
    return key


def formsets_of(
    page: ModelAdmin[Any], request: HttpRequest, record: models.Model, *, change: bool
) -> list[BaseModelFormSet[Any, ModelForm[Any]]]:
    """The forms of a page's inlines, as they were sent."""
    formsets, _inlines = page._create_formsets(request, record, change=change)
    return formsets


def buttons_of(
    page: ModelAdmin[Any], named: Iterable[str], allowed: Sequence[UnfoldAction], key: str
) -> list[dict[str, object]]:
    """The buttons of a record's page as Unfold's template takes them, for a page that is not its change form."""
    buttons: list[dict[str, object]] = page._get_actions_navigation(list(named), allowed, key)
    return buttons


# --- simple-history ---------------------------------------------------------------------------------------


def lists_in_history(history: type[models.Model]) -> tuple[ManyToManyField, ...]:
    """The many-to-many fields that a model's history keeps; of a model without history, none."""
    fields: Iterable[ManyToManyField] = getattr(history, "_history_m2m_fields", ())
    return tuple(fields)


# --- django-csp -------------------------------------------------------------------------------------------


def set_policy(response: HttpResponseBase, policy: Mapping[str, object]) -> None:
    """Gives one answer a Content-Security-Policy of its own, in place of the settings'."""
    response.__dict__["_csp_config"] = policy
