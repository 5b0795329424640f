"""The change log page: who changed what, when, from which source, why, over every record that keeps history."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db import models
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from audit import changelog
from audit.act import Source
from audit.differences import FieldChange
from audit.restore import plan_restore
from console.addresses import (
    DayField,
    end_of,
    leave_out,
    leave_out_turned_span,
    leave_out_unread,
    left_out,
    say_left_out,
    start_of,
)
from console.errors import NotAllowed, Refused
from console.exporting.lists import as_answer, file_name_of
from console.exporting.runs import request_export
from console.hooks import OTHER_LISTS, PORTAL_PEOPLE, OtherList
from console.kit import DayInput, console_page, pick_one, shown_to
from console.once import key_of, new_key, sending
from console.reader import StaffReader

PAGE = 50
# Entries fetched at once for a file.
CHUNK = 500
SOURCE = "changelog"

KINDS = [("", gettext_lazy("Anything")), ("+", gettext_lazy("Created")), ("~", gettext_lazy("Changed"))]
KINDS += [("-", gettext_lazy("Deleted"))]


class LogFilter(forms.Form):
    """What the reader looks for. Every field may stay empty."""

    model = forms.ChoiceField(label=gettext_lazy("Kind of record"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("What happened"), choices=KINDS, required=False)
    person = forms.CharField(label=gettext_lazy("Person"), required=False, max_length=200)
    source = forms.ChoiceField(label=gettext_lazy("By way of"), required=False)
    words = forms.CharField(label=gettext_lazy("Name or reason contains"), required=False, max_length=200)
    customer: forms.ModelChoiceField[models.Model] = forms.ModelChoiceField(
        label=gettext_lazy("Customer"), queryset=None, required=False
    )
    since = DayField(label=gettext_lazy("From"), required=False, widget=DayInput)
    until = DayField(label=pgettext_lazy("the last day", "To"), required=False, widget=DayInput)
    request = forms.UUIDField(label=gettext_lazy("Request"), required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, *, reader: StaffReader) -> None:
        super().__init__(data)
        readable = changelog.readable_models(reader)
        kinds = [(m._meta.label_lower, capfirst(str(m._meta.verbose_name))) for m in readable]
        choices: dict[str, list[tuple[str, str | Promise]]] = {
            "model": [("", _("Everything")), *kinds],
            "source": [("", _("Any source")), *Source.choices],
        }
        for name, values in choices.items():
            _choice(self, name).choices = values
        customers = PORTAL_PEOPLE.get().links().model._meta.get_field("customer")
        pick_one(
            self.fields["customer"], customers, shown_to(customers.related_model._default_manager.all(), reader.user)
        )
        for name in ("model", "kind", "source"):
            field = _choice(self, name)
            field.widget = UnfoldAdminSelectWidget(choices=list(field.widget.choices))
        for name in ("person", "words"):
            self.fields[name].widget = UnfoldAdminTextInputWidget()

    def query(self, request: HttpRequest) -> changelog.Query:
        """The filter as the log understands it; what cannot be read is left out, and noted for the page to say."""
        self.is_valid()
        leave_out_unread(request, self)
        said, place = self.cleaned_data, self.data.get("after", "")
        after = changelog.Cursor.read(place)
        if place and after is None:
            leave_out(request, _("There is no such page of the log. This is the newest."))
        customer = said.get("customer")
        leave_out_turned_span(request, self.fields["since"].label, said.get("since"), said.get("until"), "since")
        return changelog.Query(
            model=said.get("model") or "",
            person=said.get("person") or "",
            words=said.get("words") or "",
            source=said.get("source") or "",
            kind=said.get("kind") or "",
            customer=customer.pk if customer else None,
            request_id=str(said.get("request") or ""),
            since=start_of(said["since"]) if said.get("since") else None,
            until=end_of(said["until"]) if said.get("until") else None,
            after=after,
        )


def _choice(form: LogFilter, name: str) -> forms.ChoiceField:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    return field


@console_page("changelog/", name="changelog", permission="audit.view_changelog")
def change_log(request: HttpRequest) -> HttpResponseBase:
    """The log, newest first, a page at a time by its place; ``?export=csv`` gives it as a file.

    There is no file where something was left out of the filter: it would hold more than was asked for.
    """
    reader = StaffReader(request.user)
    form = LogFilter(request.GET, reader=reader)
    query = form.query(request)
    if request.GET.get("export") == "csv" and not left_out(request):
        return _export(request, query, reader)
    say_left_out(request)
    entries = changelog.search_log(query, reader, limit=PAGE + 1)
    more = len(entries) > PAGE
    entries = entries[:PAGE]
    kept = request.GET.copy()
    kept.pop("after", None)
    may_take_back = bool(query.request_id) and request.user.has_perm("audit.restore_changelog")
    context = {
        **admin.site.each_context(request),
        "title": _("Change log"),
        "may_take_back": may_take_back,
        "left_to_take_back": may_take_back and _is_something_left(uuid.UUID(query.request_id)),
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
    return TemplateResponse(request, "console/changelog.html", context)


def _is_something_left(request_id: uuid.UUID) -> bool:
    """Is there a page that would take something of a request back, or say why it can't?"""
    plan = plan_restore(request_id)
    return plan.is_too_large or bool(plan.steps)


def _with(data: QueryDict, **more: str) -> str:
    copy = data.copy()
    for key, value in more.items():
        copy[key] = value
    return copy.urlencode()


def _export(request: HttpRequest, query: changelog.Query, reader: StaffReader) -> HttpResponseBase:
    """The log as a file: at once, or by the worker, which somebody has to ask for."""
    most = settings.EXPORT_ROWS_AT_ONCE
    if changelog.count(query, reader, most=most) <= most:
        return as_answer(_rows(query, reader), file_name_of(_("Change log"), timezone.localdate()), "csv")
    refused = ""
    if request.method == "POST":
        parameters = request.GET.copy()
        parameters.pop("export", None)
        try:
            with sending(request.user, request.path, key_of(request)) as sent:
                if not sent.is_repeated:
                    request_export(
                        source=SOURCE,
                        title=_("Change log"),
                        query=parameters.urlencode(),
                        columns=[],
                        format_name="csv",
                        by=request.user,
                    )
        except (Refused, NotAllowed) as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("The file is being written. You will find it here; you can leave this page."))
            return HttpResponseRedirect(reverse("admin:console_listexport_changelist"))
    context = {**admin.site.each_context(request), "title": _("Export: %s") % _("Change log"), "most": most}
    more = {"refused": refused, "once": key_of(request) or new_key()}
    return TemplateResponse(request, "console/export_changelog.html", context | more)


def _table(owner: PermissionsMixin | AnonymousUser, parameters: QueryDict) -> tuple[int, Iterator[list[str]]]:
    """The same for the worker."""
    reader = StaffReader(owner)
    request = HttpRequest()
    query = LogFilter(parameters, reader=reader).query(request)
    if left_out(request):
        raise Refused(_("The filters of this list are no longer possible."))
    return changelog.count(query, reader), _rows(query, reader)


OTHER_LISTS.add(SOURCE, OtherList("audit.view_changelog", _table))


def _rows(query: changelog.Query, reader: StaffReader) -> Iterator[list[str]]:
    """A line for each changed field (one for an entry without any), heads first."""
    yield [
        *(_("When"), _("Who"), _("By way of"), _("What"), _("Kind of record"), _("Record")),
        *(_("Field"), _("Before"), _("After"), _("Reason"), _("Request")),
    ]
    query = changelog.replace_after(query, None)
    while True:
        entries = changelog.search_log(query, reader, limit=CHUNK)
        for entry in entries:
            at = timezone.localtime(entry.at).isoformat(sep=" ", timespec="seconds")
            start = [at, entry.actor, entry.source_label, entry.kind_label, entry.model_label, entry.record]
            end = [entry.reason, entry.request_id]
            for change in entry.changes or [FieldChange("", "", "", "")]:
                yield [str(cell) for cell in (*start, change.label, change.before, change.after, *end)]
        if len(entries) < CHUNK:
            return
        query = changelog.replace_after(query, entries[-1].cursor)
