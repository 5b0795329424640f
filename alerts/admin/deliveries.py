"""The message ledger: to whom, why, in what words, when, and what became of it. Nobody writes in it by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy
from unfold.decorators import display
from unfold.paginator import InfinitePaginator

from alerts import services
from alerts.admin.holds import hold_notices
from alerts.admin.uncertain import (
    AgainDialog,
    NotNeededDialog,
    what_arriving_does,
    what_dropping_does,
    what_sending_again_does,
    what_sending_many_again_does,
)
from alerts.choices import CHANNEL_COLOURS, DELIVERY_STATE_COLOURS, Audience, Channel, DeliveryState
from alerts.models import Delivery, stop_url_of
from alerts.wording import ink_on, paragraphs
from business.models import PortalSettings
from console.kit import (
    ChoiceFilter,
    ChoicesFilter,
    ConsoleModelAdmin,
    DayRangeFilter,
    DialogForm,
    ScopedFilter,
    console_action,
    console_bulk_action,
)
from console.shapes import Context, Fieldsets


@admin.register(Delivery)
class DeliveryAdmin(ConsoleModelAdmin[Delivery]):
    """Read only; what can be done is to send a message again, and to say that an uncertain one arrived."""

    list_before_template = "alerts/admin/holds.html"
    change_form_outer_before_template = "alerts/admin/delivery.html"
    list_display = ("when", "state_badge", "channel_badge", "to", "words", "about_what")
    list_display_links = ("when",)
    list_select_related = ("job", "portal_user__user", "alert")
    list_filter = (
        ("state", ChoicesFilter),
        ("channel", ChoiceFilter),
        ("kind", ChoiceFilter),
        ("alert", ScopedFilter),
        ("created_at", DayRangeFilter),
    )
    search_fields = ("recipient", "recipient_name", "about", "subject")
    search_help_text = gettext_lazy("Address, name, job number or subject")
    ordering = ("-id",)
    sortable_by = ()
    paginator = InfinitePaginator
    list_per_page = 50
    list_disable_select_all = True
    actions_detail = ("send_again", "arrived", "not_needed")
    actions = ("send_many_again", "many_arrived", "many_not_needed")
    # Not the words: they are long, and what a file holds leaves.
    export_columns = (
        ("created_at", gettext_lazy("Made")),
        ("kind", gettext_lazy("What happened")),
        ("about", gettext_lazy("About")),
        ("customer__name", gettext_lazy("Customer")),
        ("audience", gettext_lazy("Told as")),
        ("channel", gettext_lazy("Channel")),
        ("recipient", gettext_lazy("Address")),
        ("recipient_name", gettext_lazy("Recipient")),
        ("subject", gettext_lazy("Subject")),
        ("state", gettext_lazy("State")),
        ("why", gettext_lazy("Why")),
        ("tries", gettext_lazy("Attempts")),
        ("sent_at", gettext_lazy("Sent")),
        ("read_at", gettext_lazy("Read")),
        ("alert__name", gettext_lazy("Alert")),
    )
    empty_state = gettext_lazy("No messages. They appear here when something happens that somebody is told of.")
    fieldsets = (
        (gettext_lazy("Why"), {"fields": ("kind", "alert_link", "about_link", "audience", "asked_by", "resend_link")}),
        (
            gettext_lazy("What became of it"),
            {"fields": ("made", "next_attempt", "sent", "settled", "again_link", "tries", "reference", "read")},
        ),
    )

    class Media:
        css = {"all": ("alerts/console.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return self._may(request, "view", obj)

    # --- the list

    @display(description=gettext_lazy("When"), header=True)
    def when(self, delivery: Delivery) -> list[str]:
        moment = localtime(delivery.created_at)
        return [date_format(moment, "D j M, H:i"), str(_("test")) if delivery.is_test else ""]

    @display(description=gettext_lazy("State"), label=DELIVERY_STATE_COLOURS)
    def state_badge(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.state, delivery.get_state_display()

    @display(description=gettext_lazy("By"), label=CHANNEL_COLOURS)
    def channel_badge(self, delivery: Delivery) -> tuple[str, str]:
        return delivery.channel, delivery.get_channel_display()

    @display(description=gettext_lazy("To"), header=True)
    def to(self, delivery: Delivery) -> list[str]:
        if delivery.recipient_name:
            return [delivery.recipient_name, delivery.recipient]
        return [delivery.recipient or "–", delivery.get_audience_display()]

    @display(description=gettext_lazy("Message"), header=True)
    def words(self, delivery: Delivery) -> list[str]:
        first = delivery.heading
        return [first[:80] + ("…" if len(first) > 80 else ""), delivery.reason[:100]]

    @display(description=gettext_lazy("About"))
    def about_what(self, delivery: Delivery) -> str:
        return delivery.about or "–"

    # --- the page

    def get_readonly_fields(self, request: HttpRequest, obj: Delivery | None = None) -> tuple[str, ...]:
        return tuple(str(name) for _heading, options in self.fieldsets for name in options["fields"])

    def get_fieldsets(self, request: HttpRequest, obj: Delivery | None = None) -> Fieldsets:
        """Only what there is something to say about."""
        empty = {name for name in ("asked_by", "reference") if obj and not getattr(obj, name)}
        empty |= {
            name for name in ("next_attempt", "sent", "settled", "read") if obj and not getattr(obj, f"{name}_at")
        }
        if obj and not obj.resend_of_id:
            empty.add("resend_link")
        if obj and obj.state != DeliveryState.SENT_AGAIN:
            empty.add("again_link")
        return [
            (heading, {**options, "fields": [name for name in options["fields"] if name not in empty]})
            for heading, options in self.fieldsets
        ]

    @display(description=gettext_lazy("Alert"))
    def alert_link(self, delivery: Delivery) -> str:
        if delivery.alert:
            return _link(delivery.alert, delivery.alert.name)
        if delivery.audience == Audience.REQUESTED:
            return _("Asked for by a customer on this job")
        if delivery.audience in (Audience.OWNER, Audience.GUEST):
            return _("None: this message always goes out")
        return _("(the alert was deleted)")

    @display(description=gettext_lazy("About"))
    def about_link(self, delivery: Delivery) -> str:
        if record := delivery.job or delivery.portal_user:
            return _link(record, delivery.about)
        # A mail to a member of staff is about nothing that could go.
        return delivery.about if delivery.is_personal else _("%s (deleted)") % delivery.about

    @display(description=gettext_lazy("Sent again from"))
    def resend_link(self, delivery: Delivery) -> str:
        first = delivery.resend_of
        return _link(first, date_format(localtime(first.created_at), "D j M Y, H:i")) if first else "–"

    @display(description=gettext_lazy("Sent again as"))
    def again_link(self, delivery: Delivery) -> str:
        newest = delivery.resends.order_by("-pk").first()
        return _link(newest, _moment(newest.created_at)) if newest else "–"

    @display(description=gettext_lazy("Settled"))
    def settled(self, delivery: Delivery) -> str:
        return _("%(at)s, by %(who)s") % {"at": _moment(delivery.settled_at), "who": delivery.settled_by}

    @display(description=gettext_lazy("Made"))
    def made(self, delivery: Delivery) -> str:
        return _moment(delivery.created_at)

    @display(description=gettext_lazy("Next attempt"))
    def next_attempt(self, delivery: Delivery) -> str:
        return _moment(delivery.next_attempt_at)

    @display(description=gettext_lazy("Sent"))
    def sent(self, delivery: Delivery) -> str:
        return _moment(delivery.sent_at)

    @display(description=gettext_lazy("Read"))
    def read(self, delivery: Delivery) -> str:
        return _moment(delivery.read_at)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        holds = hold_notices(request.user) if self.has_view_permission(request) else []
        return super().changelist_view(request, {"holds": holds, **(extra_context or {})})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        # Nobody changes a message: its page is its history.
        raise Http404

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        delivery: Delivery | None = kwargs.get("obj")
        if delivery is not None:
            portal = PortalSettings.load()
            subject, body = services.words_for(delivery, request.user)
            context |= {
                "show_history": False,
                "delivery": delivery,
                "state_colour": DELIVERY_STATE_COLOURS[DeliveryState(delivery.state)],
                "is_sms": delivery.channel == Channel.SMS,
                "subject": subject,
                "body": body,
                "paragraphs": paragraphs(body),
                # Nobody but the recipient stops their messages.
                "stop_url": stop_url_of("…") if delivery.stop_url else "",
                "portal": portal,
                "ink": ink_on(portal.brand_colour),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- buttons

    @console_action(
        permission="alerts.resend_delivery",
        description=gettext_lazy("Send again"),
        text=lambda request, delivery: what_sending_again_does(delivery),
        form_class=AgainDialog,
        submit=gettext_lazy("Send"),
        possible=lambda delivery: (
            delivery.is_over
            and delivery.state != DeliveryState.SENT_AGAIN
            and bool(delivery.recipient)
            and delivery.channel != Channel.CONSOLE
            and delivery.audience != Audience.GUEST
        ),
        icon="forward_to_inbox",
    )
    def send_again(self, request: HttpRequest, delivery: Delivery, form: AgainDialog) -> HttpResponseRedirect:
        again = services.resend(delivery, by=request.user, seen=form.cleaned_data["seen"])
        said = again.why or _("On its way to %s.") % again.recipient
        self.message_user(request, said)
        return HttpResponseRedirect(self.change_url(again))

    @console_action(
        permission="alerts.settle_delivery",
        description=gettext_lazy("It arrived"),
        text=lambda request, delivery: (
            _("The message to %s counts as delivered, and nothing is sent. Your name and the time are kept with it.")
            % delivery.recipient
        ),
        submit=gettext_lazy("It arrived"),
        possible=lambda delivery: delivery.state == DeliveryState.UNCERTAIN,
        icon="mark_email_read",
    )
    def arrived(self, request: HttpRequest, delivery: Delivery, form: DialogForm) -> str:
        services.say_arrived(delivery, by=request.user)
        return _("The message counts as delivered.")

    @console_action(
        permission="alerts.settle_delivery",
        description=gettext_lazy("Not needed any more"),
        text=lambda request, delivery: (
            _("The message to %s is settled, and nothing is sent. Your name, the time and the reason are kept with it.")
            % delivery.recipient
        ),
        form_class=NotNeededDialog,
        submit=gettext_lazy("Not needed"),
        possible=lambda delivery: delivery.state == DeliveryState.UNCERTAIN,
        icon="unsubscribe",
    )
    def not_needed(self, request: HttpRequest, delivery: Delivery, form: NotNeededDialog) -> str:
        services.say_not_needed(delivery, by=request.user, reason=form.cleaned_data["reason"])
        return _("The message is settled. Nothing is sent.")

    @console_bulk_action(
        permission="alerts.resend_delivery",
        description=gettext_lazy("Send the selected uncertain messages again"),
        text=lambda request, deliveries: what_sending_many_again_does(request, deliveries),
        done=ngettext_lazy("%d message is sent again.", "%d messages are sent again."),
        submit=gettext_lazy("Send again"),
    )
    def send_many_again(self, request: HttpRequest, delivery: Delivery, form: DialogForm) -> None:
        services.resend_uncertain(delivery, by=request.user)

    @console_bulk_action(
        permission="alerts.settle_delivery",
        description=gettext_lazy("The selected uncertain messages arrived"),
        text=lambda request, deliveries: what_arriving_does(request, deliveries),
        done=ngettext_lazy("%d message counts as delivered.", "%d messages count as delivered."),
        submit=gettext_lazy("They arrived"),
    )
    def many_arrived(self, request: HttpRequest, delivery: Delivery, form: DialogForm) -> None:
        services.say_arrived(delivery, by=request.user)

    @console_bulk_action(
        permission="alerts.settle_delivery",
        description=gettext_lazy("The selected uncertain messages are not needed any more"),
        text=lambda request, deliveries: what_dropping_does(request, deliveries),
        form_class=NotNeededDialog,
        done=ngettext_lazy("%d message is settled.", "%d messages are settled."),
        submit=gettext_lazy("Not needed"),
    )
    def many_not_needed(self, request: HttpRequest, delivery: Delivery, form: NotNeededDialog) -> None:
        services.say_not_needed(delivery, by=request.user, reason=form.cleaned_data["reason"])


def _moment(moment: datetime | None) -> str:
    """A moment (aware) in the business's zone, to the second: what came first matters here."""
    return date_format(localtime(moment), "D j M Y, H:i:s") if moment else "–"


def _link(record: models.Model, words: str) -> str:
    """A record's page in the console, by its name; only the name where there is no page."""
    try:
        url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return words
    return format_html('<a href="{}" class="al-link">{}</a>', url, words)
