"""Who started an import and went on to another page hears there that it is over: once, and not what she waited for.

What she was told is remembered in the cache and in no table, so that a page that is only looked at writes nothing. If
the cache forgets, she hears it a second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from imports.choices import RunState
from imports.models import ImportRun

# Older news is none, and of many imports only the last few are named.
NEWS = timedelta(days=1)
NAMED = 3


class HtmxRequest(HttpRequest):
    """A request as django-htmx's middleware leaves it."""

    htmx: HtmxDetails


class FinishedImportsMiddleware:
    """Puts a message on the next page of the console for each import of hers that has finished or failed since."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HtmxRequest, view: object, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> None:
        if request.method == "GET" and not request.htmx and request.path.startswith("/admin/"):
            user = request.user
            if isinstance(user, User) and user.is_staff and user.has_perm("imports.view_importrun"):
                tell_of_finished_imports(request, user, looking_at=_run_of(request, kwargs))


def _run_of(request: HttpRequest, kwargs: Mapping[str, object]) -> str:
    """The key of the import whose own page this is, or nothing."""
    match = request.resolver_match
    return str(kwargs.get("object_id", "")) if match and match.url_name == "imports_importrun_change" else ""


def tell_of_finished_imports(request: HttpRequest, user: User, *, looking_at: str = "") -> None:
    """Adds the messages. ``looking_at``: key of the run that the page is about, of which nobody need tell her."""
    mine = ImportRun.objects.visible_to(user).filter(committed_by=user, finished_at__gt=timezone.now() - NEWS)
    runs = list(
        mine.filter(state__in=(RunState.FINISHED, RunState.FAILED))
        .only("pk", "file_name", "state", "problem", "made", "changed", "skipped", "failed")
        .order_by("-finished_at")
    )
    if not runs:
        return
    key = f"imports-told-{user.pk}"
    told = set(cache.get(key) or ())
    news = [run for run in runs if run.pk not in told]
    if not news:
        return
    cache.set(key, [run.pk for run in runs], 2 * NEWS.total_seconds())
    news = [run for run in news if str(run.pk) != looking_at]
    for run in news[:NAMED]:
        _tell(request, run)
    if more := len(news[NAMED:]):
        words = ngettext("%d more of your imports is over.", "%d more of your imports are over.", more) % more
        messages.info(request, _with_link(words, reverse("admin:imports_importrun_changelist")))


def _tell(request: HttpRequest, run: ImportRun) -> None:
    link = reverse("admin:imports_importrun_change", args=[run.pk])
    if run.state == RunState.FAILED:
        words = _("The import of %(file)s has stopped: %(why)s") % {"file": run.file_name, "why": run.problem}
        messages.error(request, _with_link(words, link))
        return
    words = _("The import of %(file)s is finished: %(results)s.") % {
        "file": run.file_name,
        "results": results_in_words(run),
    }
    tell = messages.warning if run.failed else messages.success
    tell(request, _with_link(words, link))


def _with_link(words: str, link: str) -> str:
    return format_html('{} <a class="underline font-semibold" href="{}">{}</a>', words, link, _("Look at it"))


def results_in_words(run: ImportRun) -> str:
    """What became of a run's rows, in numbers; a dash while there is nothing to count."""
    words = [
        (run.made, _("%d made")),
        (run.changed, _("%d changed")),
        (run.skipped, _("%d left")),
        (run.failed, _("%d failed")),
    ]
    return ", ".join(word % number for number, word in words if number) or "–"
