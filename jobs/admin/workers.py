"""Workers: who they are, when they work, where they were, and the tokens their telephones use."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Protocol

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin.tokens import LIFETIMES, STATE_COLOURS, STATE_WORDS, shown_once
from accounts.models import ApiToken, Worker
from accounts.services import (
    accounts_for,
    archive_worker,
    delete_worker,
    make_token,
    may_hand_keys,
    restore_worker,
    revoke_token,
    save_worker,
)
from accounts.staff_sessions import person_of
from console.addresses import requested_day, say_left_out
from console.kit import ConsoleModelAdmin, DialogForm, LookupFilter, ReasonDialog, console_action
from console.shapes import Words
from jobs.admin.dialogs import offer
from jobs.admin.pins import pin_of_worker
from jobs.admin.working_hours import HoursField
from jobs.models import Job, Series, WorkerPosition
from jobs.querysets import day_bounds

# A day of one position a minute is drawn thinner than that.
MOST_POSITIONS = 300
JOBS_SHOWN = 12


class StandingFilter(LookupFilter):
    """Those who work here, and those who are archived."""

    title = gettext_lazy("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Worker]) -> list[tuple[str, Words]]:
        return [("active", gettext_lazy("Works here")), ("archived", gettext_lazy("Archived"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet[Worker]) -> models.QuerySet[Worker]:
        match self.value():
            case "active":
                return queryset.filter(is_active=True)
            case "archived":
                return queryset.filter(is_active=False)
        return queryset


class WorkerForm(forms.ModelForm[Worker]):
    """Her facts, and her hours day by day."""

    working_hours = HoursField(
        label=gettext_lazy("Working hours"),
        help_text=gettext_lazy("A day without times is a day off. Without any, nothing counts as outside her hours."),
    )

    class Meta:
        model = Worker
        fields = ("name", "colour", "phone", "email", "working_hours", "external_id", "user")


class WorkerTokenDialog(DialogForm):
    """What uses it, how long."""

    name = forms.CharField(
        label=gettext_lazy("What uses it"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("So that you know later which one to revoke: Theo's telephone."),
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Works for"),
        choices=LIFETIMES,
        initial="365",
        widget=UnfoldAdminSelectWidget,
    )


class WhichTokenDialog(ReasonDialog):
    """Which of a worker's tokens, and why?"""

    field_order = ["token", "reason"]

    token = forms.ModelChoiceField(
        ApiToken.objects.none(), label=gettext_lazy("Token"), empty_label=None, widget=UnfoldAdminSelectWidget
    )

    def about(self, obj: Worker) -> None:
        super().about(obj)
        offer(self, "token", ApiToken.objects.filter(worker=obj).alive())
        self.fields["token"].initial = self.request.GET.get("token")


def _open_work(request: HttpRequest, worker: Worker) -> str:
    jobs = Job.objects.visible_to(request.user).open().filter(worker=worker).count()
    series = Series.objects.visible_to(request.user).running().filter(worker=worker).count()
    return " ".join(
        [
            _("%s gets no new jobs, and the tokens open nothing.") % worker,
            ngettext("%d open job stays hers: give it to somebody.", "%d open jobs stay hers: give them away.", jobs)
            % jobs,
            ngettext(
                "%d series makes no jobs until it has another worker.", "%d series make no jobs until then.", series
            )
            % series,
        ]
    )


class _ListedWorker(Protocol):
    """A worker with what the list asks of each."""

    open_job_count: int
    last_position_at: datetime | None


@admin.register(Worker)
class WorkerAdmin(ConsoleModelAdmin[Worker]):
    """Archived and brought back by buttons; deleted only when nothing hangs on them."""

    change_form_outer_before_template = "jobs/admin/worker_summary.html"
    change_form_outer_after_template = "jobs/admin/worker_aside.html"
    list_display = ("swatch", "phone", "hours", "open_jobs", "seen", "standing")
    list_display_links = ("swatch",)
    list_filter = (StandingFilter,)
    search_fields = ("name_search", "phone_search", "email", "external_id")
    search_help_text = gettext_lazy("Name, mobile, e-mail or external ID")
    sortable_by = ("swatch", "open_jobs")
    form = WorkerForm
    fieldsets = ((None, {"fields": ("name", "colour", "phone", "email", "working_hours", "external_id", "user")}),)
    actions_detail = ("make_token", {"title": gettext_lazy("More"), "items": ("archive", "restore", "revoke_token")})
    empty_state = gettext_lazy("No worker yet. Add the people who drive and do the jobs.")

    class Media:
        js = ("jobs/map.js",)
        css = {"all": ("jobs/map.css",)}

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Worker]:
        jobs = Job.objects.visible_to(request.user).open().filter(worker=OuterRef("pk")).order_by()
        counted = jobs.values("worker").annotate(count=models.Count("pk")).values("count")
        newest = WorkerPosition.objects.filter(worker=OuterRef("pk")).values("at")[:1]
        return (
            super()
            .get_queryset(request)
            .annotate(
                open_job_count=models.functions.Coalesce(Subquery(counted), 0),
                last_position_at=Subquery(newest),
            )
        )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        if request.user.has_perm("jobs.view_workerposition"):
            return self.list_display
        return tuple(name for name in self.list_display if name != "seen")

    # --- columns

    @display(description=gettext_lazy("worker"), ordering="name")
    def swatch(self, worker: Worker) -> SafeString:
        return format_html(
            '<span class="pc-row"><span class="pc-dot" style="background:{}"></span>{}</span>',
            worker.colour,
            worker.name,
        )

    @display(description=gettext_lazy("working hours"))
    def hours(self, worker: Worker) -> str:
        return worker.hours_in_words or "–"

    @display(description=gettext_lazy("open jobs"), ordering="open_job_count")
    def open_jobs(self, worker: _ListedWorker) -> int:
        return worker.open_job_count

    @display(description=gettext_lazy("last seen"))
    def seen(self, worker: _ListedWorker) -> str:
        at = worker.last_position_at
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else "–"

    @display(description=gettext_lazy("state"), label={"active": "success", "archived": "warning"})
    def standing(self, worker: Worker) -> tuple[str, str]:
        return ("active", _("Works here")) if worker.is_active else ("archived", _("Archived"))

    # --- the page

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name == "colour":
            kwargs["widget"] = UnfoldAdminColorInputWidget()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_form(
        self, request: HttpRequest, obj: Worker | None = None, change: bool = False, **kwargs: Any
    ) -> type[WorkerForm]:
        form: type[WorkerForm] = super().get_form(request, obj, change=change, **kwargs)
        account = form.base_fields.get("user")
        if isinstance(account, forms.ModelChoiceField):
            account.queryset = accounts_for(obj, by=request.user)
            account.help_text = _("Only for a worker who also signs in to the console.")
            account.error_messages["invalid_choice"] = _(
                "You can name only a member of staff who may do and see no more than you. Ask an administrator."
            )
        return form

    def save_model(self, request: HttpRequest, obj: Worker, form: WorkerForm, change: bool) -> None:
        save_worker(obj, by=request.user)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        worker = self.record(request, object_id) if object_id else None
        if worker is not None:
            extra_context = {**_beside(request, worker), "title": str(worker), **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_deleted_objects(
        self, objs: Collection[Worker], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # Nothing goes along: the service refuses to delete a worker on whom anything hangs, and says what it is.
        return [str(worker) for worker in objs], {str(self.opts.verbose_name_plural): len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Worker) -> None:
        delete_worker(obj, by=request.user)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:object_id>/positions/", wrap(self.positions), name="accounts_worker_positions"),
            *super().get_urls(),
        ]

    def positions(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Where a worker was on one day, as a trail and as a list, for as long as positions are kept."""
        if not (self.has_view_permission(request) and request.user.has_perm("jobs.view_workerposition")):
            raise PermissionDenied
        worker = self.record(request, object_id)
        if worker is None:
            raise Http404
        day = requested_day(request, request.GET.get("day", ""), timezone.localdate())
        start, end = day_bounds(day)
        found = WorkerPosition.objects.filter(worker=worker, at__gte=start, at__lt=end).order_by("at", "id")
        count = found.count()
        every = max(1, -(-count // MOST_POSITIONS))
        rows = list(found)[::-every][::-1] if every > 1 else list(found)
        here = reverse("admin:accounts_worker_positions", args=[worker.pk])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Where %s was") % worker,
            "opts": self.opts,
            "original": worker,
            "is_fullwidth": "1",
            "day": day,
            "heading": date_format(day, "l, j F Y"),
            "count": count,
            "every": every,
            "rows": [
                {"position": row, "pin": pin_of_worker(worker, row), "is_last": n == len(rows)}
                for n, row in enumerate(rows, start=1)
            ],
            "kept": settings.WORKER_POSITION_DAYS,
            "tiles": settings.MAP_TILES,
            "attribution": settings.MAP_ATTRIBUTION,
            "back": self.change_url(worker),
            "links": {
                "before": f"{here}?day={day - timedelta(days=1)}",
                "today": here,
                "after": f"{here}?day={day + timedelta(days=1)}",
            },
        }
        say_left_out(request)
        return TemplateResponse(request, "jobs/admin/positions.html", context)

    # --- buttons. Who keeps the workers hands them their keys: they open these workers' own jobs, and nothing else.

    def has_hand_keys_permission(self, request: HttpRequest, obj: Worker | None = None) -> bool:
        """Make tokens for workers: who may change them, and do with all jobs what such a token does."""
        return self.has_change_permission(request, obj) and may_hand_keys(person_of(request))

    @console_action(
        permission="hand_keys",
        description=gettext_lazy("New token"),
        text=gettext_lazy(
            "For the app on a worker's telephone: it sees and does this worker's own jobs and reports positions, "
            "nothing else. It is shown once, on the next page; Portico keeps only a fingerprint of it."
        ),
        form_class=WorkerTokenDialog,
        possible=lambda worker: worker is not None and worker.is_active,
        icon="key",
        variant=ActionVariant.PRIMARY,
    )
    def make_token(self, request: HttpRequest, obj: Worker, form: WorkerTokenDialog) -> HttpResponse:
        data = form.cleaned_data
        ends = timezone.now() + timedelta(days=int(data["days"]))
        token, plain = make_token(name=data["name"], by=person_of(request), worker=obj, expires_at=ends)
        return shown_once(self, request, token, plain, done=self.change_url(obj))

    @console_action(
        permission="change",
        description=gettext_lazy("Revoke a token"),
        text=gettext_lazy("What uses it stops working at once: for a telephone that was lost."),
        submit=gettext_lazy("Revoke"),
        form_class=WhichTokenDialog,
        possible=lambda worker: worker is not None and worker.api_tokens.alive().exists(),
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def revoke_token(self, request: HttpRequest, obj: Worker, form: WhichTokenDialog) -> str:
        token, reason = form.cleaned_data["token"], form.cleaned_data["reason"]
        return _("%s is revoked.") % revoke_token(token, by=person_of(request), reason=reason)

    @console_action(
        permission="change",
        description=gettext_lazy("Archive"),
        text=_open_work,
        form_class=ReasonDialog,
        possible=lambda worker: worker.is_active,
        icon="archive",
    )
    def archive(self, request: HttpRequest, obj: Worker, form: ReasonDialog) -> str:
        return _("%s is archived.") % archive_worker(obj, by=request.user, reason=form.cleaned_data["reason"])

    @console_action(
        permission="change",
        description=gettext_lazy("Bring back"),
        text=lambda request, obj: _("%s can be given jobs again; tokens that were not revoked open again.") % obj,
        form_class=ReasonDialog,
        possible=lambda worker: not worker.is_active,
        icon="unarchive",
    )
    def restore(self, request: HttpRequest, obj: Worker, form: ReasonDialog) -> str:
        return _("%s is back.") % restore_worker(obj, by=request.user, reason=form.cleaned_data["reason"])


def _beside(request: HttpRequest, worker: Worker) -> dict[str, object]:
    """The cards of a worker's page, each for who may see what it shows. The same queries however much there is."""
    user, today = request.user, timezone.localdate()
    context: dict[str, object] = {
        "worker": worker,
        "kept": settings.WORKER_POSITION_DAYS,
        "tiles": settings.MAP_TILES,
        "attribution": settings.MAP_ATTRIBUTION,
    }
    if user.has_perm("jobs.view_job"):
        todays = Job.objects.visible_to(user).filter(worker=worker).on(today).select_related("customer", "template")
        context["todays_jobs"] = list(todays.order_by("planned_start", "id")[:JOBS_SHOWN])
        context["schedule_url"] = f"{reverse('admin:jobs_schedule')}?view=week&worker={worker.pk}"
        context["jobs_url"] = f"{reverse('admin:jobs_job_changelist')}?worker__id__exact={worker.pk}&when=open"
    if user.has_perm("jobs.view_workerposition"):
        newest = WorkerPosition.objects.filter(worker=worker).first()
        context["newest"] = newest
        context["worker_pin"] = pin_of_worker(worker, newest) if newest else None
        context["positions_url"] = reverse("admin:accounts_worker_positions", args=[worker.pk])
    context["may_change"] = user.has_perm("accounts.change_worker")
    if context["may_change"] or user.has_perm("accounts.view_apitoken"):
        tokens = worker.api_tokens.select_related("worker", "user")[:JOBS_SHOWN]
        context["tokens"] = [
            {"token": token, "words": STATE_WORDS[token.state], "colour": STATE_COLOURS[token.state]}
            for token in tokens
        ]
    return context
