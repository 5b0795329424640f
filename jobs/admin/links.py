"""The register of portal links: who made which, whether it was opened, whether it still opens and why not."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from audit.act import Road
from jobs import services
from jobs.admin.dialogs import ReasonDialog
from jobs.admin.filters import AliveFilter
from jobs.models import PortalLink
from permissions.console import ConsoleModelAdmin, DialogForm, console_action, console_bulk_action


def _opened(request: HttpRequest, link: PortalLink) -> str:
    if not link.opened_count:
        return _("%s was never opened.") % link
    return _("%(link)s was opened %(count)d times, last on %(last)s.") % {
        "link": link,
        "count": link.opened_count,
        "last": date_format(localtime(link.last_opened_at), "DATETIME_FORMAT"),
    }


@admin.register(PortalLink)
class PortalLinkAdmin(ConsoleModelAdmin):
    """Links are made with their jobs; here they are watched, revoked, re-issued."""

    list_display = ("job_number", "customer", "state", "made", "opened", "copy")
    list_display_links = ("job_number",)
    list_filter = (AliveFilter, ("made_road", ChoicesDropdownFilter), ("made_at", RangeDateFilter))
    search_fields = ("job__number",)
    search_help_text = gettext_lazy("Job number, customer or address")
    sortable_by = ()
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    empty_state = gettext_lazy("No portal links. Each new job made from a template gets one, if the settings say so.")
    actions = ("revoke_many",)
    actions_detail = ("reissue", "revoke")
    fields = (
        "job_number",
        "customer",
        "state_now",
        "copy",
        "made_by_whom",
        "expires",
        "opened_last",
        "first_opened_at",
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("job", "job__customer", "revoked_by")

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        for word in search_term.lower().split():
            queryset = queryset.filter(job__search_text__contains=word)
        return queryset, False

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        return columns if self._may_copy(request) else [name for name in columns if name != "copy"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = super().get_fields(request, obj)
        return names if self._may_copy(request) else [name for name in names if name != "copy"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def _may_copy(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("jobs.change_portallink"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

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

    # The page of one link has the same in plain words: its badges and two-line cells are for lists.

    @display(description=gettext_lazy("State"))
    def state_now(self, link: PortalLink) -> str:
        return self.state(link)[1]

    @display(description=gettext_lazy("Made"))
    def made_by_whom(self, link: PortalLink) -> str:
        return " · ".join(self.made(link))

    @display(description=gettext_lazy("Opened"))
    def opened_last(self, link: PortalLink) -> str:
        return " · ".join(filter(None, self.opened(link)))

    @display(description=gettext_lazy("Made"), header=True)
    def made(self, link: PortalLink) -> list[str]:
        by = f"{link.made_by}, {Road(link.made_road).label}" if link.made_by else str(Road(link.made_road).label)
        return [date_format(localtime(link.made_at), "j M Y, H:i"), by]

    @display(description=gettext_lazy("Dies at"))
    def expires(self, link: PortalLink) -> str:
        return (
            date_format(localtime(link.expires_at), "DATETIME_FORMAT") if link.expires_at else _("when the job is over")
        )

    @display(description=gettext_lazy("Opened"), header=True)
    def opened(self, link: PortalLink) -> list[str]:
        if not link.opened_count:
            return [_("never"), ""]
        return [f"{link.opened_count} ×", date_format(localtime(link.last_opened_at), "j M Y, H:i")]

    @display(description=gettext_lazy("Link"))
    def copy(self, link: PortalLink) -> str:
        """The address itself is shown to nobody who looks over a shoulder; a button puts it on the clipboard."""
        if link.why_dead:
            return "–"
        return format_html(
            '<button type="button" class="pc-copy pc-link" data-copy="{}" data-copied="{}">{}</button>',
            link.url,
            _("Copied"),
            _("Copy link"),
        )

    @console_action(
        permission="change",
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
        permission="change",
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
        permission="change",
        description=gettext_lazy("Revoke the ticked links"),
        text=lambda request, links: (
            _("%(alive)d of %(all)d links are alive and stop opening at once.")
            % {"alive": sum(1 for link in links if not link.why_dead), "all": len(links)}
        ),
        form_class=ReasonDialog,
        done=ngettext_lazy("%d link is revoked.", "%d links are revoked."),
        submit=gettext_lazy("Revoke"),
    )
    def revoke_many(self, request: HttpRequest, link: PortalLink, form: ReasonDialog) -> None:
        services.revoke_portal_link(link, by=request.user, reason=form.cleaned_data["reason"])
