"""Security events: what was refused, tried too often, changed about rights, and taken along. Nobody writes in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit.excerpts import excerpt
from audit.models import SecurityEvent
from audit.security_events import ALLOWED
from console.kit import ChoiceFilter, ChoicesFilter, ConsoleModelAdmin, DayRangeFilter
from console.kit.shapes import Context
from console.scope import reach_of

Kind = SecurityEvent.Kind
COLOURS = {kind.value: "info" if kind in ALLOWED else "warning" for kind in Kind}
COLOURS[Kind.SIGN_IN_PAUSED] = "danger"


@admin.register(SecurityEvent)
class SecurityEventAdmin(ConsoleModelAdmin[SecurityEvent]):
    """Read only. Whoever is narrowed to some records sees their own events: others may name what they may not see."""

    list_display = ("when", "kind_badge", "who", "subject", "source", "count")
    list_display_links = ("when",)
    list_filter = (
        ("kind", ChoicesFilter),
        ("source", ChoiceFilter),
        ("last_at", DayRangeFilter),
    )
    list_before_template = "console/security_events_before.html"
    search_fields = ("actor", "about", "detail", "path", "address")
    search_help_text = gettext_lazy("Name, e-mail, page or network address")
    ordering = ("-last_at", "-id")
    sortable_by = ()
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    fields = ("kind", "first", "last", "times", "who", "about", "detail", "address", "source", "path", "changes")
    readonly_fields = fields
    export_columns = (
        ("first_at", gettext_lazy("First")),
        ("last_at", gettext_lazy("Last")),
        ("kind", gettext_lazy("What happened")),
        ("times", pgettext_lazy("how often", "Times")),
        ("actor", gettext_lazy("Who")),
        ("about", gettext_lazy("About")),
        ("detail", gettext_lazy("Details")),
        ("address", gettext_lazy("Network address")),
        ("source", gettext_lazy("Source")),
        ("path", gettext_lazy("Page")),
        ("request_id", gettext_lazy("Request")),
    )
    empty_state = gettext_lazy(
        "No security events. Failed sign-ins, refused pages and links, exports and changes of rights appear here."
    )

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[SecurityEvent]:
        rows = super().get_queryset(request)
        return rows.filter(user=request.user.pk) if reach_of(request.user).limited else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: SecurityEvent | None = None) -> bool:
        return self._may(request, "view", obj)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        return super().changelist_view(request, {"kept_days": settings.SECURITY_EVENT_DAYS} | (extra_context or {}))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> HttpResponse:
        # Nobody changes an event: its page is its history.
        raise Http404

    def render_change_form(self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | {"show_history": False}, *args, **kwargs)

    def get_fields(self, request: HttpRequest, obj: SecurityEvent | None = None) -> Sequence[str]:
        """Only what there is something to say about; the change log for whoever may read it."""
        empty = {name for name in ("about", "detail", "address", "path") if obj and not getattr(obj, name)}
        if not request.user.has_perm("audit.view_changelog"):
            empty.add("changes")
        return [name for name in self.fields if name not in empty]

    # --- columns

    @display(description=gettext_lazy("When"), header=True)
    def when(self, event: SecurityEvent) -> list[str]:
        return [date_format(localtime(event.last_at), "D j M, H:i"), event.address or ""]

    @display(description=gettext_lazy("What happened"), label=COLOURS)
    def kind_badge(self, event: SecurityEvent) -> tuple[str, str]:
        return event.kind, event.get_kind_display()

    @display(description=gettext_lazy("Who"))
    def who(self, event: SecurityEvent) -> str:
        # Nobody's account: a word of ours, kept as it is written, read in the reader's language.
        return _("Visitor") if event.user_id is None and event.actor == "Visitor" else event.actor or "–"

    @display(description=gettext_lazy("About"), header=True)
    def subject(self, event: SecurityEvent) -> list[str]:
        first, second = event.about or event.detail or event.path, event.detail if event.about else ""
        return [excerpt(first) or "–", excerpt(second, 100)]

    @display(description=pgettext_lazy("how often", "Times"))
    def count(self, event: SecurityEvent) -> int:
        return event.times

    # --- the page

    @display(description=gettext_lazy("First"))
    def first(self, event: SecurityEvent) -> str:
        return date_format(localtime(event.first_at), "D j M Y, H:i:s")

    @display(description=gettext_lazy("Last"))
    def last(self, event: SecurityEvent) -> str:
        return date_format(localtime(event.last_at), "D j M Y, H:i:s")

    @display(description=gettext_lazy("Request"))
    def changes(self, event: SecurityEvent) -> str:
        """Leads to what the request changed: the same number stands in the log."""
        address = f"{reverse('admin:changelog')}?request={event.request_id}"
        words = _("What request %s changed") % str(event.request_id)[:8]
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', address, words)
