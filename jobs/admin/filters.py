"""The filters of the job list that read like questions."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.kit import LookupFilter
from console.shapes import AnyRows, Words
from jobs.choices import DeadBy
from jobs.models import Job, PortalLink
from jobs.models.links import PortalLinkQuerySet
from jobs.querysets import JobQuerySet


class WhenFilter(LookupFilter):
    """The lists a dispatcher opens all day. The dashboard's cards link to them."""

    title = _("list")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Job]) -> list[tuple[str, Words]]:
        return [
            ("today", _("Today")),
            ("tomorrow", _("Tomorrow")),
            ("week", _("The next seven days")),
            ("overdue", _("Overdue to start")),
            ("unassigned", _("Waiting for a worker or a time")),
            ("address", _("Address to check")),
            ("open", _("Everything still to do")),
        ]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> JobQuerySet:
        assert isinstance(queryset, JobQuerySet)
        jobs = queryset
        today = timezone.localdate()
        match self.value():
            case "today":
                return jobs.on(today)
            case "tomorrow":
                return jobs.on(today + timedelta(days=1))
            case "week":
                return jobs.between(today, today + timedelta(days=6))
            case "overdue":
                return jobs.overdue()
            case "unassigned":
                return jobs.unassigned()
            case "address":
                return jobs.with_address_to_check()
            case "open":
                return jobs.open()
        return jobs


class AliveFilter(LookupFilter):
    """Links that still open, and those that do not."""

    title = _("state")
    parameter_name = "alive"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[PortalLink]) -> list[tuple[str, Words]]:
        dead = [(by.value, gettext("Dead: %s") % by.label) for by in DeadBy]
        return [("yes", _("Alive")), ("never", _("Alive, never opened")), ("no", _("Dead")), *dead]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> PortalLinkQuerySet:
        assert isinstance(queryset, PortalLinkQuerySet)
        match self.value():
            case "yes":
                return queryset.alive()
            case "no":
                return queryset.dead()
            case by if by in DeadBy.values:
                return queryset.dead(by)
            case "never":
                return queryset.alive().filter(opened_count=0)
        return queryset
