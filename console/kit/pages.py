"""The bases of a record's page and of the rows in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models.options import Options
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline, TabularInline
from unfold.dataclasses import UnfoldAction

from audit import changelog
from console.deleting import what_goes_along, why_kept
from console.errors import Refused
from console.exporting import ListExports
from console.kept_filters import back_to_list
from console.keys import is_key
from console.kit.buttons import ConsoleAction
from console.kit.checks import ConsoleChecks
from console.kit.hidden_choices import HiddenChoices
from console.kit.lists import DeclaredParameters
from console.kit.moment_fields import MomentFields
from console.kit.once import CountsOnce
from console.kit.parts import parts_of, with_columns
from console.kit.saving import KeepsWhatWasTyped
from console.kit.scoped import ScopedChoices, shown_to
from console.reader import Reader, StaffReader
from console.shapes import AnyInline, AnyRows, Column, Context, Record


class _ListedAction(Protocol):
    """The function behind a choice above a list, as ``console_bulk_action`` makes it."""

    console: ConsoleAction


# That function, its name, and what it is called.
ListAction = tuple[_ListedAction, str, str]


class ConsoleModelAdmin(
    HiddenChoices[Record],
    ScopedChoices,
    MomentFields,
    ListExports[Record],
    DeclaredParameters[Record],
    KeepsWhatWasTyped[Record],
    CountsOnce[Record],
):
    """An admin page whose rows, counts, searches, files, choices and buttons obey the person's rights and grants."""

    checks_class = ConsoleChecks
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = True
    show_full_result_count = False
    list_per_page = 25
    # What an empty list says, and what to do about it.
    empty_state = gettext_lazy("Nothing here yet.")
    # A page's own change form template extends this one.
    change_form_template = "console/change_form.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Record]:
        return shown_to(super().get_queryset(request), request.user)

    # --- what upper rooms add

    def get_inlines(self, request: HttpRequest, obj: Record | None) -> list[type[AnyInline]]:
        return [
            *super().get_inlines(request, obj),
            *(inline for part in parts_of(self.model) for inline in part.inlines),
        ]

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return with_columns(self.model, tuple(super().get_list_display(request)))

    # --- rights, also on the single record

    def _may(self, request: HttpRequest, action: str, obj: models.Model | None) -> bool:
        meta = self.opts
        record = obj if isinstance(obj, models.Model) else None
        return bool(request.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}", record))

    def has_view_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Record | None = None) -> bool:
        return self._may(request, "delete", obj)

    # --- buttons

    def _filter_unfold_actions_by_permissions(
        self, request: HttpRequest, actions: list[UnfoldAction], object_id: int | str | None = None
    ) -> list[UnfoldAction]:
        obj = self.record(request, object_id) if object_id else None
        return [action for action in actions if action.method.console.is_offered(self, request, obj)]

    def record(self, request: HttpRequest, object_id: int | str) -> Record | None:
        """The record with that key if this person may see it, else None; fetched once per request."""
        cache: dict[tuple[type[Record], str], Record | None] = request.__dict__.setdefault("_console_records", {})
        key = (self.model, str(object_id))
        if key not in cache:
            try:
                cache[key] = self.get_queryset(request).filter(pk=object_id).first()
            except (ValueError, ValidationError):
                cache[key] = None
        return cache[key]

    # --- history: read only, and in words

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> HttpResponse:
        """Who changed this record, when, from which source, why: each field before and after."""
        obj = self.record(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        parts = self.history_parts(obj)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %s") % obj,
            "opts": self.opts,
            "original": obj,
            "object": obj,
            "entries": changelog.entries_of(obj, StaffReader(request.user), parts),
            "with_record": bool(parts),
            "preserved_filters": "",
            **(extra_context or {}),
        }
        return TemplateResponse(request, "audit/object_history.html", context)

    def history_parts(self, obj: Record) -> dict[type[models.Model], models.Q]:
        """What belongs to the record in its history: {model: condition on that model's history rows}."""
        return {}

    # --- the list

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        return super().changelist_view(request, {"empty_state": self.empty_state, **(extra_context or {})})

    def response_action(self, request: HttpRequest, queryset: AnyRows, *location: Any) -> HttpResponse | None:
        """Leaves out ticks that are no keys: Django asks the database for whatever was sent."""
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if isinstance(self.model._meta.pk, models.IntegerField) and not all(map(is_key, ticked)):
            sent = request.POST.copy()
            sent.setlist(ACTION_CHECKBOX_NAME, [key for key in ticked if is_key(key)])
            request.POST = sent  # type: ignore[assignment]  # one that can still be changed serves as well
        return super().response_action(request, queryset, *location)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only those made by ``console_bulk_action``; Django's own deletion of many passes every service by."""
        offered = super().get_actions(request)
        return {name: entry for name, entry in offered.items() if entry and hasattr(entry[0], "console")}

    def _filter_actions_by_permissions(self, request: HttpRequest, actions: list[ListAction]) -> list[ListAction]:
        ours = [entry for entry in actions if hasattr(entry[0], "console")]
        return [entry for entry in ours if entry[0].console.is_allowed(self, request, None)]

    # --- deleting

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> HttpResponse:
        record = self.record(request, object_id)
        if (
            record is not None
            and self.has_delete_permission(request, record)
            and (kept := self.why_kept(record, StaffReader(request.user)))
        ):
            messages.error(request, kept)
            return HttpResponseRedirect(self.change_url(record))
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.change_url(record) if record is not None else self.list_url())

    def get_deleted_objects(
        self, objs: Sequence[Record] | models.QuerySet[Record], request: HttpRequest
    ) -> tuple[list[Any], dict[str, int], set[str], list[str]]:
        _going, _counts, forbidden, held = super().get_deleted_objects(objs, request)
        records = list(objs)
        if not records:
            return [], {}, forbidden, held
        # What the database protects keeps the record: said before, for this reader (``why_kept``).
        return *what_goes_along(records, StaffReader(request.user)), forbidden, held[:0]

    def why_kept(self, record: Record, reader: Reader) -> str:
        """Return why this record cannot be deleted, in a sentence for that reader; empty when it can."""
        return why_kept(record, reader)

    # --- the way back

    def response_post_save_add(self, request: HttpRequest, obj: Record) -> HttpResponseRedirect:
        return self._with_all_filters(request, super().response_post_save_add(request, obj))

    def response_post_save_change(self, request: HttpRequest, obj: Record) -> HttpResponseRedirect:
        return self._with_all_filters(request, super().response_post_save_change(request, obj))

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        answer = super().response_delete(request, obj_display, obj_id)
        return self._with_all_filters(request, answer) if isinstance(answer, HttpResponseRedirect) else answer

    def _with_all_filters(self, request: HttpRequest, answer: HttpResponseRedirect) -> HttpResponseRedirect:
        return HttpResponseRedirect(back_to_list(request, answer.url, self.list_url()))

    # --- addresses

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Options[Record], object_id: str
    ) -> HttpResponse:
        raise Http404

    def change_url(self, obj: models.Model) -> str:
        """The address of a record's page in the console."""
        return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])

    def list_url(self) -> str:
        """The address of the list of these records."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


class ConsoleTabularInline(ScopedChoices, MomentFields, TabularInline[Record, Any]):
    """Rows of a related table on a record's page."""

    extra = 0
    tab = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Record]:
        return shown_to(super().get_queryset(request), request.user)


class ConsoleStackedInline(ScopedChoices, MomentFields, StackedInline[Record, Any]):
    """The same, one block a row."""

    extra = 0
    tab = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Record]:
        return shown_to(super().get_queryset(request), request.user)
