"""What the buttons of the job pages ask before they do something."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.models import User, Worker
from audit.wall_clock import NotOneMoment, pinned
from console.effects import Forecast
from console.forecast import EffectForm
from console.kit import DayInput, DialogForm, MomentInput, shown_to
from console.moments import MomentField
from jobs import services
from jobs.admin.plans import assigned_plan, in_sentences, scheduled_plan
from jobs.models import CancellationReason, Job, JobFile
from jobs.services import CheckedFile, check_file
from jobs.services.files import MAX_BYTES
from jobs.windows import end_of_window
from templates_app.choices import FieldKind


def workers_for(user: User | AnonymousUser) -> QuerySet[Worker]:
    """The workers somebody may give a job to."""
    return shown_to(Worker.objects.filter(is_active=True), user)


def offer(form: forms.BaseForm, name: str, rows: QuerySet[Any]) -> None:
    """What a form's field of that name lets one choose from: these records."""
    field: Any = form.fields[name]  # of what kind it is only the form knows
    field.queryset = rows


def name_choices(form: forms.BaseForm, name: str, choices: Sequence[tuple[str, str | Promise]]) -> None:
    """The same for a field that names its choices one by one."""
    field: Any = form.fields[name]
    field.choices = choices


def next_hour() -> datetime:
    """The coming full hour: where a new start begins."""
    return pinned(timezone.localtime().replace(minute=0, second=0, microsecond=0)) + timedelta(hours=1)


class WorkerDialog(DialogForm):
    """Who does it?"""

    worker = forms.ModelChoiceField(
        Worker.objects.none(),
        label=_("Worker"),
        required=False,
        empty_label=_("nobody"),
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "worker", workers_for(self.request.user))

    def about(self, obj: Job) -> None:
        super().about(obj)
        if not isinstance(obj, list):
            self.fields["worker"].initial = obj.worker_id


class ClockInput(forms.TimeInput):
    """A time of day, by the browser's own picker."""

    input_type = "time"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__({"class": DayInput().attrs["class"], **(attrs or {})}, format="%H:%M")


def window_field() -> forms.TimeField:
    """Until when the customer is told that somebody comes."""
    return forms.TimeField(
        label=_("Window until"),
        required=False,
        widget=ClockInput,
        help_text=_("The customer is told a window of time, from the start until then. Empty: the start alone."),
    )


class ScheduleDialog(WorkerDialog):
    """When, who, how long?"""

    field_order = ["start", "window_end", "worker", "duration_minutes"]

    start = MomentField(label=_("Start"), widget=MomentInput)
    window_end = window_field()
    duration_minutes = forms.IntegerField(
        label=_("Planned duration"),
        help_text=_("Minutes."),
        min_value=5,
        max_value=60 * 24 * 14,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def about(self, obj: Job) -> None:
        super().about(obj)
        self.fields["start"].initial = obj.planned_start or obj.requested_start or next_hour()
        if obj.window_end is not None:
            self.fields["window_end"].initial = timezone.localtime(obj.window_end).time()
        self.fields["duration_minutes"].initial = obj.duration_minutes
        if obj.worker_id is None and obj.template is not None:
            self.fields["worker"].initial = obj.template.worker_id

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        # What nobody touched moves with the start.
        data["window"] = services.Window.KEEP
        if "window_end" in self.changed_data and data.get("start"):
            data["window"] = window_given(self, data["start"])
        return data


def window_given(form: forms.BaseForm, start: datetime) -> datetime | None:
    """The end of the window that a form with a ``window_field`` asks for; says on the field what is wrong with it."""
    end = form.cleaned_data.get("window_end")
    if end is None:
        return None
    try:
        return end_of_window(start, end)
    except forms.ValidationError as refusal:
        form.add_error("window_end", refusal)
    except NotOneMoment as problem:
        form.add_error("window_end", problem.sentence)
    return None


class PlanDialog(EffectForm, WorkerDialog):
    """A dialog about ticked jobs that shows, as one chooses, what becomes of each of them."""

    def given(self, name: str) -> Any:
        """What stands in a field now, read; None while it cannot be."""
        form_field = self.fields[name]
        if not self.is_bound:
            return self.get_initial_for_field(form_field, name)
        try:
            return form_field.clean(form_field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name)))
        except forms.ValidationError:
            return None

    def forecast(self) -> Forecast | None:
        plan = self.plan() if isinstance(self.obj, list) else None
        return Forecast(consequences=in_sentences(*plan, self.request.user)) if plan else None

    def plan(self) -> tuple[list[Job], list[Job]] | None:
        """(the jobs as they would stand, those that stay), or None while too little is chosen."""
        raise NotImplementedError


class AssignManyDialog(PlanDialog):
    """Who does them?"""

    def plan(self) -> tuple[list[Job], list[Job]] | None:
        return assigned_plan(self.obj, self.given("worker"))


class ScheduleManyDialog(PlanDialog):
    """When does the first begin, who does them, and do they follow each other?"""

    field_order = ["start", "worker", "in_a_row"]

    start = MomentField(label=_("Start of the first"), widget=MomentInput)
    in_a_row = forms.BooleanField(
        label=_("One after another"),
        help_text=_("Each begins when the one before it should be done. Off: all begin at the same time."),
        initial=True,
        required=False,
        widget=UnfoldBooleanWidget,
    )

    def about(self, obj: Job) -> None:
        super().about(obj)
        self.fields["start"].initial = next_hour()
        workers = self.fields["worker"]
        assert isinstance(workers, forms.ModelChoiceField)
        workers.empty_label = _("leave each its own")

    def plan(self) -> tuple[list[Job], list[Job]] | None:
        start = self.given("start")
        if start is None:
            return None
        return scheduled_plan(self.obj, start, self.given("worker"), in_a_row=bool(self.given("in_a_row")))

    def next_start(self, job: Job) -> datetime:
        """The start of this job, given those asked for before it."""
        start: datetime = getattr(self, "_next", None) or self.cleaned_data["start"]
        self._next = start + timedelta(minutes=job.duration_minutes) if self.cleaned_data["in_a_row"] else start
        return start


class CancelDialog(DialogForm):
    """Why is it called off? A reason of the office's list, words of one's own, or both."""

    listed = forms.ModelChoiceField(
        CancellationReason.objects.filter(is_active=True),
        label=_("Reason"),
        required=False,
        empty_label=_("another one"),
        widget=UnfoldAdminSelectWidget,
    )
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        max_length=150,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The customer may read this."),
    )

    @property
    def reason(self) -> str:
        """Both parts as one sentence."""
        return ": ".join(str(part) for part in (self.cleaned_data["listed"], self.cleaned_data["words"]) if part)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("listed") and not data.get("words"):
            self.add_error("words", _("Say why: choose a reason, or write one."))
        return data


class StepDialog(DialogForm):
    """Which step is done?"""

    step = forms.ChoiceField(label=_("Step"), widget=UnfoldAdminSelectWidget)

    def about(self, obj: Job) -> None:
        super().about(obj)
        open_steps = [(step.key, step.name) for step in obj.steps() if not step.done_at]
        name_choices(self, "step", open_steps)
        self.fields["step"].initial = self.request.GET.get("step")


class FileDialog(DialogForm):
    """Which file, and which field of the template does it answer?"""

    upload = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("A picture (JPEG, PNG, WebP, GIF) or a PDF, at most 10 MB."),
    )
    key = forms.ChoiceField(
        label=_("For the field"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("A file for a field takes the place of the one before."),
    )

    def about(self, obj: Job) -> None:
        super().about(obj)
        file_fields = [
            (one.key, one.label) for one in obj.fields() if one.kind in (FieldKind.FILE, FieldKind.SIGNATURE)
        ]
        if file_fields:
            name_choices(self, "key", [("", _("none of them")), *file_fields])
            self.fields["key"].initial = self.request.GET.get("key")
        else:
            del self.fields["key"]

    def clean_upload(self) -> CheckedFile:
        upload = self.cleaned_data["upload"]
        # One byte more than is allowed is enough to see that it is too many.
        return check_file(upload.name, upload.read(MAX_BYTES + 1))


class RemoveFileDialog(DialogForm):
    """Which file goes?"""

    file = forms.ModelChoiceField(JobFile.objects.none(), label=_("File"), widget=UnfoldAdminSelectWidget)

    def about(self, obj: Job) -> None:
        super().about(obj)
        offer(self, "file", obj.files.all())
        reference = self.request.GET.get("file", "")
        self.fields["file"].initial = obj.files.filter(reference=reference).first() if reference else None


class AnswerDialog(DialogForm):
    """What do you answer?"""

    answer = forms.CharField(
        label=_("Your answer"),
        required=False,
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("The customer reads this."),
    )


class DeclineDialog(AnswerDialog):
    """A refusal needs a reason."""

    answer = forms.CharField(
        label=_("Why not?"),
        max_length=1000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("The customer reads this."),
    )
