"""A list of the console takes from its address what it declares: filters, search, order, page; all else is refused.

Django's own list takes any column, also of related records, with any lookup, and answers with rows or without: that
reads a password's hash out of the database, one sign after the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic

from django import forms
from django.contrib.admin import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from console.addresses import UnknownParameter, leave_out, leave_out_value, requested_search, say_left_out, shortened
from console.kit.shapes import Context, Record
from console.secrets import names_a_secret


class ConsoleChangeList(ChangeList):
    """The rows of a list, by an address of which every part is declared and can be read."""

    if TYPE_CHECKING:
        params: dict[str, str]
        query: str
        page_num: int

    def get_filters(self, request: HttpRequest) -> tuple[list[ListFilter], bool, dict[str, bool | str], bool, bool]:
        declared = self.model_admin.declared_parameters(request)
        if unknown := [name for name in self.get_filters_params() if name not in declared]:
            raise UnknownParameter(unknown)
        return super().get_filters(request)

    def get_queryset(self, request: HttpRequest, exclude_parameters: Sequence[str] | None = None) -> models.QuerySet:
        self._read_search(request)
        self._read_order(request)
        try:
            return super().get_queryset(request, exclude_parameters)
        except IncorrectLookupParameters:
            raise UnknownParameter([]) from None

    def get_results(self, request: HttpRequest) -> None:
        requested = request.GET.get(PAGE_VAR, "")
        try:
            super().get_results(request)
            # A list that is not counted has no last page: what lies beyond it is empty.
            is_there = self.page_num == 1 or bool(self.result_list)
        except IncorrectLookupParameters:
            is_there = False
        if not is_there:
            self.page_num = 1
            super().get_results(request)
        if requested and requested != str(self.page_num):
            leave_out(request, _("There is no page “%s” of this list. This is the first.") % shortened(requested))

    def _read_search(self, request: HttpRequest) -> None:
        if not self.query:
            return
        if not self.model_admin.get_search_fields(request):
            raise UnknownParameter(["q"])
        self.query = requested_search(request, self.query)

    def _read_order(self, request: HttpRequest) -> None:
        """Columns by their places ("1.-3"), each once and of those only by which the list says it can be sorted."""
        requested = str(self.params.get(ORDER_VAR, ""))
        kept: dict[str, str] = {}
        for part in filter(None, requested.split(".")):
            place = part.removeprefix("-")
            if self._is_sortable(request, place):
                kept.setdefault(place, part)
            else:
                leave_out(request, _("The list cannot be sorted by column “%s”.") % shortened(part))
        if kept:
            self.params[ORDER_VAR] = ".".join(kept.values())
        else:
            self.params.pop(ORDER_VAR, None)

    def _is_sortable(self, request: HttpRequest, place: str) -> bool:
        # No list has a hundred columns.
        if not (place.isascii() and place.isdigit() and len(place) <= 2 and int(place) < len(self.list_display)):
            return False
        column = self.list_display[int(place)]
        sortable = self.model_admin.get_sortable_by(request)
        return column in sortable and bool(self.get_ordering_field(column))


class DeclaredParameters(ModelAdmin, Generic[Record]):
    """The part of a console page that declares what its list takes from an address, and answers for the rest."""

    def declared_parameters(self, request: HttpRequest) -> frozenset[str]:
        """The parameters that the filters of this list take, by the classes in ``list_filter``."""
        names: set[str] = set()
        for declared in self.get_list_filter(request):
            if isinstance(declared, list | tuple):
                path, kind = declared
                names.update(kind.names(get_fields_from_path(self.model, path)[-1], path))
            else:
                names.update(declared.own_names())
        return frozenset(name for name in names if not names_a_secret(self.model, name))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Django asks this of each parameter of a list: what no filter declares is none."""
        return request is not None and lookup in self.declared_parameters(request)

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        """Records are named by their key, never found by another column of theirs."""
        return to_field in ("pk", self.opts.pk.name)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Record | None:
        return super().get_object(request, object_id, None)

    def get_changeform_initial_data(self, request: HttpRequest) -> Context:
        """What an address fills into the form of a new record: values that its fields can take."""
        requested = [name for name in request.GET if not name.startswith("_")]
        fields: dict[str, forms.Field] = self.get_form(request).base_fields if requested else {}
        return dict(_read_fields(request, {name: fields[name] for name in requested if name in fields}))

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        answer = super().changeform_view(request, object_id, form_url, extra_context)
        if isinstance(answer, TemplateResponse):
            say_left_out(request)
        return answer

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ConsoleChangeList

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        try:
            answer = super().changelist_view(request, extra_context)
        except UnknownParameter as refusal:
            return self.not_offered(request, refusal)
        if isinstance(answer, TemplateResponse):
            # It is not rendered yet: what was left out stands on this very page.
            say_left_out(request)
        return answer

    def not_offered(self, request: HttpRequest, refusal: UnknownParameter) -> HttpResponse:
        """The answer to an address that asks for what the list does not offer: 400, and a sentence."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        names = [shortened(name) for name in refusal.names[:3]]
        context = {
            **self.admin_site.each_context(request),
            "title": _("This list cannot be filtered like that"),
            "opts": self.opts,
            "names": names,
            "more": len(refusal.names) - len(names),
            "list_url": self.list_url(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "console/not_offered.html", context, status=400)


def _read_fields(request: HttpRequest, fields: Mapping[str, forms.Field]) -> Iterator[tuple[str, Any]]:
    for name, field in fields.items():
        if isinstance(field, forms.FileField):
            continue
        value = field.widget.value_from_datadict(request.GET, {}, name)
        if isinstance(field, forms.ModelMultipleChoiceField):
            value = [key for part in value for key in part.split(",")]
        try:
            yield name, field.clean(value)
        except ValidationError as problem:
            leave_out_value(request, request.GET.get(name, ""), str(field.label or name), problem.messages)
