"""The buttons of a job's page and the actions on ticked jobs: each asks, calls one service, says what was done."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy, pgettext_lazy
from unfold.enums import ActionVariant

from accounts.models import User
from console.kit import DialogForm, ReasonDialog, console_action, console_bulk_action
from jobs import services
from jobs.admin.dialogs import (
    AssignManyDialog,
    CancelDialog,
    FileDialog,
    RemoveFileDialog,
    ScheduleDialog,
    ScheduleManyDialog,
    StepDialog,
    WorkerDialog,
)
from jobs.admin.plans import numbers_in_words, numbers_seen
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.transitions import is_possible
from jobs.windows import with_window


def can(step: str) -> Callable[[Job], bool]:
    """Is that step of the table open to a job?"""
    return lambda job: is_possible(step, job.status)


def about(request: HttpRequest, job: Job) -> str:
    """Which job a question is about."""
    parts = [job.number, f"{job.service} – {job.customer}"]
    if job.planned_start:
        parts.append(with_window(job.planned_start, job.window_end, "D j M Y, H:i"))
    return ", ".join(parts)


def _with_clashes(job: Job, user: User | AnonymousUser) -> str:
    others = Job.objects.clashing_with(job)
    if not others:
        return ""
    numbers = numbers_in_words(others, numbers_seen({other.pk for other in others}, user))
    return ngettext(
        "Mind: %(who)s has another job at that time (%(jobs)s).",
        "Mind: %(who)s has %(count)d other jobs at that time (%(jobs)s).",
        len(others),
    ) % {"who": job.worker, "count": len(others), "jobs": numbers}


class JobButtons:
    """What is done to one job."""

    @console_action(
        permission="jobs.schedule_job",
        description=pgettext_lazy("a job", "Schedule"),
        text=about,
        form_class=ScheduleDialog,
        possible=can("schedule"),
        icon="event",
        variant=ActionVariant.PRIMARY,
    )
    def schedule(self, request: HttpRequest, job: Job, form: ScheduleDialog) -> str:
        data = form.cleaned_data
        job = services.schedule_job(
            job,
            by=request.user,
            start=data["start"],
            worker=data["worker"],
            duration_minutes=data["duration_minutes"],
            window_end=data["window"],
        )
        start = with_window(job.planned_start, job.window_end, "D j M Y, H:i")
        if job.worker is None:
            return _("%(job)s is scheduled for %(start)s. It has no worker yet.") % {"job": job, "start": start}
        said = _("%(job)s is scheduled for %(start)s with %(worker)s.") % {
            "job": job,
            "start": start,
            "worker": job.worker,
        }
        return f"{said} {_with_clashes(job, request.user)}".strip()

    @console_action(
        permission="jobs.schedule_job",
        description=gettext_lazy("Give to a worker"),
        text=about,
        form_class=WorkerDialog,
        possible=lambda job: job.is_open,
        icon="engineering",
    )
    def assign(self, request: HttpRequest, job: Job, form: WorkerDialog) -> str:
        job = services.assign_worker(job, by=request.user, worker=form.cleaned_data["worker"])
        if job.worker is None:
            return _("%s has no worker now.") % job
        said = _("%(job)s is given to %(worker)s.") % {"job": job, "worker": job.worker}
        return f"{said} {_with_clashes(job, request.user)}".strip()

    @console_action(
        permission="jobs.complete_job",
        description=pgettext_lazy("a job", "Start"),
        text=about,
        possible=can("start"),
        icon="play_arrow",
    )
    def start_now(self, request: HttpRequest, job: Job, form: DialogForm) -> str:
        return _("%s is started.") % services.start_job(job, by=request.user)

    @console_action(
        permission="jobs.complete_job",
        description=gettext_lazy("Pause"),
        text=about,
        possible=can("pause"),
        icon="pause",
    )
    def pause(self, request: HttpRequest, job: Job, form: DialogForm) -> str:
        return _("%s is paused.") % services.pause_job(job, by=request.user)

    @console_action(
        permission="jobs.complete_job",
        description=gettext_lazy("Resume"),
        text=about,
        possible=can("resume"),
        icon="play_arrow",
    )
    def resume(self, request: HttpRequest, job: Job, form: DialogForm) -> str:
        return _("%s goes on.") % services.resume_job(job, by=request.user)

    @staticmethod
    def what_completing_does(request: HttpRequest, job: Job) -> str:
        """How many steps count as done, how many links die."""
        left = sum(1 for step in job.steps() if not step.done_at)
        alive = job.portal_links.alive().count()
        said = [f"{about(request, job)}."]
        if left:
            said.append(ngettext("%d open step counts as done now.", "%d open steps count as done now.", left) % left)
        if alive:
            said.append(ngettext("%d portal link dies.", "%d portal links die.", alive) % alive)
        return " ".join(said)

    @console_action(
        permission="jobs.complete_job",
        description=gettext_lazy("Complete"),
        text=lambda request, job: JobButtons.what_completing_does(request, job),
        possible=can("complete"),
        icon="check",
    )
    def complete(self, request: HttpRequest, job: Job, form: DialogForm) -> str:
        return _("%s is completed.") % services.complete_job(job, by=request.user)

    @console_action(
        permission="jobs.complete_job",
        description=gettext_lazy("Complete a step"),
        text=about,
        form_class=StepDialog,
        possible=lambda job: job.is_open and bool(job.blueprint_id),
        icon="checklist",
    )
    def complete_step(self, request: HttpRequest, job: Job, form: StepDialog) -> str:
        job = services.complete_step(job, form.cleaned_data["step"], by=request.user)
        if job.status == JobStatus.COMPLETED:
            return _("That was the last step: %s is completed.") % job
        return _("Step done.")

    @console_action(
        permission="change",
        description=gettext_lazy("Add a file"),
        text=about,
        form_class=FileDialog,
        icon="attach_file",
    )
    def add_file(self, request: HttpRequest, job: Job, form: FileDialog) -> str:
        data = form.cleaned_data
        file = services.attach_file(job, data["upload"], by=request.user, key=data.get("key", ""))
        return _("“%s” is attached.") % file

    @console_action(
        permission="change",
        description=gettext_lazy("Remove a file"),
        text=gettext_lazy("The file is gone for good. Its name stays in the history."),
        form_class=RemoveFileDialog,
        icon="delete",
    )
    def remove_file(self, request: HttpRequest, job: Job, form: RemoveFileDialog) -> str:
        file = form.cleaned_data["file"]
        services.remove_file(file, by=request.user)
        return _("“%s” is removed.") % str(file)

    @console_action(
        permission="jobs.schedule_job",
        description=gettext_lazy("Postpone"),
        text=lambda request, job: _("%s. It loses its planned start and waits for a new one.") % about(request, job),
        form_class=ReasonDialog,
        possible=can("postpone"),
        icon="update",
    )
    def postpone(self, request: HttpRequest, job: Job, form: ReasonDialog) -> str:
        job = services.postpone_job(job, by=request.user, reason=form.cleaned_data["reason"])
        return _("%s is postponed.") % job

    @console_action(
        permission="jobs.schedule_job",
        description=gettext_lazy("Take off the schedule"),
        text=lambda request, job: _("%s. It loses its start; the worker stays suggested.") % about(request, job),
        possible=can("unschedule"),
        icon="event_busy",
    )
    def unschedule(self, request: HttpRequest, job: Job, form: DialogForm) -> str:
        return _("%s is off the schedule.") % services.unschedule_job(job, by=request.user)

    @staticmethod
    def what_cancelling_does(request: HttpRequest, job: Job) -> str:
        """Which job, how many links die, and that it can be undone."""
        alive = job.portal_links.alive().count()
        said = [f"{about(request, job)}."]
        if alive:
            said.append(ngettext("%d portal link dies.", "%d portal links die.", alive) % alive)
        said.append(_("The job is kept, and you can undo this."))
        return " ".join(said)

    @console_action(
        permission="jobs.cancel_job",
        description=gettext_lazy("Cancel the job"),
        text=lambda request, job: JobButtons.what_cancelling_does(request, job),
        form_class=CancelDialog,
        possible=can("cancel"),
        icon="cancel",
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, job: Job, form: CancelDialog) -> str:
        return _("%s is cancelled.") % services.cancel_job(job, by=request.user, reason=form.reason)

    @console_action(
        permission="jobs.cancel_job",
        description=gettext_lazy("Undo cancellation"),
        text=lambda request, job: _("%s. Its portal links open again unless they were revoked.") % about(request, job),
        possible=can("undo_cancel"),
        icon="undo",
    )
    def undo_cancellation(self, request: HttpRequest, job: Job, form: DialogForm) -> str:
        job = services.undo_cancel_job(job, by=request.user)
        return _("%(job)s is back: %(status)s.") % {"job": job, "status": job.get_status_display().lower()}


class ManyJobs:
    """What is done to the ticked jobs of the list."""

    @staticmethod
    def what_scheduling_many_does(request: HttpRequest, jobs: list[Job]) -> str:
        """How many get a time, how many move, how many cannot."""
        moved = sum(1 for job in jobs if job.status == JobStatus.SCHEDULED)
        closed = sum(1 for job in jobs if not is_possible("schedule", job.status))
        fresh = len(jobs) - moved - closed
        said = [ngettext("%d job gets a start.", "%d jobs get a start.", fresh) % fresh]
        if moved:
            said.append(ngettext("%d is moved.", "%d are moved.", moved) % moved)
        if closed:
            said.append(ngettext("%d is past that and stays.", "%d are past that and stay.", closed) % closed)
        return " ".join(said)

    @console_bulk_action(
        permission="jobs.schedule_job",
        description=gettext_lazy("Schedule the ticked jobs"),
        text=lambda request, jobs: ManyJobs.what_scheduling_many_does(request, jobs),
        form_class=ScheduleManyDialog,
        done=ngettext_lazy("%d job is scheduled.", "%d jobs are scheduled."),
        submit=pgettext_lazy("a job", "Schedule"),
    )
    def schedule_many(self, request: HttpRequest, job: Job, form: ScheduleManyDialog) -> None:
        if is_possible("schedule", job.status):
            start = form.next_start(job)
        else:
            start = form.cleaned_data["start"]
        services.schedule_job(job, by=request.user, start=start, worker=form.cleaned_data["worker"])

    @staticmethod
    def what_assigning_many_does(request: HttpRequest, jobs: list[Job]) -> str:
        """How many get a worker, how many change hands, how many are over."""
        over = sum(1 for job in jobs if not job.is_open)
        taken = sum(1 for job in jobs if job.is_open and job.worker_id)
        free = len(jobs) - over - taken
        said = [ngettext("%d job gets a worker.", "%d jobs get a worker.", free) % free]
        if taken:
            said.append(ngettext("%d changes hands.", "%d change hands.", taken) % taken)
        if over:
            said.append(ngettext("%d is over and stays as it is.", "%d are over and stay as they are.", over) % over)
        return " ".join(said)

    @console_bulk_action(
        permission="jobs.schedule_job",
        description=gettext_lazy("Give the ticked jobs to a worker"),
        text=lambda request, jobs: ManyJobs.what_assigning_many_does(request, jobs),
        form_class=AssignManyDialog,
        done=ngettext_lazy("%d job is assigned.", "%d jobs are assigned."),
        submit=gettext_lazy("Assign"),
    )
    def assign_many(self, request: HttpRequest, job: Job, form: WorkerDialog) -> None:
        services.assign_worker(job, by=request.user, worker=form.cleaned_data["worker"])
