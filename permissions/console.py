"""The bases of every page in the console: scoped rows, actions that ask first, history one can read.

``ConsoleModelAdmin`` and ``ConsoleInline`` are the only bases an admin class may have, ``console_action`` the only way
to make a button (tests/architecture hold both). Why: docs/decisions/0004-console-actions.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from audit import changelog
from permissions.errors import Refused
from permissions.scope import ScopedQuerySet


def shown_to(queryset: models.QuerySet[Any], user: Any) -> models.QuerySet[Any]:
    """The rows of any queryset that this member of staff may see."""
    return queryset.visible_to(user) if isinstance(queryset, ScopedQuerySet) else queryset


class DialogForm(BaseDialogForm):
    """The form of a console action's dialog. ``obj`` is the record it is about, ``request`` the request."""

    obj: Any = None


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


class ConsoleModelAdmin(_ScopedChoices, ModelAdmin):
    """An admin page whose rows, counts, searches, choices and buttons obey the person's rights and grants."""

    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    compressed_fields = True
    show_full_result_count = False
    list_per_page = 25
    # What an empty list says, and what to do about it.
    empty_state = gettext_lazy("Nothing here yet.")

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
        context = {
            **self.admin_site.each_context(request),
            "title": _("History of %s") % obj,
            "opts": self.opts,
            "original": obj,
            "object": obj,
            "entries": changelog.entries_of(obj),
            "preserved_filters": "",
            **(extra_context or {}),
        }
        return TemplateResponse(request, "audit/object_history.html", context)

    # --- saving: one road for what a service refuses

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return HttpResponseRedirect(request.get_full_path())

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"empty_state": self.empty_state, **(extra_context or {})})

    def change_url(self, obj: Any) -> str:
        """The address of a record's page in the console."""
        return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


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

    def __init__(self, permission: str, possible: Callable[[Any], bool] | None) -> None:
        self.permission = permission
        self.possible = possible

    def is_allowed(self, model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any) -> bool:
        if "." in self.permission:
            return bool(request.user.has_perm(self.permission, obj))
        may: Callable[..., bool] = getattr(model_admin, f"has_{self.permission}_permission")
        return may(request) if self.permission == "add" else may(request, obj)

    def is_offered(self, model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any) -> bool:
        if not self.is_allowed(model_admin, request, obj):
            return False
        return obj is None or self.possible is None or self.possible(obj)


def console_action(
    *,
    permission: str,
    description: Any,
    text: Any = "",
    submit: Any = None,
    form_class: type[DialogForm] = DialogForm,
    possible: Callable[[Any], bool] | None = None,
    icon: str | None = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Callable[..., Any]], Any]:
    """A button that names its permission, loads its record through the scoped queryset, asks, and writes on POST only.

    ``permission``: "change", "view", "add", "delete" of the page's model, or a full code such as "jobs.cancel_job".
    ``text``: what it will do, in numbers where there are any; a string, or a function of (request, obj).
    ``possible``: hides the button where the record's state rules it out. ``form_class``: more questions to ask.

    The decorated method gets (request, obj, form), calls one service and returns the sentence that says what was
    done, or a response. What the service refuses (Refused, ValidationError) is shown in the dialog; nothing is lost.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        console = _ConsoleAction(permission, possible)

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
            posted = request.method == "POST"
            form = form_class(
                data=request.POST if posted else None,
                files=request.FILES if posted else None,
                request=request,
                object_id=object_id,
            )
            form.obj = obj
            if posted and form.is_valid():
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
        view.allowed_permissions = [permission]  # type: ignore[attr-defined]
        view.attrs = {}  # type: ignore[attr-defined]
        view.icon = icon  # type: ignore[attr-defined]
        view.variant = variant  # type: ignore[attr-defined]
        view.dialog = {"title": description}  # type: ignore[attr-defined]
        view.original_function_name = function.__name__  # type: ignore[attr-defined]
        return view

    return decorate


def _answer(model_admin: ConsoleModelAdmin, request: HttpRequest, obj: Any, result: Any) -> HttpResponse:
    """After the deed: a sentence, and the page one came from, read anew."""
    if isinstance(result, HttpResponse):
        target = result.headers.get("Location")
        if target is None:
            return result
    else:
        messages.success(request, str(result))
        if obj is not None and type(obj)._base_manager.filter(pk=obj.pk).exists():
            target = model_admin.change_url(obj)
        else:
            target = reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist")
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)


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
        return TemplateResponse(request, "unfold/helpers/dialog.html", context)
    context |= {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "original": obj,
    }
    return TemplateResponse(request, "permissions/confirm.html", context)
