"""The jobs of a customer, on the customer's page and in the list of customers."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.admin.counting import related_count
from accounts.models import Customer, User
from console.kit import ConsoleTabularInline, badge
from console.kit.parts import CountColumn, PagePart, add_to_page
from console.reader import Reader
from jobs.choices import JOB_STATUS_COLOURS, JobStatus
from jobs.models import Job


class JobsInline(ConsoleTabularInline):
    """The latest jobs of the customer; to work with them one goes to the job."""

    model = Job
    fields = ("job", "service_name", "state", "planned_start", "address")
    readonly_fields = fields
    ordering = ("-id",)
    per_page = 10
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Job]:
        return super().get_queryset(request).select_related("template")

    def has_add_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Customer | None = None) -> bool:
        return request.user.has_perm("jobs.view_job") or request.user.has_perm("jobs.change_job")

    @display(description=gettext_lazy("number"))
    def job(self, job: Job) -> str:
        return (
            format_html(
                '<a class="pc-link" href="{}">{}</a>', reverse("admin:jobs_job_change", args=[job.pk]), job.number
            )
            if job.pk
            else ""
        )

    @display(description=gettext_lazy("service"))
    def service_name(self, job: Job) -> str:
        return str(job.service)

    @display(description=gettext_lazy("status"))
    def state(self, job: Job) -> str:
        return badge(job.get_status_display(), JOB_STATUS_COLOURS[JobStatus(job.status)]) if job.pk else ""


def _open_jobs(user: User | AnonymousUser) -> Combinable:
    return related_count(Job.objects.visible_to(user).open(), "customer")


def _jobs_that_stay(customer: Customer, reader: Reader) -> str:
    jobs = reader.rows(Job.objects.filter(customer=customer).open()).count()
    return ngettext("%d open job stays as it is.", "%d open jobs stay as they are.", jobs) % jobs


add_to_page(
    Customer,
    PagePart(
        inlines=(JobsInline,),
        columns=(CountColumn("open_job_count", gettext_lazy("open jobs"), _open_jobs, before="standing"),),
        told_when_put_away=_jobs_that_stay,
    ),
)
