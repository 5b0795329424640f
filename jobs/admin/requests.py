"""The queue of change requests, and the reasons for which the office cancels."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.enums import ActionVariant

from console.kit import ChoiceFilter, ConsoleModelAdmin, console_action
from console.shapes import Fieldsets
from jobs import services
from jobs.admin.dialogs import AnswerDialog, DeclineDialog
from jobs.models import CancellationReason, ChangeRequest
from jobs.search_text import holding

State = ChangeRequest.State
STATE_COLOURS = {State.WAITING: "warning", State.ACCEPTED: "success", State.DECLINED: "danger"}


def _waits(change_request: ChangeRequest) -> bool:
    return change_request.state == State.WAITING


def _asks(request: HttpRequest, change_request: ChangeRequest) -> str:
    job = change_request.job
    return _("%(job)s, %(service)s for %(customer)s. The customer writes: “%(reason)s”") % {
        "job": job.number,
        "service": job.service,
        "customer": job.customer,
        "reason": Truncator(change_request.reason).chars(300),
    }


def _what_accepting_does(change_request: ChangeRequest) -> str:
    if change_request.kind == ChangeRequest.Kind.CANCEL:
        return _("Accepting cancels the job. Declining needs a word why.")
    return _("Change the job yourself first: accepting tells the customer that you did. Declining needs a word why.")


def _accepting(request: HttpRequest, change_request: ChangeRequest) -> str:
    return f"{_asks(request, change_request)} {_what_accepting_does(change_request)}"


@admin.register(ChangeRequest)
class ChangeRequestAdmin(ConsoleModelAdmin[ChangeRequest]):
    """What customers ask for and may no longer do themselves. Those that wait stand first."""

    list_display = ("job_number", "customer", "kind", "state_label", "why", "start", "requested", "answered")
    list_display_links = ("job_number",)
    list_filter = (("state", ChoiceFilter), ("kind", ChoiceFilter))
    search_fields = ("job__number",)
    search_help_text = gettext_lazy("Job number, customer or address")
    sortable_by = ()
    export_columns = (
        ("job__number", gettext_lazy("Job")),
        ("job__customer__name", gettext_lazy("Customer")),
        ("kind", gettext_lazy("Kind")),
        ("state", gettext_lazy("State")),
        ("reason", gettext_lazy("Reason")),
        ("asked_by", gettext_lazy("Asked by")),
        ("asked_at", gettext_lazy("Asked")),
        ("answer", gettext_lazy("Answer")),
        ("answered_by", gettext_lazy("Answered by")),
        ("answered_at", gettext_lazy("Answered")),
    )
    empty_state = gettext_lazy("No change requests. Customers ask when the cut-off has passed or a job has started.")
    actions_detail = ("accept", "decline")
    change_form_outer_before_template = "jobs/admin/request_card.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[ChangeRequest]:
        waiting_first = Case(When(state=State.WAITING, then=Value(0)), default=Value(1), output_field=IntegerField())
        rows = super().get_queryset(request)
        related = ("job__customer", "job__template", "job__worker", "asked_by", "answered_by")
        return rows.select_related(*related).order_by(waiting_first, "-id")

    def get_ordering(self, request: HttpRequest) -> tuple[Case, str]:
        return (Case(When(state=State.WAITING, then=Value(0)), default=Value(1), output_field=IntegerField()), "-id")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ChangeRequest], search_term: str
    ) -> tuple[QuerySet[ChangeRequest], bool]:
        return queryset.filter(holding(search_term, "job__search_text")), False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        change_request = self.record(request, object_id) if object_id else None
        context: dict[str, object] = {
            "change_request": change_request,
            "asks": _what_accepting_does(change_request) if change_request and _waits(change_request) else "",
        }
        context |= {"show_save": False, "show_save_and_continue": False, "title": str(change_request or "")}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))

    def get_fieldsets(self, request: HttpRequest, obj: ChangeRequest | None = None) -> Fieldsets:
        # There is nothing to type: the page tells, and the buttons answer.
        return []

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ChangeRequest | None = None) -> bool:
        return False

    @display(description=gettext_lazy("Job"), header=True)
    def job_number(self, change_request: ChangeRequest) -> list[str]:
        return [change_request.job.number, change_request.job.service]

    @display(description=gettext_lazy("Customer"))
    def customer(self, change_request: ChangeRequest) -> str:
        return str(change_request.job.customer)

    @display(description=gettext_lazy("State"), label=STATE_COLOURS)
    def state_label(self, change_request: ChangeRequest) -> tuple[str, str]:
        return change_request.state, change_request.get_state_display()

    @display(description=gettext_lazy("Reason"))
    def why(self, change_request: ChangeRequest) -> str:
        return Truncator(change_request.reason).chars(80)

    @display(description=gettext_lazy("Planned start"))
    def start(self, change_request: ChangeRequest) -> str:
        start = change_request.job.planned_start
        return date_format(localtime(start), "D j M, H:i") if start else "–"

    @display(description=gettext_lazy("Asked"), header=True)
    def requested(self, change_request: ChangeRequest) -> list[str]:
        return [
            date_format(localtime(change_request.asked_at), "j M, H:i"),
            str(change_request.asked_by or _("a guest")),
        ]

    @display(description=gettext_lazy("Answered"), header=True)
    def answered(self, change_request: ChangeRequest) -> list[str]:
        if change_request.answered_at is None:
            return ["–", ""]
        return [date_format(localtime(change_request.answered_at), "j M, H:i"), str(change_request.answered_by or "")]

    def _answer(self, request: HttpRequest, change_request: ChangeRequest, form: AnswerDialog, *, accept: bool) -> str:
        answer = form.cleaned_data["answer"]
        services.answer_change_request(change_request, by=request.user, accept=accept, answer=answer)
        return _("Accepted.") if accept else _("Declined.")

    @console_action(
        permission="change",
        description=gettext_lazy("Accept"),
        text=_accepting,
        form_class=AnswerDialog,
        possible=_waits,
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def accept(self, request: HttpRequest, change_request: ChangeRequest, form: AnswerDialog) -> str:
        return self._answer(request, change_request, form, accept=True)

    @console_action(
        permission="change",
        description=gettext_lazy("Decline"),
        text=_asks,
        form_class=DeclineDialog,
        possible=_waits,
        icon="close",
    )
    def decline(self, request: HttpRequest, change_request: ChangeRequest, form: DeclineDialog) -> str:
        return self._answer(request, change_request, form, accept=False)


@admin.register(CancellationReason)
class CancellationReasonAdmin(ConsoleModelAdmin[CancellationReason]):
    """The list from which a reason is chosen when a job is cancelled."""

    list_display = ("text", "is_active")
    list_filter = ()
    sortable_by = ()
    ordering_field = "position"
    hide_ordering_field = True
    fields = ("text", "is_active")
    empty_state = gettext_lazy("No reasons yet. Without any, each cancellation is explained in words.")
