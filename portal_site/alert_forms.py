"""What a customer fills in to have messages about one job sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alerts.addresses import split_addresses
from alerts.choices import JobAlertWhen
from alerts.job_alerts import MOST, SUBJECT_LIMIT
from portal_site.forms import choice_field


class WantedAlert(TypedDict):
    """What ``alerts.job_alerts.set_job_alert`` takes from the form."""

    when: list[str]
    emails: list[str]
    mobiles: list[str]
    subject: str


class JobAlertForm(forms.Form):
    """When, to whom, under which subject. What is right is decided by ``alerts.job_alerts`` alone."""

    when = forms.MultipleChoiceField(
        label=_("When?"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("Choose at least one.")}
    )
    emails = forms.CharField(
        label=_("E-mail addresses"),
        required=False,
        max_length=254 * MOST,
        help_text=_("One or several, with commas between them."),
        widget=forms.TextInput(attrs={"inputmode": "email", "autocomplete": "email", "autocapitalize": "none"}),
    )
    mobiles = forms.CharField(
        label=_("Mobile numbers"),
        required=False,
        max_length=200,
        help_text=_("For text messages. One or several, with commas between them."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    subject = forms.CharField(
        label=_("Subject of the mails"),
        required=False,
        max_length=SUBJECT_LIMIT,
        help_text=_("So that whoever gets it knows at once what it is about. Empty: the subject of the preview."),
    )

    def __init__(
        self, moments: Sequence[JobAlertWhen], data: QueryDict | None = None, *, texts: bool, initial: dict[str, str]
    ) -> None:
        super().__init__(data, initial=initial)
        when = choice_field(self, "when")
        when.choices = [(one.value, one.label) for one in moments]
        when.initial = [one.value for one in moments]
        if not texts:
            del self.fields["mobiles"]

    @property
    def said(self) -> WantedAlert:
        """What was filled in."""
        cleaned = self.cleaned_data
        return {
            "when": cleaned["when"],
            "emails": split_addresses(cleaned["emails"]),
            "mobiles": split_addresses(cleaned.get("mobiles", "")),
            "subject": cleaned["subject"],
        }

    def add_problems(self, problems: ValidationError) -> None:
        """Puts what the service refused beside the field it is about."""
        for name, errors in problems.error_dict.items():
            sentences = [message for error in errors for message in error.messages]
            self.add_error(name if name in self.fields else None, ValidationError(sentences))
