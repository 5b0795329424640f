"""The staff console: brand, sidebar by task, command palette. Unfold reads ``UNFOLD`` at each request.

The sidebar and the palette show only what this person may open; a page that does not exist is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.templatetags.static import static
from django.urls import NoReverseMatch, URLPattern, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.dataclasses import SearchResult

from console.addresses import requested_search

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

Words = str | Promise
# What a template of Unfold's is given.
Context = dict[str, Any]


def _model(app: str, name: str) -> Any:
    """A model by name: the settings read this module before there are any."""
    return apps.get_model(app, name)


@dataclass(frozen=True)
class Item:
    """One line of the sidebar: shown to whoever holds one of the permissions, if the page exists."""

    title: Words
    icon: str
    page: str
    permissions: tuple[str, ...] = ()
    badge: str = ""

    @property
    def link(self) -> str | None:
        """The address of the page, or None where there is no such page."""
        try:
            return reverse(f"admin:{self.page}")
        except NoReverseMatch:
            return None

    def is_for(self, user: User | AnonymousUser) -> bool:
        """May this person open it?"""
        return not self.permissions or any(user.has_perm(code) for code in self.permissions)


def _of(app: str, model: str, title: Words, icon: str, badge: str = "") -> Item:
    rights = (f"{app}.view_{model}", f"{app}.change_{model}")
    return Item(title, icon, f"{app}_{model}_changelist", rights, badge)


SIDEBAR: tuple[tuple[Words, tuple[Item, ...]], ...] = (
    (
        gettext_lazy("Today"),
        (
            Item(gettext_lazy("Dashboard"), "space_dashboard", "index"),
            Item(gettext_lazy("Schedule"), "calendar_month", "jobs_schedule", ("jobs.view_job", "jobs.change_job")),
            Item(gettext_lazy("Map"), "map", "jobs_map", ("jobs.view_job",)),
            _of("jobs", "job", gettext_lazy("Jobs"), "assignment"),
            _of("jobs", "changerequest", gettext_lazy("Change requests"), "contact_support", "waiting_requests"),
            _of("jobs", "series", pgettext_lazy("several", "Series"), "event_repeat"),
        ),
    ),
    (
        gettext_lazy("Customers"),
        (
            _of("accounts", "customer", gettext_lazy("Customers"), "domain"),
            _of("accounts", "portaluser", gettext_lazy("Portal users"), "group"),
            _of("jobs", "portallink", gettext_lazy("Portal links"), "link"),
            Item(gettext_lazy("Why?"), "help", "why", ("accounts.view_portaluser",)),
        ),
    ),
    (
        gettext_lazy("Money"),
        (
            _of("billing", "invoice", gettext_lazy("Invoices"), "receipt_long", "pending_invoices"),
            _of("billing", "ordertobill", gettext_lazy("To bill"), "assignment_turned_in"),
            _of("billing", "payment", gettext_lazy("Payments"), "payments"),
            _of("billing", "refund", gettext_lazy("Refunds"), "currency_exchange"),
            _of("billing", "writeoff", gettext_lazy("Write-offs"), "money_off"),
        ),
    ),
    (
        gettext_lazy("Configure"),
        (
            _of("business", "portalsettings", gettext_lazy("Portal settings"), "tune"),
            _of("billing", "billingsettings", gettext_lazy("Billing settings"), "account_balance"),
            _of("billing", "taxcode", gettext_lazy("Tax codes"), "percent"),
            _of("billing", "numberseries", gettext_lazy("Number series"), "tag"),
            _of("templates_app", "jobtemplate", gettext_lazy("Job templates"), "library_books"),
            _of("alerts", "alert", gettext_lazy("Alerts"), "notifications_active"),
            _of("jobs", "cancellationreason", gettext_lazy("Cancellation reasons"), "event_busy"),
            _of("accounts", "label", gettext_lazy("Labels"), "sell"),
        ),
    ),
    (
        gettext_lazy("Data"),
        (
            _of("imports", "importrun", gettext_lazy("Imports"), "upload_file", "waiting_imports"),
            _of("imports", "importmapping", gettext_lazy("Column mappings"), "view_column"),
            _of("console", "listexport", gettext_lazy("Exports"), "download"),
            _of("alerts", "delivery", gettext_lazy("Messages"), "outbox"),
            _of("alerts", "channelhold", gettext_lazy("Held channels"), "pause_circle"),
            _of("alerts", "messagestop", gettext_lazy("Stopped messages"), "do_not_disturb_on"),
            Item(gettext_lazy("Change log"), "history", "changelog", ("audit.view_changelog",)),
            Item(
                gettext_lazy("Security events"),
                "security",
                "audit_securityevent_changelist",
                ("audit.view_securityevent",),
            ),
            Item(
                gettext_lazy("After a restore"),
                "settings_backup_restore",
                "held",
                ("business.release_hold",),
                "held_messages",
            ),
        ),
    ),
    (
        gettext_lazy("People"),
        (
            _of("accounts", "user", gettext_lazy("Staff"), "badge"),
            _of("auth", "group", gettext_lazy("Roles"), "shield_person"),
            _of("accounts", "worker", gettext_lazy("Workers"), "engineering"),
            _of("accounts", "apitoken", gettext_lazy("API tokens"), "key"),
        ),
    ),
)


def items_for(user: User | AnonymousUser) -> list[tuple[Words, list[tuple[Item, str]]]]:
    """The sidebar of one person: (heading, [(item, address)]), without empty headings."""
    groups = []
    for heading, items in SIDEBAR:
        shown = [(item, link) for item in items if (link := item.link) and item.is_for(user)]
        if shown:
            groups.append((heading, shown))
    return groups


def sidebar(request: HttpRequest) -> list[Context]:
    """The sidebar as Unfold wants it. Badges cost one query, kept for a short while."""
    return [
        {
            "title": heading,
            "items": [
                {"title": item.title, "icon": item.icon, "link": link, **_badge(item, request.user)}
                for item, link in shown
            ],
        }
        for heading, shown in items_for(request.user)
    ]


def _badge(item: Item, user: User | AnonymousUser) -> Context:
    if not item.badge:
        return {}
    count = BADGES[item.badge](user)
    return {"badge": str(count), "badge_variant": "warning"} if count else {}


def waiting_requests(user: User | AnonymousUser) -> int:
    """How many change requests wait that this person may see; at most a quarter of a minute old."""
    key = f"console-waiting-{user.pk}"
    count = cache.get(key)
    if count is None:
        model = _model("jobs", "ChangeRequest")
        count = model.objects.visible_to(user).filter(state=model.State.WAITING).count()
        cache.set(key, count, 15)
    return int(count)


def waiting_imports(user: User | AnonymousUser) -> int:
    """How many of a person's imports wait for her: checked and not begun, or stopped by a fault since yesterday."""
    key = f"console-imports-{user.pk}"
    count = cache.get(key)
    if count is None:
        model = _model("imports", "ImportRun")
        stopped = Q(state="failed", finished_at__gt=timezone.now() - timedelta(days=1))
        count = model.objects.filter(Q(state="checked") | stopped, uploaded_by=user).count()
        cache.set(key, count, 15)
    return int(count)


# By which the cache knows whether anything is held.
HELD = "console-held"


def is_held_by_now() -> bool:
    """Does a restore wait for a decision? At most a quarter of a minute old: every page asks."""
    is_held = cache.get(HELD)
    if is_held is None:
        is_held = _model("business", "Hold").objects.filter(is_open=True).exists()
        cache.set(HELD, is_held, 15)
    return bool(is_held)


def held_messages(user: User | AnonymousUser) -> int:
    """How many messages wait for a decision after a restore, of those that this person may see."""
    hold = _model("business", "Hold").objects.filter(is_open=True).first() if is_held_by_now() else None
    return _model("alerts", "Delivery").objects.visible_to(user).doubtful(hold).count() if hold else 0


def pending_invoices(user: User | AnonymousUser) -> int:
    """How many invoices wait to be posted that this person may see; at most a quarter of a minute old."""
    key = f"console-pending-invoices-{user.pk}"
    count = cache.get(key)
    if count is None:
        count = _model("billing", "Invoice").objects.visible_to(user).pending().count()
        cache.set(key, count, 15)
    return int(count)


BADGES = {
    "waiting_requests": waiting_requests,
    "waiting_imports": waiting_imports,
    "held_messages": held_messages,
    "pending_invoices": pending_invoices,
}


# --- command palette

HITS = 6


def search(request: HttpRequest) -> HttpResponse:
    """What the command palette finds: pages of the sidebar, customers, portal users, jobs, invoices.

    Scoped like their lists, a few of each kind, and nothing kept: who loses a grant loses the hit at once.
    """
    words = request.GET.get("s", "").strip()
    if not words or words != requested_search(request, words):
        return HttpResponse()
    results = _pages(request.user, words) + find_records(request, words)
    context = {
        "results": _OnePage(results),
        "page_obj": {"count": len(results)},
        "page_counter": 0,
        "execution_time": 0,
        "command_show_history": False,
    }
    return TemplateResponse(request, "console/search_results.html", context, headers={"HX-Trigger": "search"})


class _OnePage(list[SearchResult]):
    """A page of results that is the only one."""

    next_page_number = None


def _pages(user: User | AnonymousUser, words: str) -> list[SearchResult]:
    wanted = words.casefold()
    return [
        SearchResult(title=str(item.title), description=str(heading), link=link, icon=item.icon)
        for heading, shown in items_for(user)
        for item, link in shown
        if wanted in str(item.title).casefold()
    ]


def find_records(request: HttpRequest, words: str) -> list[SearchResult]:
    """Customers, portal users, jobs and invoices that this person may see: a few of each."""
    user = request.user
    customers = _model("accounts", "Customer").objects.visible_to(user)
    people = _model("accounts", "PortalUser").objects.visible_to(user).select_related("user")
    jobs = _model("jobs", "Job").objects.visible_to(user).select_related("customer")
    called = Q(name_search__contains=words)
    found = [
        (row, _("Customer"), "domain", row.external_id or "")
        for row in customers.filter(called | Q(external_id__iexact=words)).order_by("name")[:HITS]
    ]
    found += [
        (row, _("Portal user"), "person", row.user.email)
        for row in people.filter(Q(user__name_search__contains=words) | Q(user__email__icontains=words))[:HITS]
    ]
    found += [
        (row, _("Job"), "assignment", f"{row.customer}, {row.get_status_display()}")
        for row in jobs.matching(words)[:HITS]
    ]
    invoices = _model("billing", "Invoice").objects.visible_to(user).select_related("customer")
    found += [
        (row, _("Invoice"), "receipt_long", f"{row.customer}, {row.get_status_display()}")
        for row in invoices.matching(words).order_by("-id")[:HITS]
    ]
    payments = _model("billing", "Payment").objects.visible_to(user).select_related("customer")
    found += [
        (row, _("Payment"), "payments", f"{row.customer}, {row.get_state_display()}")
        for row in payments.matching(words).order_by("-id")[:HITS]
    ]
    results = []
    for row, kind, icon, more in found:
        try:
            link = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        except NoReverseMatch:
            continue
        results.append(SearchResult(title=str(row), description=f"{kind} {more}".strip(), link=link, icon=icon))
    return results


# --- frame


def environment(request: HttpRequest) -> list[str] | None:
    """The label beside the user's name: nothing in production."""
    return None if settings.PRODUCTION else [_("Demo"), "info"]


def account_links(request: HttpRequest) -> list[Context]:
    """The user menu, below the link to the companion site."""
    links = [
        {"title": _("Language"), "link": reverse("console_language")},
        {"title": _("Change password"), "link": reverse("admin:password_change")},
        {"title": _("Two-factor sign-in"), "link": reverse("portal_site:two_factor")},
    ]
    if request.user.has_perm("audit.view_changelog"):
        log = reverse("admin:changelog")
        links.insert(0, {"title": _("My changes"), "link": f"{log}?{urlencode({'person': str(request.user)})}"})
    return links


def urls() -> list[URLPattern]:
    """The console's own pages, before those of the admin site."""
    from django.urls import path

    from config.language import language_page

    return [
        path("language/", admin.site.admin_view(language_page), name="console_language"),
        path("search/", admin.site.admin_view(search), name="console_search"),
        path("login/", sign_in, name="console_login"),
        path("password_change/", admin.site.admin_view(change_password), name="console_password_change"),
    ]


def change_password(request: HttpRequest) -> HttpResponseBase:
    """The console's page for a new password: as the admin site's, with wrong old ones counted."""
    from config.own_password import ConsolePasswordChange

    return ConsolePasswordChange.as_view(extra_context=admin.site.each_context(request))(request)


def sign_in(request: HttpRequest) -> HttpResponse:
    """The console's login page; without another wish it leads to the console, not to the companion site."""
    if "next" not in request.GET and "next" not in request.POST:
        query = request.GET.copy()
        query["next"] = reverse("admin:index")
        request.GET = query  # type: ignore[assignment]  # one that can still be changed serves as well
    return admin.site.login(request)


UNFOLD = {
    "SITE_TITLE": "Portico",
    "SITE_HEADER": "Portico",
    "SITE_SUBHEADER": gettext_lazy("Console"),
    "SITE_SYMBOL": "door_open",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("console/portico.svg")},
    ],
    "SITE_DROPDOWN": [
        {"icon": "space_dashboard", "title": gettext_lazy("Dashboard"), "link": lambda request: reverse("admin:index")},
        {
            "icon": "storefront",
            "title": gettext_lazy("Companion site"),
            "link": lambda request: reverse("portal_site:home"),
            "attrs": {"target": "_blank", "rel": "noopener"},
        },
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "config.console.environment",
    "DASHBOARD_CALLBACK": "config.dashboard.dashboard",
    "STYLES": [
        lambda request: static("console/console.css"),
        lambda request: static("permissions/access.css"),
        lambda request: static("console/dashboard.css"),
        lambda request: static("billing/console.css"),
    ],
    "SCRIPTS": [lambda request: static("console/console.js")],
    "BORDER_RADIUS": "8px",
    # Tailwind's teal: the accent of the companion site's default brand colour, #0f766e, is its 700.
    "COLORS": {
        "primary": {
            "50": "oklch(98.4% .014 180.72)",
            "100": "oklch(95.3% .051 180.801)",
            "200": "oklch(91% .096 180.426)",
            "300": "oklch(85.5% .138 181.071)",
            "400": "oklch(77.7% .152 181.912)",
            "500": "oklch(60% .118 184.704)",
            "600": "oklch(51.1% .096 186.391)",
            "700": "oklch(43.7% .078 188.216)",
            "800": "oklch(38.6% .063 188.416)",
            "900": "oklch(33% .053 188.6)",
            "950": "oklch(27.7% .046 192.524)",
        },
    },
    "ACCOUNT": {"navigation": "config.console.account_links"},
    "COMMAND": {"search_models": False, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "config.console.sidebar",
    },
}
