"""The schedule page: a day or a week by worker, what waits beside it, and moving by hand or by key."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, TypedDict, Unpack

from django import forms
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User, Worker
from console.addresses import MOST_VALUES, keep_readable, requested_day, requested_search, say_left_out
from console.errors import Refused
from console.kit import console_page, is_key, shown_to
from console.moments import CODE, MomentField
from jobs import services
from jobs.admin.dialogs import offer, workers_for
from jobs.admin.plans import numbers_in_words, numbers_seen
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.schedule import SNAP_MINUTES, Board, build_board, facts, is_outside_hours, seen_mark, week_of
from jobs.windows import with_window
from templates_app.models import JobTemplate

MAY_SEE = "jobs.view_job"
WAITING_SHOWN = 40
MOST_JOBS = 600


class _ScheduleState(TypedDict):
    """What the schedule is asked for."""

    view: str
    day: date
    workers: set[str]
    template: str
    q: str


class _ScheduleChanges(TypedDict, total=False):
    """What an address beside it asks for instead."""

    view: str
    day: date


def _state(request: HttpRequest, data: QueryDict) -> _ScheduleState:
    """What an address asks for: the view, the day, the filters. What cannot be read is left out, and noted."""
    return {
        "view": "week" if data.get("view") == "week" else "day",
        "day": requested_day(request, data.get("day", ""), timezone.localdate()),
        "workers": set(requested_workers(request, data.getlist("worker"))),
        "template": requested_template(request, data.get("template", "")),
        "q": requested_search(request, data.get("q", "").strip()),
    }


def requested_workers(request: HttpRequest, keys: list[str]) -> list[str]:
    """Return those keys of an address that are of workers this person may see, archived ones too."""
    wanted = [key for key in keys if is_key(key)]
    rows = (
        shown_to(Worker.objects.filter(pk__in=wanted[:MOST_VALUES]), request.user) if wanted else Worker.objects.none()
    )
    known = {str(key) for key in rows.values_list("pk", flat=True)}
    return keep_readable(request, keys, known, Worker._meta.verbose_name)


def templates_to_filter(user: User | AnonymousUser, shown: Iterable[Job]) -> QuerySet[JobTemplate]:
    """The templates this person may see, archived ones as long as one of the jobs that are shown has them."""
    with_work = Q(pk__in={job.template_id for job in shown if job.template_id})
    return shown_to(JobTemplate.objects.filter(Q(archived_at__isnull=True) | with_work), user)


def requested_template(request: HttpRequest, slug: str) -> str:
    """Return the reference of a template, if this person may see one of that reference; else nothing."""
    known = shown_to(JobTemplate.objects.filter(slug=slug), request.user).exists() if slug else False
    return "".join(keep_readable(request, [slug], [slug] if known else [], JobTemplate._meta.verbose_name))


def _address(state: _ScheduleState, **changes: Unpack[_ScheduleChanges]) -> str:
    query = QueryDict(mutable=True)
    query["view"] = changes.get("view", state["view"])
    query["day"] = changes.get("day", state["day"]).isoformat()
    query.setlist("worker", sorted(state["workers"]))
    for name, said in (("template", state["template"]), ("q", state["q"])):
        if said:
            query[name] = said
    return f"{reverse('admin:jobs_schedule')}?{query.urlencode()}"


def _map_address(state: _ScheduleState) -> str:
    """The same day and filters on the map, which shows one worker or all."""
    query = QueryDict(mutable=True)
    query["day"] = state["day"].isoformat()
    if state["template"]:
        query["template"] = state["template"]
    if len(state["workers"]) == 1:
        (query["worker"],) = state["workers"]
    return f"{reverse('admin:jobs_map')}?{query.urlencode()}"


def _board_context(request: HttpRequest, state: _ScheduleState) -> dict[str, object]:
    """The board and what waits, for this person: the same number of queries on any day."""
    user = request.user
    days = week_of(state["day"]) if state["view"] == "week" else [state["day"]]
    mine = Job.objects.visible_to(user)
    if state["template"]:
        mine = mine.filter(template__slug=state["template"])
    planned = mine.between(days[0], days[-1]).exclude(status=JobStatus.CANCELLED)
    if state["workers"]:
        planned = planned.filter(worker__pk__in=state["workers"])
    planned = planned.select_related("worker", "template", "customer").order_by("planned_start", "id")
    everybody = list(shown_to(Worker.objects.filter(is_active=True), user))
    shown = [worker for worker in everybody if not state["workers"] or str(worker.pk) in state["workers"]]
    jobs = list(planned[:MOST_JOBS])
    board = build_board(jobs, shown, days)
    waiting = mine.filter(status__in=(JobStatus.UNASSIGNED, JobStatus.POSTPONED)).matching(state["q"])
    waiting = waiting.select_related("template", "customer").order_by("requested_start", "id")
    some = list(waiting[:WAITING_SHOWN])
    step = timedelta(days=7 if state["view"] == "week" else 1)
    return {
        "said": "",
        "failed": "",
        "board": board,
        "facts": facts(board),
        "state": state,
        "everybody": everybody,
        "waiting": some,
        # Asked only where it is drawn: with the page, not with a board that is fetched anew.
        "templates": templates_to_filter(user, [*jobs, *some]),
        "waiting_count": waiting.count(),
        "may_schedule": user.has_perm("jobs.schedule_job"),
        "today": timezone.localdate(),
        "now_left": _now_left(board, days),
        "snap": SNAP_MINUTES,
        "here": _address(state),
        "links": {
            "before": _address(state, day=state["day"] - step),
            "after": _address(state, day=state["day"] + step),
            "today": _address(state, day=timezone.localdate()),
            "as_day": _address(state, view="day"),
            "as_week": _address(state, view="week"),
        },
        "map_url": _map_address(state),
        "day_links": {day: _address(state, view="day", day=day) for day in days},
    }


def _now_left(board: Board, days: list[date]) -> float | None:
    now = timezone.localtime()
    minute = now.hour * 60 + now.minute
    if len(days) > 1 or days[0] != now.date() or not board.first_minute <= minute <= board.last_minute:
        return None
    return float((minute - board.first_minute) / (board.last_minute - board.first_minute) * 100)


@console_page("schedule/", name="jobs_schedule", permission=MAY_SEE)
def schedule(request: HttpRequest) -> HttpResponse:
    """The page; only the board when htmx asks for it anew."""
    state = _state(request, request.GET)
    context = _board_context(request, state)
    if getattr(request, "htmx", False):
        return TemplateResponse(request, "jobs/admin/schedule_board.html", context)
    say_left_out(request)
    context |= {
        **admin.site.each_context(request),
        "title": _("Schedule"),
        "is_fullwidth": "1",
    }
    return TemplateResponse(request, "jobs/admin/schedule.html", context)


class MoveForm(forms.Form):
    """What a drag, or a key, says: which job, to whom, when; and how it stood on the page."""

    job = forms.CharField(max_length=20)
    to = forms.ChoiceField(choices=[("slot", "slot"), ("waiting", "waiting")])
    worker = forms.ModelChoiceField(Worker.objects.none(), required=False)
    start = MomentField(required=False)
    seen = forms.CharField(required=False, max_length=120)

    def __init__(self, *args: Any, user: User | AnonymousUser, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "worker", workers_for(user))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("to") == "slot" and not data.get("start"):
            raise ValidationError(_("Drop it on a day and a time."))
        return data


@console_page("schedule/move/", name="jobs_schedule_move", permission=MAY_SEE)
def move(request: HttpRequest) -> HttpResponse:
    """Moves one job and shows the board anew, with what became of it in words."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    form = MoveForm(request.POST, user=request.user)
    job = Job.objects.visible_to(request.user).filter(number=request.POST.get("job", "")).first()
    if job is None:
        raise Http404
    if not request.user.has_perm("jobs.schedule_job", job):
        raise PermissionDenied
    said, failed = "", ""
    if not form.is_valid():
        failed = " ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
        if form.has_error("start", CODE):
            failed = f"{failed} {_('Open the job and choose there.')}"
    elif form.cleaned_data["seen"] and form.cleaned_data["seen"] != seen_mark(job):
        failed = _("%s was moved by somebody else in the meantime. The board now shows where to.") % job
    else:
        try:
            said = _move(request, job, form.cleaned_data)
        except (Refused, ValidationError) as refusal:
            failed = " ".join(refusal.messages) if isinstance(refusal, ValidationError) else str(refusal)
    state = _state(request, QueryDict(request.POST.get("address", "").partition("?")[2]))
    if not getattr(request, "htmx", False):
        return HttpResponseRedirect(_address(state))
    context = _board_context(request, state) | {"said": said, "failed": failed}
    return TemplateResponse(request, "jobs/admin/schedule_board.html", context)


def _move(request: HttpRequest, job: Job, data: dict[str, Any]) -> str:
    if data["to"] == "waiting":
        return _("%s waits again.") % services.unschedule_job(job, by=request.user)
    worker = data["worker"]
    moved = services.schedule_job(job, by=request.user, start=data["start"], worker=worker)
    if worker is None and moved.worker_id:
        moved = services.assign_worker(moved, by=request.user, worker=None)
    said = _("%(job)s: %(start)s, %(worker)s.") % {
        "job": moved,
        "start": with_window(moved.planned_start, moved.window_end, "D j M, H:i"),
        "worker": worker or _("nobody yet"),
    }
    return " ".join([said, *_warnings(moved, request.user)])


def _warnings(job: Job, user: User | AnonymousUser) -> list[str]:
    """What a dispatcher should know of where she put a job: she may have her reasons. Jobs she may not see are not
    named."""
    warnings = []
    if clashes := Job.objects.clashing_with(job):
        seen = numbers_seen({other.pk for other in clashes}, user)
        warnings.append(_("It clashes with %s.") % numbers_in_words(clashes, seen))
    if is_outside_hours(job):
        hours = job.worker.hours_in_words if job.worker else ""
        warnings.append(_("It is outside the working hours (%s).") % hours)
    return warnings
