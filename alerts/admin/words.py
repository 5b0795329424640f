"""The fields an alert's words are written in: with a menu of tokens beside them, and their length counted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.models import Customer, User
from alerts.catalogue import EVENTS
from alerts.models import Alert
from alerts.tokens import token_menu
from console.kit import DialogForm, shown_to
from jobs.models import Job


class MessageWidget(UnfoldAdminTextareaWidget):
    """A text with the menu of tokens at its side; a click puts one where the cursor stands (alerts/words.js)."""

    template_name = "alerts/admin/message_widget.html"

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        return super().get_context(name, value, attrs) | {"menu": token_menu()}


class SmsWidget(UnfoldAdminTextareaWidget):
    """A text whose length in segments is counted as it is written."""

    template_name = "alerts/admin/sms_widget.html"


class AlertForm(forms.ModelForm):
    """An alert, in the order a person thinks of it."""

    class Meta:
        model = Alert
        fields = "__all__"  # noqa: DJ007 - the page's fieldsets say which
        widgets = {
            "subject": UnfoldAdminTextInputWidget(attrs={"data-words": "subject"}),
            "message": MessageWidget(attrs={"data-words": "message", "rows": 14}),
            "sms_text": SmsWidget(attrs={"data-words": "sms", "rows": 4}),
            "emails": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
            "mobiles": UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        }


def default_words() -> dict[str, dict[str, str]]:
    """The words each event starts with, for the page to offer when another event is picked."""
    return {
        kind: {"subject": str(event.subject), "message": str(event.message), "sms": str(event.sms)}
        for kind, event in EVENTS.items()
    }


def recent_jobs(user: User | AnonymousUser, alert: Alert | None = None, limit: int = 25) -> list[Job]:
    """The newest jobs somebody may see, to try an alert on; those it is about, if there are any."""
    jobs = shown_to(Job.objects.all(), user).select_related("customer", "template", "worker").order_by("-id")
    if alert is not None and alert.pk:
        fitting = jobs
        if templates := list(alert.templates.values_list("pk", flat=True)):
            fitting = fitting.filter(template__in=templates)
        if customers := list(alert.customers.values_list("pk", flat=True)):
            fitting = fitting.filter(customer__in=customers)
        if labels := list(alert.labels.values_list("pk", flat=True)):
            fitting = fitting.filter(customer__in=Customer.objects.filter(labels__in=labels))
        if found := list(fitting[:limit]):
            return found
    return list(jobs[:limit])


def job_label(job: Job) -> str:
    """A job in a list of choices. Needs customer and template loaded."""
    return f"{job.number} · {job.service} · {job.customer}"


class TestDialog(DialogForm):
    """On which job is the alert tried?"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        alert = Alert.objects.filter(pk=self.object_id).first()
        self.jobs = {job.number: job for job in recent_jobs(self.request.user, alert)}
        choices = [(number, job_label(job)) for number, job in self.jobs.items()]
        field = forms.ChoiceField(
            label=_("Job"),
            help_text=_("The words are filled in from this job."),
            choices=choices,
            widget=UnfoldAdminSelectWidget,
        )
        self.fields["job"] = field
        field.error_messages["required"] = _("There is no job yet to try it on. Make one first.")

    @property
    def chosen(self) -> Job:
        """The job that was chosen."""
        return self.jobs[self.cleaned_data["job"]]
