"""What jobs and series ask for before they are taken back, and what follows (``audit.take_back``)."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _t

from accounts.models import Customer, User, Worker
from audit.act import current_act
from audit.restore import Plan, RestoreStep
from business.models import PortalSettings
from jobs.choices import OPEN, JobStatus
from jobs.hooks import WHY_NOT_TAKEN_BACK
from jobs.models import Job, Occurrence, Series
from jobs.services.billed import why_as_billed
from jobs.services.recording import search_text_of
from jobs.services.returning import replace_lost_links
from jobs.services.sanity import require_sane_jobs
from jobs.services.series import unskip_date

# {right: fields and states of a job that are changed by hand only with it}.
_RIGHTS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "jobs.schedule_job": (
        frozenset({"planned_start", "window_end", "worker_id"}),
        frozenset({JobStatus.UNASSIGNED, JobStatus.SCHEDULED, JobStatus.POSTPONED}),
    ),
    "jobs.complete_job": (
        frozenset({"started_at", "completed_at", "steps_done"}),
        frozenset({JobStatus.STARTED, JobStatus.PAUSED, JobStatus.COMPLETED}),
    ),
    "jobs.cancel_job": (frozenset({"cancelled_at", "cancellation_reason"}), frozenset({JobStatus.CANCELLED})),
}


def find_by_old_values(job: Job, step: RestoreStep) -> None:
    """A job is found by what it says."""
    require_sane_jobs([job])
    job.search_text = search_text_of(job)


def give_a_link(job: Job, step: RestoreStep) -> None:
    """A job that came back gets a portal link: those it had are gone for good."""
    if step.action == "recreate":
        replace_lost_links(job, by=current_act().by)


def remove_occurrence(occurrence: Occurrence, *, by: User | AnonymousUser | None) -> None:
    if occurrence.is_skipped:
        unskip_date(occurrence.series, occurrence.on, by=by)
    else:
        occurrence.delete()


def settle_anew(series: Series, step: RestoreStep) -> None:
    """A series that comes back, or is set going again, makes up for no date that has passed: as resumed by hand."""
    yesterday = timezone.localdate() - timedelta(days=1)
    if step.action == "recreate":
        series.settled_until = yesterday
    elif _is_set_going(series, Series.objects.get(pk=series.pk)):
        series.settled_until = max(series.settled_until, yesterday)


def _is_set_going(series: Series, before: Series) -> bool:
    resumed = before.paused_at is not None and series.paused_at is None
    return resumed or (before.state != "running" and series.state == "running")


def why_not_now(step: RestoreStep, plan: Plan) -> str:
    """No open job is given to somebody who no longer works here, and what an invoice was made of stays."""
    said = _why_billed(step, plan) or _why_no_worker(step)
    return said or next(filter(None, (rule(step, plan) for rule in WHY_NOT_TAKEN_BACK.values())), "")


# What of a job an invoice was made of, as history names it.
_BILLED = frozenset({"price_lines", "amount", "prices_include_tax", "status"})


def _why_billed(step: RestoreStep, plan: Plan) -> str:
    job = step.record
    if step.action != "revert" or not isinstance(job, Job) or not job.is_billed:
        return ""
    # With a customer that comes back from a merge, its invoices go as well.
    former = step.values.get("customer_id")
    goes_alone = former is not None and not plan.does("recreate", (Customer, former))
    return why_as_billed(job) if goes_alone or _BILLED & set(step.values) else ""


def _why_no_worker(step: RestoreStep) -> str:
    if step.action == "remove" or step.values.get("worker_id") is None:
        return ""
    status = step.values.get("status", getattr(step.record, "status", ""))
    gone = Worker.objects.filter(pk=step.values["worker_id"], is_active=False).first()
    if gone is None or status not in OPEN:
        return ""
    return _t("%s no longer works here. Choose somebody else.") % gone


def why_not_this_job(step: RestoreStep, by: User | AnonymousUser) -> str:
    """The rights that a change by hand needs besides that to change jobs."""
    if step.action == "recreate":
        free_hand = by.is_superuser or not PortalSettings.load().mandatory_templates
        if step.values["template_id"] is None and not free_hand:
            return _t("Only an administrator creates jobs without a template.")
    if step.action != "revert":
        return ""
    states = {step.values["status"], getattr(step.record, "status", "")} if "status" in step.values else set()
    for code, (fields, own_states) in _RIGHTS.items():
        if (fields & set(step.values) or own_states & states) and not by.has_perm(code):
            return _t("You may not change this job's state or schedule yourself. Ask somebody who may.")
    return ""
