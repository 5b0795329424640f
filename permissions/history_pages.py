"""The change log page: who changed what, when, by which road, why, over every record that keeps history."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from audit import changelog
from audit.act import Road
from audit.spreadsheet import defused
from permissions.console import DayInput, console_page, pick_one, shown_to
from permissions.scope import reach_of, scope_condition

PAGE = 50
# An export stops here: whoever needs more narrows the time.
EXPORT = 20_000

KINDS = [("", gettext_lazy("Anything")), ("+", gettext_lazy("Created")), ("~", gettext_lazy("Changed"))]
KINDS += [("-", gettext_lazy("Deleted"))]


class LogFilter(forms.Form):
    """What the reader looks for. Every field may stay empty."""

    model = forms.ChoiceField(label=gettext_lazy("Kind of record"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What happened"), choices=KINDS, required=False)
    person = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=200)
    road = forms.ChoiceField(label=gettext_lazy("By way of"), required=False)
    words = forms.CharField(label=gettext_lazy("Name or reason contains"), required=False, max_length=200)
    customer: Any = forms.ModelChoiceField(label=gettext_lazy("Customer"), queryset=None, required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DayInput)
    until = forms.DateField(label=pgettext_lazy("the last day", "To"), required=False, widget=DayInput)
    request = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any, *, user: Any, readable: list[type[models.Model]]) -> None:
        super().__init__(data)
        kinds = [(m._meta.label_lower, capfirst(str(m._meta.verbose_name))) for m in readable]
        link = apps.get_model("accounts", "CustomerLink")
        choices = {"model": [("", _("Everything")), *kinds], "road": [("", _("Any road")), *Road.choices]}
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]
        customers = link._meta.get_field("customer")
        pick_one(self.fields["customer"], customers, shown_to(customers.related_model._default_manager.all(), user))
        for name in ("model", "kind", "road"):
            field = self.fields[name]
            field.widget = UnfoldAdminSelectWidget(choices=field.choices)  # type: ignore[attr-defined]
        for name in ("person", "words"):
            self.fields[name].widget = UnfoldAdminTextInputWidget()

    def query(self) -> changelog.Query:
        """The filter as the log understands it; what cannot be read does not narrow."""
        self.is_valid()
        said = self.cleaned_data
        customer = said.get("customer")
        return changelog.Query(
            model=said.get("model") or "",
            person=said.get("person") or "",
            words=said.get("words") or "",
            road=said.get("road") or "",
            kind=said.get("kind") or "",
            customer=customer.pk if customer else None,
            request_id=str(said.get("request") or ""),
            since=_midnight(said.get("since")),
            until=_midnight(said.get("until"), days=1),
            after=changelog.Cursor.read(self.data.get("after", "")),
        )


def _midnight(day: Any, days: int = 0) -> datetime | None:
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min)) if day else None


def narrowing_for(user: Any) -> Callable[[type[models.Model]], Q] | None:
    """What a person with grants may see of each model's history, or None for whoever is not narrowed.

    Narrowed to customers: the entries of those customers. Narrowed to templates: of records that hang on a template,
    those she can still reach.
    """
    return partial(_narrowed, user) if reach_of(user).limited else None


def _narrowed(user: Any, model: type[models.Model]) -> Q:
    reach = reach_of(user)
    condition = Q()
    if reach.customers_limited:
        condition &= Q(customer_ref__in=reach.keys("customer", "view"))
    scope = getattr(model, "scope", None)
    if reach.templates_limited and scope is not None and scope.template:
        within = scope_condition(model, user) or Q()
        pk = model._meta.pk.attname  # type: ignore[union-attr]
        condition &= Q(**{f"{pk}__in": model._base_manager.filter(within).values("pk")})
    return condition


@console_page("changelog/", name="changelog", permission="audit.view_changelog")
def change_log(request: HttpRequest) -> HttpResponseBase:
    """The log, newest first, a page at a time by its place; ``?export=csv`` gives it as a file."""
    readable = changelog.readable_models(request.user)
    form = LogFilter(request.GET, user=request.user, readable=readable)
    query = form.query()
    narrowing = narrowing_for(request.user)
    if request.GET.get("export") == "csv":
        return _as_csv(query, readable, narrowing)
    entries = changelog.search(query, readable, limit=PAGE + 1, narrowing=narrowing)
    more = len(entries) > PAGE
    entries = entries[:PAGE]
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {
        **admin.site.each_context(request),
        "title": _("Change log"),
        "form": form,
        "entries": entries,
        "changelog_url": reverse("admin:changelog"),
        "one_request": query.request_id,
        "filtered": any(value for key, value in kept.items()),
        "first_page": query.after is None,
        "first_url": f"?{kept.urlencode()}",
        "next_url": f"?{_with(kept, after=str(entries[-1].cursor))}" if more else "",
        "export_url": f"?{_with(kept, export='csv')}",
    }
    return TemplateResponse(request, "permissions/changelog.html", context)


def _with(data: Any, **more: str) -> str:
    copy = data.copy()
    for key, value in more.items():
        copy[key] = value
    return copy.urlencode()


class _Line:
    """A file that hands each line on."""

    def write(self, line: str) -> str:
        return line


def _as_csv(query: changelog.Query, readable: Any, narrowing: Any) -> StreamingHttpResponse:
    writer = csv.writer(_Line())
    response = StreamingHttpResponse(
        # The mark tells Excel that it is UTF-8.
        (line for line in _prefixed("﻿", (writer.writerow(row) for row in _rows(query, readable, narrowing)))),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="change-log.csv"'
    return response


def _prefixed(mark: str, lines: Iterator[str]) -> Iterator[str]:
    yield mark
    yield from lines


def _rows(query: changelog.Query, readable: Any, narrowing: Any) -> Iterator[list[str]]:
    """A line for each changed field (one for an entry without any), heads first."""
    yield [
        *(_("When"), _("Who"), _("By way of"), _("What"), _("Kind of record"), _("Record")),
        *(_("Field"), _("Before"), _("After"), _("Reason"), _("Request")),
    ]
    given = 0
    while given < EXPORT:
        entries = changelog.search(query, readable, limit=500, narrowing=narrowing)
        for entry in entries:
            at = timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds")
            start = [at, entry.actor, entry.road_label, entry.kind_label, entry.model_label, entry.record]
            end = [entry.reason, entry.request_id]
            for change in entry.changes or [changelog.FieldChange("", "", "", "")]:
                yield [defused(cell) for cell in (*start, change.label, change.before, change.after, *end)]
        given += len(entries)
        if len(entries) < 500:
            return
        query = changelog.replace_after(query, entries[-1].cursor)
