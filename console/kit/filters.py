"""The filters a list of the console may have: they read their values before they ask the database for anything.

A filter declares the names it takes (``names``) and keeps those values only that it can read and that this person may
choose; the others are left out, and the page says so (console.addresses). Other filters are refused at the start
(console.kit.checks): Django's own take any value, and answer for records that are not the reader's to see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from unfold.contrib.filters.admin import (
    AllValuesCheckboxFilter,
    AutocompleteSelectMultipleFilter,
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    MultipleChoicesDropdownFilter,
    MultipleRelatedDropdownFilter,
    RangeDateFilter,
    RelatedDropdownFilter,
)
from unfold.contrib.filters.forms import RangeDateForm

from console.addresses import (
    MOST_VALUES,
    end_of,
    keep_readable,
    leave_out,
    leave_out_turned_span,
    left_out_of,
    only_last,
    read_day,
    shortened,
    start_of,
)
from console.keys import is_key
from console.kit.scoped import shown_to
from console.shapes import AnyAdmin, AnyField, AnyForeignKey, AnyManyToMany, AnyRows, Words

if TYPE_CHECKING:
    from django.contrib.admin import FieldListFilter as _Drawn
    from django.contrib.admin import ListFilter as _Listed
else:
    _Drawn = _Listed = object

# What an address asks for, by the names of its parameters.
Parameters = dict[str, list[str]]


def _keep(
    request: HttpRequest, params: Parameters, name: str, readable: Collection[str], title: Words | None, most: int
) -> None:
    """Leaves those values of a parameter that can be read."""
    if kept := keep_readable(request, params[name], readable, title, most, name):
        params[name] = kept
    else:
        del params[name]


def _relation(field: AnyField) -> AnyForeignKey | AnyManyToMany:
    """The column of a filter by a related record."""
    assert isinstance(field, models.ForeignKey | models.ManyToManyField)
    return field


class SaysWhatItLeftOut(_Listed):
    """What every filter of the console has beside its box: a sentence for each value that it did not take."""

    template = "console/filter.html"

    if TYPE_CHECKING:
        request: HttpRequest

    @property
    def drawn_by(self) -> str:
        """The template of the filter itself, Unfold's."""
        return str(super().template)

    @property
    def left_out(self) -> list[str]:
        """What to say beside the box."""
        return left_out_of(self.request, [str(name) for name in self.expected_parameters() if name])


class LookupFilter(SaysWhatItLeftOut, DropdownFilter):
    """A filter of a list's own, by one of the questions that ``lookups`` names."""

    def __init__(
        self, request: HttpRequest, params: Parameters, model: type[models.Model], model_admin: AnyAdmin
    ) -> None:
        self.request = request
        if params.get(self.parameter_name):
            offered = {str(value) for value, _words in self.lookups(request, model_admin)}
            _keep(request, params, self.parameter_name, offered, self.title, most=1)
        super().__init__(request, params, model, model_admin)

    @classmethod
    def own_names(cls) -> tuple[str, ...]:
        """The parameters it takes from an address."""
        return (str(cls.parameter_name),)


class FieldFilter(SaysWhatItLeftOut, _Drawn):
    """A filter by a column of the list's model; put before the class of Unfold's that draws it."""

    # How many values of one parameter it counts.
    most: ClassVar[int] = 1

    def __init__(
        self,
        field: AnyField,
        request: HttpRequest,
        params: Parameters,
        model: type[models.Model],
        model_admin: AnyAdmin,
        field_path: str,
    ) -> None:
        self.request = request
        self.model_admin = model_admin
        self._names = self.names(field, field_path)
        for name in self._names:
            if any(params.get(name, ())):
                self._read(request, params, name, field)
            else:
                # What the form of the filters sends for "All".
                params.pop(name, None)
        super().__init__(field, request, params, model, model_admin, field_path)

    @classmethod
    def names(cls, field: AnyField, path: str) -> tuple[str, ...]:
        """The parameters it takes from an address, for a column at the end of that path."""
        return (f"{path}__exact",)

    def _read(self, request: HttpRequest, params: Parameters, name: str, field: AnyField) -> None:
        readable = self.readable(request, field, params[name])
        _keep(request, params, name, readable, field.verbose_name, self.most)

    def readable(self, request: HttpRequest, field: AnyField, values: Sequence[str]) -> Collection[str]:
        """Those of the values that can be read and chosen, or all that could be."""
        raise NotImplementedError

    def expected_parameters(self) -> list[str | None]:
        """What Django asks for: nothing is taken that ``names`` does not name, not even whether there is a value."""
        return list(self._names)


class ChoiceFilter(FieldFilter, ChoicesDropdownFilter):
    """By a column with choices, one of them."""

    def readable(self, request: HttpRequest, field: AnyField, values: Sequence[str]) -> Collection[str]:
        return {str(value) for value, _words in field.flatchoices}


class ChoicesFilter(ChoiceFilter, MultipleChoicesDropdownFilter):
    """The same, several at once."""

    most = MOST_VALUES


class ValuesFilter(FieldFilter, AllValuesCheckboxFilter):
    """By the values that stand in a column of the rows this person sees."""

    most = MOST_VALUES

    @classmethod
    def names(cls, field: AnyField, path: str) -> tuple[str, ...]:
        return (path,)

    def readable(self, request: HttpRequest, field: AnyField, values: Sequence[str]) -> Collection[str]:
        rows = self.model_admin.get_queryset(request).order_by(field.name).distinct()
        return {str(value) for value in rows.values_list(field.name, flat=True)}


class YesNoFilter(FieldFilter, BooleanRadioFilter):
    """By a column that is yes or no."""

    def readable(self, request: HttpRequest, field: AnyField, values: Sequence[str]) -> Collection[str]:
        return ("1", "0")


class _RelatedFilter(FieldFilter):
    """By a related record: one of those this person may see, and of no other does it answer anything."""

    if TYPE_CHECKING:
        lookup_choices: list[tuple[str, Words]]

    @classmethod
    def names(cls, field: AnyField, path: str) -> tuple[str, ...]:
        return (f"{path}__{_relation(field).target_field.name}__exact",)

    def readable(self, request: HttpRequest, field: AnyField, values: Sequence[str]) -> Collection[str]:
        return {str(key) for key, _words in self.field_choices(field, request, self.model_admin)}

    def field_choices(self, field: AnyField, request: HttpRequest, model_admin: AnyAdmin) -> list[tuple[str, Words]]:
        """The rows to choose from, fetched once."""
        if not hasattr(self, "_choices"):
            rows = shown_to(_relation(field).related_model._default_manager.all(), request.user)
            self._choices: list[tuple[str, Words]] = [(row.pk, str(row)) for row in rows]
        return self._choices

    def has_output(self) -> bool:
        """Also where there is one thing to choose: what the address says of it counts."""
        return bool(self.lookup_choices)


class ScopedFilter(_RelatedFilter, RelatedDropdownFilter):
    """A filter by a related record, as a drop-down of those the person may see. For tables that stay small."""


class ScopedMultipleFilter(_RelatedFilter, MultipleRelatedDropdownFilter):
    """The same, several at once."""

    most = MOST_VALUES


class ScopedSearchFilter(_RelatedFilter, AutocompleteSelectMultipleFilter):
    """The same as a search box. For tables that grow."""

    most = MOST_VALUES

    def readable(self, request: HttpRequest, field: AnyField, values: Sequence[str]) -> Collection[str]:
        keys = {value for value in values if is_key(value)}
        seen = shown_to(
            _relation(field).related_model._default_manager.filter(pk__in=list(keys)[:MOST_VALUES]), request.user
        )
        found = {str(key) for key in seen.values_list("pk", flat=True)}
        return {value for value in keys if str(int(value)) in found}

    def field_choices(self, field: AnyField, request: HttpRequest, model_admin: AnyAdmin) -> list[tuple[str, Words]]:
        return AutocompleteSelectMultipleFilter.field_choices(self, _relation(field), request, model_admin)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        # Unfold's: one form, with one field.
        choice: Any
        for choice in AutocompleteSelectMultipleFilter.choices(self, changelist):
            for field in choice["form"].fields.values():
                # Unfold takes all rows there are, and would name any of them.
                field.queryset = shown_to(field.queryset.all(), self.request.user)
            yield choice


class _DayRangeForm(RangeDateForm):
    """Two boxes with a calendar each. What was typed is read by the filter, which also says what it could not read: a
    field of Django's would refuse what the reader's own language does not write."""

    def __init__(self, name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(name, *args, **kwargs)
        for key, field in self.fields.items():
            self.fields[key] = forms.CharField(label="", required=False, widget=field.widget)


class DayRangeFilter(FieldFilter, RangeDateFilter):
    """From a day to a day, both with all of their hours, by the clock of the console. Every filter by a date is one.

    A day may be written as any of our languages writes it; what is none is left out, stays in its box and is said.
    """

    form_class = _DayRangeForm

    def __init__(
        self,
        field: AnyField,
        request: HttpRequest,
        params: Parameters,
        model: type[models.Model],
        model_admin: AnyAdmin,
        field_path: str,
    ) -> None:
        self._days: dict[str, date | None] = {}
        super().__init__(field, request, params, model, model_admin, field_path)

    @classmethod
    def names(cls, field: AnyField, path: str) -> tuple[str, ...]:
        return (f"{path}_from", f"{path}_to")

    def _read(self, request: HttpRequest, params: Parameters, name: str, field: AnyField) -> None:
        values = [value for value in params[name] if value]
        words = str(values[-1])
        if len(set(values)) > 1:
            leave_out(request, only_last(field.verbose_name), name)
        params[name] = words  # type: ignore[assignment]  # one text, as Unfold's filter takes it
        self._days[name] = read_day(words)
        if self._days[name] is None:
            said = {"value": shortened(words), "filter": field.verbose_name}
            leave_out(request, _("“%(value)s” is not a date and was left out of “%(filter)s”.") % said, name)

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        first, last = (self._days.get(name) for name in self._names)
        leave_out_turned_span(self.request, self.field.verbose_name, first, last, self._names[0])
        path, moments = self.field_path, isinstance(self.field, models.DateTimeField)
        condition = Q()
        if first is not None:
            condition &= Q(**{f"{path}__gte": start_of(first) if moments else first})
        if last is not None:
            condition &= Q(**{f"{path}__lt": end_of(last)} if moments else {f"{path}__lte": last})
        return queryset.filter(condition)
