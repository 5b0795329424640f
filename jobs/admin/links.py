"""The register of portal links: who made which, whether it was opened, whether it still opens and why not."""

from __future__ import annotations

from typing import Any, Protocol

from django.contrib import admin
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit import changelog
from audit.act import Source
from console.kit import (
    ChoiceFilter,
    ConsoleModelAdmin,
    DayRangeFilter,
    DialogForm,
    ReasonDialog,
    console_action,
    console_bulk_action,
)
from console.scope import scope_condition
from console.shapes import Column, Fieldsets
from jobs import services
from jobs.admin.filters import AliveFilter
from jobs.models import PortalLink
from jobs.search_text import holding


def _opened(request: HttpRequest, link: PortalLink) -> str:
    if not link.opened_count:
        return _("%s was never opened.") % link
    said = ngettext(
        "%(link)s was opened %(count)d time, last on %(last)s.",
        "%(link)s was opened %(count)d times, last on %(last)s.",
        link.opened_count,
    )
    return said % {
        "link": link,
        "count": link.opened_count,
        "last": date_format(localtime(link.last_opened_at), "DATETIME_FORMAT"),
    }


def _what_revoking_does(links: list[PortalLink]) -> str:
    alive = sum(1 for link in links if not link.why_dead)
    said = ngettext(
        "%(alive)d of %(all)d links is alive and stops opening at once.",
        "%(alive)d of %(all)d links are alive and stop opening at once.",
        alive,
    )
    return said % {"alive": alive, "all": len(links)}


def _state(link: PortalLink) -> str:
    why = link.why_dead
    return _("Dead: %s") % why if why else _("Alive")


def _what_reissuing_does(links: list[PortalLink]) -> str:
    over = sum(1 for link in links if not link.job.is_open)
    fresh = len(links) - over
    said = [
        ngettext(
            "%d link is revoked, and a new one takes its place in the job's notes.",
            "%d links are revoked, and new ones take their places in the jobs' notes.",
            fresh,
        )
        % fresh
    ]
    if over:
        said.append(ngettext("%d belongs to a job that is over.", "%d belong to jobs that are over.", over) % over)
    return " ".join(said)


class _ListedLink(Protocol):
    """A link with what the list asks of each."""

    url: str
    why_dead: str
    within_reach: bool


@admin.register(PortalLink)
class PortalLinkAdmin(ConsoleModelAdmin[PortalLink]):
    """Links are made with their jobs; here they are watched, revoked, re-issued. Nothing of them is typed."""

    change_form_outer_before_template = "jobs/admin/link_card.html"
    list_display = ("job_number", "customer", "state", "made", "opened", "copy")
    list_display_links = ("job_number",)
    list_filter = (AliveFilter, ("made_source", ChoiceFilter), ("made_at", DayRangeFilter))
    search_fields = ("job__number",)
    search_help_text = gettext_lazy("Job number, customer or address")
    sortable_by = ()
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    # Never the address itself: it opens the job.
    export_columns = (
        ("job__number", gettext_lazy("Job")),
        ("job__customer__name", gettext_lazy("Customer")),
        (_state, gettext_lazy("State")),
        ("made_at", gettext_lazy("Made")),
        ("made_by", gettext_lazy("Made by")),
        ("made_source", gettext_lazy("By way of")),
        ("expires_at", gettext_lazy("Dies at")),
        ("opened_count", gettext_lazy("Times opened")),
        ("first_opened_at", gettext_lazy("First opened")),
        ("last_opened_at", gettext_lazy("Last opened")),
        ("revoked_at", gettext_lazy("Revoked")),
        ("revoked_by", gettext_lazy("Revoked by")),
    )
    empty_state = gettext_lazy("No portal links. Each new job made from a template gets one, if the settings say so.")
    actions = ("reissue_many", "revoke_many")
    actions_detail = ("reissue", "revoke")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PortalLink]:
        rows = super().get_queryset(request).select_related("job", "job__customer", "job__template", "revoked_by")
        # Whoever was granted only a look at a customer copies none of its links.
        reach = scope_condition(PortalLink, request.user, "change")
        within: Case | Value = (
            Case(When(reach, then=True), default=False, output_field=BooleanField()) if reach else Value(True)
        )
        return rows.annotate(within_reach=within)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PortalLink], search_term: str
    ) -> tuple[QuerySet[PortalLink], bool]:
        return queryset.filter(holding(search_term, "job__search_text")), False

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        columns = super().get_list_display(request)
        return tuple(name for name in columns if name != "copy" or self._may_copy(request))

    def _may_copy(self, request: HttpRequest, link: PortalLink | None = None) -> bool:
        return bool(request.user.has_perm("jobs.change_portallink", link))

    def get_fieldsets(self, request: HttpRequest, obj: PortalLink | None = None) -> Fieldsets:
        return []  # all there is to say stands on the card

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PortalLink | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PortalLink | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: PortalLink | None = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        link: PortalLink | None = kwargs.get("obj")
        if link is not None:
            rows = changelog.history_of(PortalLink).filter(id=link.pk, revoked_at__isnull=False)
            revoked = rows.order_by("history_id").first()
            context |= {
                "link": link,
                "source": Source(link.made_source).label,
                "may_copy": self._may_copy(request, link),
                "why_revoked": (revoked.history_change_reason or "") if revoked else "",
                # Network addresses are for those who work with links, as the addresses of links are.
                "tries": services.newest_tries(link) if self._may_copy(request, link) else [],
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=gettext_lazy("Job"))
    def job_number(self, link: PortalLink) -> str:
        return link.job.number

    @display(description=gettext_lazy("Customer"))
    def customer(self, link: PortalLink) -> str:
        return str(link.job.customer)

    @display(description=gettext_lazy("State"), label={"alive": "success", "dead": "danger"})
    def state(self, link: PortalLink) -> tuple[str, str]:
        why = link.why_dead
        return ("dead", _("Dead: %s") % why) if why else ("alive", _("Alive"))

    @display(description=gettext_lazy("Made"), header=True)
    def made(self, link: PortalLink) -> list[str]:
        by = (
            f"{link.made_by}, {Source(link.made_source).label}" if link.made_by else str(Source(link.made_source).label)
        )
        return [date_format(localtime(link.made_at), "j M Y, H:i"), by]

    @display(description=gettext_lazy("Opened"), header=True)
    def opened(self, link: PortalLink) -> list[str]:
        if not link.opened_count:
            return [_("never"), ""]
        return [f"{link.opened_count} ×", date_format(localtime(link.last_opened_at), "j M Y, H:i")]

    @display(description=gettext_lazy("Link"))
    def copy(self, link: _ListedLink) -> str:
        """The address itself is shown to nobody who looks over a shoulder; a button puts it on the clipboard."""
        if link.why_dead or not link.within_reach:
            return "–"
        if not link.url:
            return _("cannot be read: re-issue it")
        return format_html(
            '<button type="button" class="pc-copy pc-link" data-copy="{}" data-copied="{}">{}</button>',
            link.url,
            _("Copied"),
            _("Copy link"),
        )

    @console_action(
        permission="jobs.change_portallink",
        description=gettext_lazy("Revoke"),
        text=lambda request, link: _("%s It stops opening at once; this cannot be undone.") % _opened(request, link),
        form_class=ReasonDialog,
        possible=lambda link: not link.why_dead,
        icon="link_off",
    )
    def revoke(self, request: HttpRequest, link: PortalLink, form: ReasonDialog) -> str:
        services.revoke_portal_link(link, by=request.user, reason=form.cleaned_data["reason"])
        return _("The link of %s is revoked.") % link.job

    @console_action(
        permission="jobs.change_portallink",
        description=gettext_lazy("Re-issue"),
        text=lambda request, link: (
            _("%s It is revoked, and a new one takes its place in the job's notes.") % _opened(request, link)
        ),
        possible=lambda link: link.job.is_open,
        icon="autorenew",
    )
    def reissue(self, request: HttpRequest, link: PortalLink, form: DialogForm) -> str:
        services.reissue_portal_link(link, by=request.user)
        return _("%s has a new link. Send it to whom needs it.") % link.job

    @console_bulk_action(
        permission="jobs.change_portallink",
        description=gettext_lazy("Re-issue the ticked links"),
        text=lambda request, links: _what_reissuing_does(links),
        done=ngettext_lazy("%d job has a new link.", "%d jobs have a new link."),
        submit=gettext_lazy("Re-issue"),
    )
    def reissue_many(self, request: HttpRequest, link: PortalLink, form: DialogForm) -> None:
        services.reissue_portal_link(link, by=request.user)

    @console_bulk_action(
        permission="jobs.change_portallink",
        description=gettext_lazy("Revoke the ticked links"),
        text=lambda request, links: _what_revoking_does(links),
        form_class=ReasonDialog,
        done=ngettext_lazy("%d link is revoked.", "%d links are revoked."),
        submit=gettext_lazy("Revoke"),
    )
    def revoke_many(self, request: HttpRequest, link: PortalLink, form: ReasonDialog) -> None:
        services.revoke_portal_link(link, by=request.user, reason=form.cleaned_data["reason"])
