"""Lists on a form of which somebody sees a part: what they may not see is kept, and said as a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic

from django import forms
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.reader import Reader, StaffReader, names_for
from console.shapes import AnyManyToMany, Context, Fieldsets, Record

if TYPE_CHECKING:
    from unfold.admin import ModelAdmin

    _Form = forms.ModelForm[models.Model]
    _Page = ModelAdmin
else:
    _Form = object

    class _Page(Generic[Record]):
        pass


class _KeepsHiddenChoices(_Form):
    """A form that keeps those records on its lists which its reader may not see."""

    reader: Reader

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hidden: dict[str, list[models.Model]] = {}
        for field in self.instance._meta.many_to_many if self.instance.pk else ():
            if field.name in self.fields:
                self._leave_out(field.name)

    def _leave_out(self, name: str) -> None:
        chosen: list[models.Model] = list(getattr(self.instance, name).all())
        kind = type(self.instance)._meta.get_field(name).related_model
        if not chosen or not isinstance(kind, type):
            return
        seen = self.reader.visible_keys(kind, [record.pk for record in chosen])
        if len(seen) == len(chosen):
            return
        self.hidden[name] = [record for record in chosen if record.pk not in seen]
        self.initial[name] = [record for record in chosen if record.pk in seen]
        count = len(self.hidden[name])
        more = ngettext("%d more that you can't see is kept.", "%d more that you can't see are kept.", count) % count
        field = self.fields[name]
        field.help_text = f"{field.help_text} {more}".strip()
        field.required = False

    def clean(self) -> Context:
        said = super().clean() or self.cleaned_data
        for name, hidden in self.hidden.items():
            if name in said:
                said[name] = [*said[name], *hidden]
        return said


class HiddenChoices(_Page[Record]):
    """A page whose lists of related records are told and changed as far as their reader may see them."""

    def get_form(self, request: HttpRequest, obj: Record | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        reader = StaffReader(request.user)
        if obj is None or not reader.is_limited:
            return form
        return type(form.__name__, (_KeepsHiddenChoices, form), {"reader": reader})

    def get_fieldsets(self, request: HttpRequest, obj: Record | None = None) -> Fieldsets:
        fieldsets: Fieldsets = super().get_fieldsets(request, obj)
        reader = StaffReader(request.user)
        if obj is None or not reader.is_limited or self.has_change_permission(request, obj):
            return fieldsets
        told = {field.name: _told(field, reader) for field in obj._meta.many_to_many}
        return [(title, {**options, "fields": _replaced(options["fields"], told)}) for title, options in fieldsets]


def _told(field: AnyManyToMany, reader: Reader) -> Callable[[models.Model], str]:
    """A column that names the records of a list which the reader may see, and counts the others."""

    def names(record: models.Model) -> str:
        return names_for(reader, list(getattr(record, field.name).all()), most=100) or _("none")

    vars(names)["short_description"] = field.verbose_name
    names.__name__ = field.name
    return names


def _replaced(names: Sequence[Any], told: dict[str, Callable[[models.Model], str]]) -> list[Any]:
    return [tuple(_replaced(name, told)) if isinstance(name, list | tuple) else told.get(name, name) for name in names]
