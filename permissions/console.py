"""The bases of every page in the console: scoped rows, actions that ask first, history one can read.

``ConsoleModelAdmin`` and the console inlines are the only bases an admin class may have, ``console_action`` the only
way to make a button, ``console_bulk_action`` the only way to do something to many rows (tests/architecture hold it).
Why: docs/decisions/0004-console-actions.md.

A form that a service refuses, and one whose record somebody else saved in the meantime, comes back as it was typed,
with the sentence on top.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.forms import Form
from django.forms.models import (
    _get_foreign_key,  # type: ignore[attr-defined]
    model_to_dict,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.contrib.filters.admin import MultipleRelatedDropdownFilter, RelatedDropdownFilter
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import INPUT_CLASSES

from audit import changelog
from permissions.deleting import in_words, why_kept
from permissions.errors import Refused
from permissions.exporting import ListExports
from permissions.scope import ScopedQuerySet, reach_of


def is_key(words: str) -> bool:
    """Can that be a record's key? Other alphabets have digits too, and a database holds no number of any length."""
    return words.isascii() and words.isdigit() and len(words) < 19


def shown_to(queryset: models.QuerySet[Any], user: Any) -> models.QuerySet[Any]:
    """The rows of any queryset that this member of staff may see."""
    return queryset.visible_to(user) if isinstance(queryset, ScopedQuerySet) else queryset


class DialogForm(BaseDialogForm):
    """The form of a console action's dialog. ``obj`` is the record it is about (or the list of them), ``request`` the
    request. Override ``about`` to fill in choices and first values."""

    obj: Any = None

    def about(self, obj: Any) -> None:
        """Told which record, or records, the questions are about, before anything is shown or checked."""
        self.obj = obj


def badge(words: Any, colour: str) -> Any:
    """A coloured label for a form or an inline; lists have ``display(label=...)``. Colours: those of choices.py."""
    return mark_safe(render_to_string("unfold/helpers/label.html", {"text": words, "type": colour, "size": "md"}))


class MomentInput(forms.DateTimeInput):
    """A date and a time in one field, by the browser's own picker: works in dialogs, by keyboard and on a telephone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})}, format="%Y-%m-%dT%H:%M")


def pick_one(field: Any, source: Any, queryset: Any) -> None:
    """Makes a form field a search box over ``queryset``, by the autocomplete of the foreign key ``source``."""
    field.queryset = queryset
    field.widget = AutocompleteSelect(source, admin.site, attrs={"class": "w-full"})
    field.widget.choices = field.choices


def pick_several(field: Any, source: Any, queryset: Any) -> None:
    """The same for a field that takes several."""
    field.queryset = queryset
    field.widget = AutocompleteSelectMultiple(source, admin.site, attrs={"class": "w-full"})
    field.widget.choices = field.choices


class DayInput(forms.DateInput):
    """A date, by the browser's own picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), **(attrs or {})}, format="%Y-%m-%d")


class _ScopedFilter:
    """The choices of a filter are the rows the person may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        rows = shown_to(field.remote_field.model._default_manager.all(), request.user)
        return [(row.pk, str(row)) for row in rows]


class ScopedFilter(_ScopedFilter, RelatedDropdownFilter):
    """A filter by a related record, as a drop-down of those the person may see. For tables that stay small."""


class ScopedMultipleFilter(_ScopedFilter, MultipleRelatedDropdownFilter):
    """The same, several at once."""


class _ScopedChoices:
    """Choices of a foreign key are the rows the person may see: never more than the list they come from."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "queryset" not in kwargs:
            kwargs["queryset"] = shown_to(db_field.remote_field.model._default_manager.all(), request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "queryset" not in kwargs:
            kwargs["queryset"] = shown_to(db_field.remote_field.model._default_manager.all(), request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


class ConsoleModelAdmin(_ScopedChoices, ListExports, ModelAdmin):
    """An admin page whose rows, counts, searches, files, choices and buttons obey the person's rights and grants."""

    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = True
    show_full_result_count = False
    list_per_page = 25
    # What an empty list says, and what to do about it.
    empty_state = gettext_lazy("Nothing here yet.")
    # A page's own change form template extends this one.
    change_form_template = "permissions/change_form.html"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return shown_to(super().get_queryset(request), request.user)

    # --- rights, also on the single record

    def _may(self, request: HttpRequest, action: str, obj: Any) -> bool:
        meta = self.opts
        record = obj if isinstance(obj, models.Model) else None
        return bool(request.user.has_perm(f"{meta.app_label}.{action}_{meta.model_name}", record))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    # --- buttons

    def _filter_unfold_actions_by_permissions(
        self, request: HttpRequest, actions: list[Any], object_id: Any = None
    ) -> list[Any]:
        obj = self.record(request, object_id) if object_id else None
        return [action for action in actions if action.method.console.is_offered(self, request, obj)]

    def record(self, request: HttpRequest, object_id: Any) -> Any:
        """The record with that key if this person may see it, else None; fetched once per request."""
        cache: dict[Any, Any] = request.__dict__.setdefault("_console_records", {})
        key = (self.model, str(object_id))
        if key not in cache:
            try:
                cache[key] = self.get_queryset(request).filter(pk=object_id).first()
            except (ValueError, ValidationError):
                cache[key] = None
        return cache[key]

    # --- history: read only, and in words

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Who changed this record, when, by which road, why: each field before and after."""
        obj = self.record(request, object_id)
        if obj is None:
            raise Http404
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        parts = {
            model: self._narrowed_history(request, condition) for model, condition in self.history_parts(obj).items()
        }
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %s") % obj,
            "opts": self.opts,
            "original": obj,
            "object": obj,
            "entries": changelog.entries_of(obj, parts),
            "with_record": bool(parts),
            "preserved_filters": "",
            **(extra_context or {}),
        }
        return TemplateResponse(request, "audit/object_history.html", context)

    def history_parts(self, obj: Any) -> dict[type[models.Model], models.Q]:
        """What belongs to the record in its history: {model: condition on that model's history rows}."""
        return {}

    def _narrowed_history(self, request: HttpRequest, condition: models.Q) -> models.Q:
        """The parts of a history that concern customers this person was not granted stay out."""
        reach = reach_of(request.user)
        if not reach.customers_limited:
            return condition
        granted = models.Q(customer_ref__in=reach.keys("customer", "view")) | models.Q(customer_ref__isnull=True)
        return condition & granted

    # --- many rows at once

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Only those made by ``console_bulk_action``; Django's own deletion of many passes every service by."""
        return {name: entry for name, entry in super().get_actions(request).items() if hasattr(entry[0], "console")}

    def _filter_actions_by_permissions(self, request: HttpRequest, actions: list[Any]) -> list[Any]:
        ours = [entry for entry in actions if hasattr(entry[0], "console")]
        return [entry for entry in ours if entry[0].console.is_allowed(self, request, None)]

    # --- saving: one road for what a service refuses, and for two people at once

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        record = self.record(request, object_id) if object_id else None
        extra_context = {"seen": self._marks(request, record) if record else "", **(extra_context or {})}
        if request.method == "POST" and record is not None and (stale := self._changed_since(request, record)):
            _refusals(request).append((None, stale))
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            _refusals(request).append((None, str(refusal)))
        except ValidationError as refusal:
            _refusals(request).extend(_sentences(refusal))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if not _refusals(request):
            return form
        seen = self._as_seen(request, obj) if obj is not None else None
        return type(form.__name__, (_RefusedForm, form), {"refusals": _refusals(request), "seen": seen})

    def _as_seen(self, request: HttpRequest, obj: Any) -> models.Model | None:
        """The record as it was when the page was shown that this request answers; None when nobody changed it since."""
        marks = dict(part.rsplit(":", 1) for part in request.POST.get("_seen", "").split(",") if ":" in part)
        mark = marks.get(type(obj)._meta.label_lower, "")
        if not is_key(mark) or not hasattr(type(obj)._meta, "simple_history_manager_attribute"):
            return None
        row = changelog.history_of(type(obj)).filter(history_id=mark).first()
        if row is None or getattr(row, type(obj)._meta.pk.attname) != obj.pk:  # type: ignore[union-attr]
            return None
        return row.instance  # type: ignore[no-any-return]

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        record = self.record(request, object_id)
        if record is not None and self.has_delete_permission(request, record) and (kept := self.why_kept(record)):
            messages.error(request, kept)
            return HttpResponseRedirect(self.change_url(record))
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(self.change_url(self.record(request, object_id)))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], Any, set[str], list[Any]]:
        going, counts, forbidden, held = super().get_deleted_objects(objs, request)
        return *in_words(self.model, going, counts), forbidden, held

    def why_kept(self, record: Any) -> str:
        """Why this record cannot be deleted, in a sentence; empty when it can."""
        return why_kept(record)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: Any) -> HttpResponse:
        raise Http404

    def _histories(self, request: HttpRequest, record: Any) -> Iterator[tuple[type[models.Model], dict[str, Any]]]:
        """The histories a page is made of: the record's own, and those of the rows in its inlines."""
        tracked = set(changelog.tracked_models())
        if self.model in tracked:
            yield self.model, {self.opts.pk.attname: record.pk}  # type: ignore[union-attr]
        for inline in self.get_inline_instances(request, record):
            # What can only be read here is nobody's to overwrite.
            editable = inline.has_change_permission(request, record) or inline.has_add_permission(request, record)
            if inline.model in tracked and editable:
                key = _get_foreign_key(self.model, inline.model, fk_name=inline.fk_name)
                yield inline.model, {key.attname: record.pk}

    def _marks(self, request: HttpRequest, record: Any) -> str:
        """How far the histories of a page went when it was shown: "app.model:row" for each."""
        return ",".join(
            f"{model._meta.label_lower}:{changelog.newest_of(model, **condition)}"
            for model, condition in self._histories(request, record)
        )

    def _changed_since(self, request: HttpRequest, record: Any) -> str:
        """Who changed what since the page was shown, in a sentence; empty when nobody did."""
        marks = dict(part.rsplit(":", 1) for part in request.POST.get("_seen", "").split(",") if ":" in part)
        entries = []
        for model, condition in self._histories(request, record):
            mark = marks.get(model._meta.label_lower, "")
            if is_key(mark):
                entries += changelog.entries_since(model, int(mark), **condition)
        if not entries:
            return ""
        newest = max(entries, key=lambda entry: entry.at)
        return _(
            "%(who)s saved this at %(time)s, after you had opened it. %(what)s "
            "Nothing of yours was saved yet, and all you typed is still here; what you left alone is as they saved it. "
            "Save again to put yours in place, or reload the page to see it as it is now."
        ) % {
            "who": newest.actor,
            "time": date_format(timezone.localtime(newest.at), "DATETIME_FORMAT"),
            "what": " ".join(_in_words(entry, self.model) for entry in entries[:5]),
        }

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"empty_state": self.empty_state, **(extra_context or {})})

    def change_url(self, obj: Any) -> str:
        """The address of a record's page in the console."""
        return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])

    def list_url(self) -> str:
        """The address of the list of these records."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def _refusals(request: HttpRequest) -> list[tuple[str | None, str]]:
    """(field or None, sentence): why this request's form is refused, besides its own rules."""
    found: list[tuple[str | None, str]] = request.__dict__.setdefault("_console_refusals", [])
    return found


def _sentences(problem: ValidationError) -> list[tuple[str | None, str]]:
    if hasattr(problem, "error_dict"):
        return [(name, sentence) for name, said in problem.message_dict.items() for sentence in said]
    return [(None, sentence) for sentence in problem.messages]


def _in_words(entry: changelog.Entry, page_model: type[models.Model]) -> str:
    """One change of somebody else's, short enough to stand above a form."""
    changes = ", ".join(
        f"{change.label}: “{Truncator(change.before).chars(40)}” → “{Truncator(change.after).chars(40)}”"
        for change in entry.changes[:6]
    )
    if entry.model is page_model and entry.kind == changelog.CHANGED:
        return f"{changes}."
    head = f"{entry.model_label} “{entry.record}” {entry.kind_label}"
    return f"{head} ({changes})." if changes and entry.kind == changelog.CHANGED else f"{head}."


class _RefusedForm:
    """A form that is valid by its own rules, and is refused for what the request carries.

    ``seen``: the record as it was when the page was shown. What this person left alone and somebody else changed
    since is brought up to date in the form, so that saving again takes back nothing she never touched.
    """

    refusals: list[tuple[str | None, str]]
    seen: models.Model | None

    def full_clean(self: Any) -> None:
        if self.is_bound and self.seen is not None and not hasattr(self, "_carried"):
            self._carried = True
            self._carry_over()
        super().full_clean()  # type: ignore[misc]
        if self.is_bound:
            for name, sentence in self.refusals:
                self.add_error(name if name in self.fields else None, sentence)

    def _carry_over(self: Any) -> None:
        was, now, data = model_to_dict(self.seen), self.initial, self.data.copy()
        for name, form_field in self.fields.items():
            if name not in was or name not in now or was[name] == now[name]:
                continue
            key = self.add_prefix(name)
            if carry := getattr(form_field.widget, "carry_over", None):
                carry(data, key, was[name], now[name])
            elif not form_field.has_changed(was[name], form_field.widget.value_from_datadict(data, self.files, key)):
                _put(data, key, form_field, now[name])
        self.data = data


def _put(data: Any, key: str, form_field: forms.Field, value: Any) -> None:
    """A field's value as its widget would send it. Widgets of several parts stay as they are."""
    if isinstance(form_field.widget, forms.MultiWidget):
        return
    if isinstance(form_field, forms.BooleanField):
        data.pop(key, None)
        if value:
            data[key] = "on"
    elif isinstance(value, list | tuple | set):
        data.setlist(key, [str(getattr(item, "pk", item)) for item in value])
    else:
        prepared = form_field.prepare_value(value)
        shown = form_field.widget.format_value(prepared) if hasattr(form_field.widget, "format_value") else prepared
        data[key] = "" if value is None else str(shown[0] if isinstance(shown, list) and shown else shown)


class ConsoleTabularInline(_ScopedChoices, TabularInline):
    """Rows of a related table on a record's page."""

    extra = 0
    tab = True
    hide_title = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return shown_to(super().get_queryset(request), request.user)


class ConsoleStackedInline(_ScopedChoices, StackedInline):
    """The same, one block a row."""

    extra = 0
    tab = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return shown_to(super().get_queryset(request), request.user)


class _ConsoleAction:
    """What a button is and whom it serves."""

    def __init__(self, permission: str, possible: Callable[[Any], bool] | None, shown: bool = True) -> None:
        self.permission = permission
        self.possible = possible
        self.shown = shown

    def is_allowed(self, model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any) -> bool:
        if "." in self.permission:
            return bool(request.user.has_perm(self.permission, obj))
        may: Callable[..., bool] = getattr(model_admin, f"has_{self.permission}_permission")
        return may(request) if self.permission == "add" else may(request, obj)

    def is_offered(self, model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any) -> bool:
        return self.shown and self.is_allowed(model_admin, request, obj) and self.is_possible(obj)

    def is_possible(self, obj: Any) -> bool:
        """Does the record's state leave room for it?"""
        return obj is None or self.possible is None or self.possible(obj)


def console_action(
    *,
    permission: str,
    description: Any,
    text: Any = "",
    submit: Any = None,
    form_class: type[DialogForm] = DialogForm,
    possible: Callable[[Any], bool] | None = None,
    shown: bool = True,
    icon: str | None = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
    on_a_page: bool = False,
) -> Callable[[Callable[..., Any]], Any]:
    """A button that names its permission, loads its record through the scoped queryset, asks, and writes on POST only.

    ``permission``: "change", "view", "add", "delete" of the page's model, or a full code such as "jobs.cancel_job".
    ``text``: what it will do, in numbers where there are any; a string, or a function of (request, obj).
    ``possible``: where the record's state rules it out there is no button, and its address does nothing. ``shown``:
    False for a deed that a page offers in a place of its own. ``form_class``: more questions to ask.
    ``on_a_page``: asks on a page of its own, for questions too long for a dialog.

    The decorated method gets (request, obj, form), calls one service and returns the sentence that says what was
    done, or a response. What the service refuses (Refused, ValidationError) is shown in the dialog; nothing is lost.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        console = _ConsoleAction(permission, possible, shown)

        @wraps(function)
        def view(
            model_admin: ConsoleModelAdmin, request: HttpRequest, object_id: Any = None, **kwargs: Any
        ) -> HttpResponse:
            obj = None
            if object_id is not None:
                obj = model_admin.record(request, object_id)
                if obj is None:
                    raise Http404
            if not console.is_allowed(model_admin, request, obj):
                raise PermissionDenied
            if not console.is_possible(obj):
                return _too_late(model_admin, request, obj)
            posted = request.method == "POST"
            form = form_class(
                data=request.POST if posted else None,
                files=request.FILES if posted else None,
                request=request,
                object_id=object_id,
            )
            form.about(obj)
            # A preview shows what the choice would do (permissions.effects) and does nothing.
            if posted and "_preview" not in request.POST and form.is_valid():
                try:
                    result = function(model_admin, request, obj, form)
                except (Refused, ValidationError) as refusal:
                    sentences = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
                    for sentence in sentences:
                        form.add_error(None, sentence)
                else:
                    return _answer(model_admin, request, obj, result)
            explained = text(request, obj) if callable(text) else text
            return _ask(model_admin, request, obj, form, description, explained, submit)

        view.short_description = description  # type: ignore[attr-defined]
        view.console = console  # type: ignore[attr-defined]
        view.attrs = {}  # type: ignore[attr-defined]
        view.icon = icon  # type: ignore[attr-defined]
        view.variant = variant  # type: ignore[attr-defined]
        view.dialog = None if on_a_page else {"title": description}  # type: ignore[attr-defined]
        view.original_function_name = function.__name__  # type: ignore[attr-defined]
        return view

    return decorate


def _too_late(model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any) -> HttpResponse:
    """Its state rules the deed out by now: somebody was faster, or the address was typed by hand."""
    messages.warning(request, _("%s has changed meanwhile: this is not possible any more.") % obj)
    target = model_admin.change_url(obj)
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _answer(model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any, result: Any) -> HttpResponse:
    """After the deed: a sentence, and the page one came from, read anew."""
    if isinstance(result, HttpResponse):
        target = result.headers.get("Location")
        if target is None:
            return result
    else:
        messages.success(request, str(result))
        if wanted := _came_from(request):
            target = wanted
        elif obj is not None and type(obj)._base_manager.filter(pk=obj.pk).exists():
            target = model_admin.change_url(obj)
        else:
            target = model_admin.list_url()
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


def _came_from(request: HttpRequest) -> str:
    """The page of ours that a button's address names (``?next=``) to come back to; empty without one."""
    wanted = request.GET.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""


def _ask(
    model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any, form: Form, title: Any, text: Any, submit: Any
) -> HttpResponse:
    """The question: a dialog where the page asked for one, a page of its own without JavaScript."""
    context = {
        "dialog": {"title": title, "description": text},
        "form": form,
        "form_submit_text": submit or title,
    }
    if getattr(request, "htmx", False):
        return TemplateResponse(request, "permissions/dialog.html", context)
    context |= {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "original": obj,
        "back": _came_from(request) or (model_admin.change_url(obj) if obj is not None else model_admin.list_url()),
    }
    return TemplateResponse(request, "permissions/confirm.html", context)


def console_bulk_action(
    *,
    permission: str,
    description: Any,
    done: Any,
    text: Any = "",
    submit: Any = None,
    form_class: type[DialogForm] = DialogForm,
    limit: int = 500,
) -> Callable[[Callable[..., Any]], Any]:
    """Something done to the ticked rows of a list: asks on a page of its own what it will do, writes on POST only.

    ``permission``: a full code ("jobs.schedule_job"), or "change", "delete" of the list's model. ``done``: how the
    result is counted, a plural form with one %d (``ngettext_lazy``). ``text``: what it will do, in numbers; a string,
    or a function of (request, records). ``form_class``: more questions. ``limit``: at most so many records at once.

    The decorated method gets (request, record, form) once for each record that the person may change, and calls one
    service. A record that a service refuses is named with the reason; the others are done.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        console = _ConsoleAction(permission, None)

        @wraps(function)
        def run(
            model_admin: ConsoleModelAdmin, request: HttpRequest, queryset: models.QuerySet[Any]
        ) -> HttpResponse | None:
            if not console.is_allowed(model_admin, request, None):
                raise PermissionDenied
            if isinstance(queryset, ScopedQuerySet):
                queryset = queryset.visible_to(request.user, "change")
            records = list(queryset[: limit + 1])
            if not records:
                messages.warning(request, _("You may not change any of the rows you ticked."))
                return None
            if len(records) > limit:
                messages.error(request, _("At most %d rows at once. Tick fewer, or filter the list first.") % limit)
                return None
            preview = "_preview" in request.POST
            confirmed = "_form_submitted" in request.POST and not preview
            form = form_class(data=request.POST if confirmed or preview else None, request=request)
            form.about(records)
            if confirmed and form.is_valid():
                _run_for_each(model_admin, request, records, form, function, done)
                return None
            explained = text(request, records) if callable(text) else text
            context = {
                **model_admin.admin_site.each_context(request),
                "dialog": {"title": description, "description": explained},
                "title": description,
                "form": form,
                "form_submit_text": submit or description,
                "opts": model_admin.opts,
                "records": records[:20],
                "more": max(0, len(records) - 20),
                "back": request.get_full_path(),
                "hidden": [("action", function.__name__), ("index", "0"), ("select_across", "0")]
                + [(ACTION_CHECKBOX_NAME, str(record.pk)) for record in records],
            }
            return TemplateResponse(request, "permissions/confirm.html", context)

        run.short_description = description  # type: ignore[attr-defined]
        run.console = console  # type: ignore[attr-defined]
        return run

    return decorate


def _run_for_each(
    model_admin: ConsoleModelAdmin, request: HttpRequest, records: list[Any], form: Form, function: Any, done: Any
) -> None:
    count, refused = 0, []
    for record in records:
        try:
            with transaction.atomic():
                function(model_admin, request, record, form)
            count += 1
        except (Refused, ValidationError) as refusal:
            said = refusal.messages if isinstance(refusal, ValidationError) else [str(refusal)]
            refused.append(f"{record}: {' '.join(said)}")
    if count:
        messages.success(request, done % count)
    if refused:
        head = ngettext("%d was left as it is.", "%d were left as they are.", len(refused)) % len(refused)
        messages.warning(request, " ".join([head, *refused[:10], "…" if len(refused) > 10 else ""]).strip())


# --- pages of the console that belong to no model


_pages: list[tuple[str, str, Callable[..., Any]]] = []


def console_page(route: str, *, name: str, permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A page of the console at ``/admin/<route>``, known as ``admin:<name>``, for staff who hold the permission.

    Others get 403; the record it is about (if there is one) is for the view to fetch through a scoped queryset.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        _pages.append((route, name, guarded))
        return guarded

    return decorate


def _page_urls() -> list[URLPattern]:
    return [path(route, admin.site.admin_view(view), name=name) for route, name, view in _pages]


# Unfold's site asks this attribute for addresses besides those of the registered models.
admin.site.extra_urls = _page_urls  # type: ignore[attr-defined]
