"""The start page of the console: what a day needs. Every number is counted over what the list behind it shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from alerts.admin.holds import hold_notices
from alerts.models import Delivery
from alerts.services.releasing import PERMISSION
from billing.models import Invoice
from business.holding import trouble_with_mark
from config.console import (
    Context,
    Words,
    held_messages,
    is_held_by_now,
    items_for,
    pending_invoices,
    waiting_requests,
)
from console.storage import trouble_with_files
from imports.models import ImportRun
from jobs.models import Job
from jobs.querysets import JobQuerySet
from money import format_money

TODAYS_JOBS = 40
NEXT_JOBS = 10


@dataclass(frozen=True)
class Card:
    """One number of the dashboard, and the list it counts."""

    label: Words
    count: int
    link: str
    icon: str
    alarming: bool = False


def dashboard(request: HttpRequest, context: Context) -> Context:
    """Adds to the start page what a day needs. Every number is counted over what the list behind it shows."""
    user = request.user
    context["title"] = _("Dashboard")
    context["has_work"] = any(item.permissions for _heading, shown in items_for(user) for item, _link in shown)
    context["today"] = timezone.localdate()
    context["cards"] = _cards(user)
    # Of those who can do something about it.
    may_act = user.has_perm("business.change_portalsettings")
    context["trouble"] = (trouble_with_files() or trouble_with_mark()) if may_act else ""
    context["holds"] = hold_notices(user)
    context["quick_actions"] = _quick_actions(user)
    jobs_list = _link("jobs_job_changelist")
    if jobs_list and (user.has_perm("jobs.view_job") or user.has_perm("jobs.change_job")):
        from_jobs = Job.objects.visible_to(user)
        todays = from_jobs.on(context["today"]).select_related("customer", "worker", "template")
        context["todays_jobs"] = list(todays.order_by("planned_start", "id")[:TODAYS_JOBS])
        later = (
            from_jobs.open().filter(planned_start__gt=timezone.now()).select_related("customer", "worker", "template")
        )
        context["next_jobs"] = list(later.order_by("planned_start", "id")[:NEXT_JOBS])
        context["todays_jobs_link"] = f"{jobs_list}?when=today"
        context["chart"], context["chart_rows"] = _chart(from_jobs, context["today"])
    return context


def _link(page: str, query: str = "") -> str:
    """The address of a page of the console with its query, or nothing where there is no such page."""
    try:
        return reverse(f"admin:{page}") + query
    except NoReverseMatch:
        return ""


def _cards(user: User | AnonymousUser) -> list[Card]:
    cards = [card] if (card := _held(user)) else []
    if (link := _link("jobs_job_changelist")) and (user.has_perm("jobs.view_job") or user.has_perm("jobs.change_job")):
        mine = Job.objects.visible_to(user)
        today, free, late = mine.on(timezone.localdate()), mine.unassigned(), mine.overdue()
        cards += [
            Card(_("Today's jobs"), today.count(), f"{link}?when=today", "today"),
            Card(_("Waiting for a worker or a time"), free.count(), f"{link}?when=unassigned", "person_search"),
            Card(_("Overdue to start"), late.count(), f"{link}?when=overdue", "alarm", True),
        ]
        if to_check := mine.with_address_to_check().count():
            cards.append(Card(_("Addresses to check"), to_check, f"{link}?when=address", "wrong_location", True))
    if (link := _link("jobs_changerequest_changelist")) and user.has_perm("jobs.view_changerequest"):
        waiting = waiting_requests(user)
        cards.append(Card(_("Change requests"), waiting, f"{link}?state__exact=waiting", "contact_support", True))
    cards += _money_cards(user)
    cards += [card for make in (_failed_messages, _uncertain_messages, _running_imports) if (card := make(user))]
    return cards


def _money_cards(user: User | AnonymousUser) -> list[Card]:
    cards: list[Card] = []
    if not (link := _link("billing_invoice_changelist")) or not user.has_perm("billing.view_invoice"):
        return cards
    pending = pending_invoices(user)
    cards.append(Card(_("Pending invoices"), pending, f"{link}?status__exact=pending", "edit_document"))
    sums = Invoice.objects.visible_to(user).overdue().sums()
    label = _("Overdue invoices")
    if sums:
        together = " + ".join(format_money(amount, currency) for currency, (_count, amount) in sums.items())
        label = _("Overdue invoices: %s") % together
    count = sum(one for one, _amount in sums.values())
    cards.append(Card(label, count, f"{link}?due=overdue", "receipt_long", True))
    return cards


def _held(user: User | AnonymousUser) -> Card | None:
    if not (is_held_by_now() and user.has_perm(PERMISSION)):
        return None
    return Card(_("Held after a restore"), held_messages(user), _link("held"), "front_hand", True)


def _failed_messages(user: User | AnonymousUser) -> Card | None:
    link = _link("alerts_delivery_changelist")
    if not link or not user.has_perm("alerts.view_delivery"):
        return None
    failed = Delivery.objects.visible_to(user).filter(state__in=("failed", "bounced"))
    query = "?state__exact=failed&state__exact=bounced"
    return Card(_("Failed messages"), failed.count(), f"{link}{query}", "sms_failed", True)


def _uncertain_messages(user: User | AnonymousUser) -> Card | None:
    link = _link("alerts_delivery_changelist")
    if not link or not user.has_perm("alerts.view_delivery"):
        return None
    uncertain = Delivery.objects.visible_to(user).uncertain()
    return Card(_("Uncertain messages"), uncertain.count(), f"{link}?state__exact=uncertain", "contact_mail", True)


def _running_imports(user: User | AnonymousUser) -> Card | None:
    link = _link("imports_importrun_changelist")
    if not link or not user.has_perm("imports.view_importrun"):
        return None
    running = ImportRun.objects.visible_to(user).filter(state="running")
    return Card(_("Running imports"), running.count(), f"{link}?state__exact=running", "upload_file")


def _quick_actions(user: User | AnonymousUser) -> list[Context]:
    wanted = (
        (_("New job"), "add_task", "jobs_job_add", "jobs.add_job"),
        (_("New customer"), "domain_add", "accounts_customer_add", "accounts.add_customer"),
        (_("Schedule"), "calendar_month", "jobs_schedule", "jobs.view_job"),
        (_("Import a file"), "upload_file", "imports_importrun_add", "imports.add_importrun"),
        (_("New template"), "library_add", "templates_app_jobtemplate_add", "templates_app.add_jobtemplate"),
        (_("Portal settings"), "tune", "business_portalsettings_changelist", "business.change_portalsettings"),
    )
    return [
        {"title": title, "icon": icon, "link": link}
        for title, icon, page, permission in wanted
        if (link := _link(page)) and user.has_perm(permission)
    ]


def _chart(jobs: JobQuerySet, today: date) -> tuple[Context, list[tuple[str, int, int]]]:
    """Jobs per day, the last seven days and the next seven: for the chart, and as rows for who cannot see it."""
    days = [today + timedelta(days=n) for n in range(-7, 8)]
    counted = (
        jobs.between(days[0], days[-1])
        .annotate(day=TruncDate("planned_start"))
        .order_by()
        .values("day")
        .annotate(planned=Count("pk"), done=Count("pk", filter=Q(status="completed")))
    )
    by_day = {row["day"]: (row["planned"] - row["done"], row["done"]) for row in counted}
    rows = [(date_format(day, "D j M"), *by_day.get(day, (0, 0))) for day in days]
    chart = {
        "labels": [label for label, _open, _done in rows],
        "datasets": [
            {
                "label": _("Done"),
                "data": [done for _label, _open, done in rows],
                "backgroundColor": "var(--color-primary-600)",
                "stack": "jobs",
                "displayYAxis": True,
            },
            {
                "label": _("Planned"),
                "data": [planned for _label, planned, _done in rows],
                "backgroundColor": "var(--color-primary-300)",
                "stack": "jobs",
            },
        ],
    }
    return chart, rows
