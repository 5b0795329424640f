"""The fields an alert's words are written in: with a menu of tokens beside them, and their length counted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from alerts.hooks import EVENTS
from alerts.models import Alert
from alerts.sources import source_for
from alerts.tokens import Facts, token_menu
from business.models import PortalSettings
from console.kit import DialogForm


class MessageWidget(UnfoldAdminTextareaWidget):
    """A text with the menu of tokens at its side; a click puts one where the cursor stands (alerts/words.js)."""

    template_name = "alerts/admin/message_widget.html"

    def get_context(self, name: str, value: object, attrs: dict[str, object] | None) -> dict[str, object]:
        return super().get_context(name, value, attrs) | {"menu": token_menu()}


class SmsWidget(UnfoldAdminTextareaWidget):
    """A text whose length in segments is counted as it is written."""

    template_name = "alerts/admin/sms_widget.html"


class AlertForm(forms.ModelForm[Alert]):
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


class TestDialog(DialogForm):
    """On which record is the alert tried?"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.alert = Alert.objects.filter(pk=self.object_id).first()
        self.source = source_for(self.alert.event) if self.alert else None
        samples = self.source.samples(self.request.user, self.alert) if self.source else []
        field = forms.ChoiceField(
            label=_("About"),
            help_text=_("The words are filled in from it."),
            choices=[(sample.key, sample.name) for sample in samples],
            widget=UnfoldAdminSelectWidget,
        )
        self.fields["about"] = field
        field.error_messages["required"] = _("There is nothing yet to try it on.")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        key = cleaned.get("about", "")
        if self.source and self.alert and key:
            settings = PortalSettings.load()
            self.facts = self.source.sample_facts(self.alert.event, key, self.request.user, settings)
            if self.facts is None:
                self.add_error("about", _("There is nothing yet to try it on."))
        return cleaned

    facts: Facts | None = None
