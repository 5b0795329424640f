"""What is asked before messages are sent again, or said to have arrived: in numbers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alerts import services
from alerts.choices import DeliveryState
from alerts.models import Delivery
from console.kit import DialogForm, ReasonDialog


class AgainDialog(DialogForm):
    """Once more? It remembers what had been sent again when it was asked: of two who press at once, one is late."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def about(self, obj: Any) -> None:
        super().about(obj)
        self.fields["seen"].initial = services.newest_resend(obj)


class NotNeededDialog(ReasonDialog):
    """Why not? It begins with what keeps the message from being sent again; of several each has its own."""

    def about(self, obj: Any) -> None:
        super().about(obj)
        if isinstance(obj, Delivery):
            reason = self.fields["reason"]
            reason.required, reason.help_text = True, _("Kept with the message.")
            reason.initial = services.why_not_again(obj)
        else:
            self.fields["reason"].help_text = _("Leave empty where Portico would not send them: it keeps why.")


def what_sending_again_does(delivery: Delivery) -> str:
    """What the button does, in a sentence."""
    said = _("One message with the same words goes to %(address)s. It gets a line of its own among the messages.") % {
        "address": delivery.recipient
    }
    if delivery.state != DeliveryState.UNCERTAIN:
        return said
    return f"{said} {_('This one may have arrived already: then they get it twice.')}"


def what_sending_many_again_does(request: HttpRequest, deliveries: list[Delivery]) -> str:
    """The same of those selected, with how many are left as they are."""
    uncertain = _uncertain(deliveries)
    does = ngettext(
        "%d message is sent again, as a message of its own. It may have arrived already: then they get it twice.",
        "%d messages are sent again, each as a message of its own. They may have arrived already: then people get them "
        "twice.",
        uncertain,
    )
    rules = _("What must not go out any more is not sent, and stays uncertain.")
    return " ".join([does % uncertain, rules, *_left_alone(request, deliveries)])


def what_arriving_does(request: HttpRequest, deliveries: list[Delivery]) -> str:
    """The same where they are said to have arrived."""
    uncertain = _uncertain(deliveries)
    does = ngettext(
        "%d message counts as delivered, and nothing is sent. Your name and the time are kept with it.",
        "%d messages count as delivered, and nothing is sent. Your name and the time are kept with each.",
        uncertain,
    )
    return " ".join([does % uncertain, *_left_alone(request, deliveries)])


def what_dropping_does(request: HttpRequest, deliveries: list[Delivery]) -> str:
    """The same where they are said not to be needed any more."""
    uncertain = _uncertain(deliveries)
    does = ngettext(
        "%d message is settled, and nothing is sent. Your name, the time and the reason are kept with it.",
        "%d messages are settled, and nothing is sent. Your name, the time and the reason are kept with each.",
        uncertain,
    )
    return " ".join([does % uncertain, *_left_alone(request, deliveries)])


def _uncertain(deliveries: list[Delivery]) -> int:
    return sum(delivery.state == DeliveryState.UNCERTAIN for delivery in deliveries)


def _left_alone(request: HttpRequest, deliveries: list[Delivery]) -> list[str]:
    """How many of those selected are not touched, and why."""
    said = []
    if settled := len(deliveries) - _uncertain(deliveries):
        left = ngettext(
            "%d is not uncertain, or not any more, and is left as it is.",
            "%d are not uncertain, or not any more, and are left as they are.",
            settled,
        )
        said.append(left % settled)
    if beyond := len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - len(deliveries):
        left = ngettext(
            "%d concerns records that were not granted to you, and is left as it is.",
            "%d concern records that were not granted to you, and are left as they are.",
            beyond,
        )
        said.append(left % beyond)
    return said
