"""Channels that are held: the notice that says so, and the page with each time that it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from accounts.models import User
from alerts import services
from alerts.choices import CHANNEL_COLOURS
from alerts.models import ChannelHold, Delivery
from console.kit import ChoiceFilter, ConsoleModelAdmin, DialogForm, console_action
from console.shapes import Context, Fieldsets


@dataclass(frozen=True)
class HoldNotice:
    """A channel that is held, as one member of staff is told. ``words``: the carrier's, for administrators alone."""

    hold: ChannelHold
    said: str
    words: str
    to_do: str


def hold_notices(user: User | AnonymousUser) -> list[HoldNotice]:
    """What to tell of the channels that are held, for this member of staff; nothing without the right to see them.

    One query, and another one where there are any: of the messages that wait, those that they may see are counted.
    """
    if not user.has_perm("alerts.view_channelhold"):
        return []
    holds = list(ChannelHold.objects.open().order_by("channel"))
    if not holds:
        return []
    waiting = Delivery.objects.visible_to(user).waiting(timezone.now())
    counts = dict(waiting.order_by().values_list("channel").annotate(Count("pk")))
    return [
        HoldNotice(hold, _said(hold, counts.get(hold.channel, 0)), words_of_carrier(hold, user), what_to_do(hold))
        for hold in holds
    ]


def words_of_carrier(hold: ChannelHold, user: User | AnonymousUser) -> str:
    """The carrier's own words for those who can do something about them: they may name the account."""
    return hold.words if user.has_perm("business.change_portalsettings") else ""


def _said(hold: ChannelHold, waiting: int) -> str:
    first = _("%(channel)s: nothing has gone out since %(since)s. %(why)s") % {
        "channel": hold.get_channel_display(),
        "since": _moment(hold.since),
        "why": hold.reason,
    }
    wait = ngettext("%d message is waiting.", "%d messages are waiting.", waiting) % waiting
    return f"{first} {wait}"


@admin.register(ChannelHold)
class ChannelHoldAdmin(ConsoleModelAdmin[ChannelHold]):
    """Read only: Portico holds a channel, and opens it. The office can have it tried at once."""

    list_display = ("channel_badge", "held_since", "held_until", "tries", "reason")
    list_display_links = ("held_since",)
    list_filter = (("channel", ChoiceFilter),)
    list_before_template = "alerts/admin/holds.html"
    ordering = ("-id",)
    sortable_by = ()
    actions_detail = ("try_now",)
    fields = (
        "channel", "held_since", "held_until", "reason", "carrier_said", "tries", "last_try", "next_try", "asked_by",
        "what_to_do",
    )  # fmt: skip
    readonly_fields = fields
    # Not the carrier's words: they may name the account.
    export_columns = (
        ("channel", gettext_lazy("Channel")),
        ("since", gettext_lazy("Since")),
        ("ended_at", gettext_lazy("Until")),
        ("why", gettext_lazy("Why")),
        ("tries", gettext_lazy("Attempts")),
    )
    empty_state = gettext_lazy(
        "No channel has been held yet. When a server refuses our password or our account, its messages wait instead of "
        "failing, and this page says so."
    )

    class Media:
        css = {"all": ("alerts/console.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ChannelHold | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ChannelHold | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: ChannelHold | None = None) -> bool:
        return self._may(request, "view", obj)

    def changelist_view(self, request: HttpRequest, extra_context: Context | None = None) -> HttpResponse:
        return super().changelist_view(request, {"holds": hold_notices(request.user), **(extra_context or {})})

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Context | None = None) -> HttpResponse:
        # Nobody changes it: its page is its history.
        raise Http404

    def render_change_form(self, request: HttpRequest, context: Context, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().render_change_form(request, context | {"show_history": False}, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ChannelHold | None = None) -> Fieldsets:
        """Only what there is something to say about; the carrier's words for whom they are."""
        empty = set()
        if obj is not None:
            empty |= {"carrier_said"} if not words_of_carrier(obj, request.user) else set()
            empty |= {"asked_by"} if obj.asked_by_id is None else set()
            empty |= set() if obj.is_open else {"next_try", "what_to_do"}
        return [(None, {"fields": [name for name in self.fields if name not in empty]})]

    @display(description=gettext_lazy("Channel"), label=CHANNEL_COLOURS)
    def channel_badge(self, hold: ChannelHold) -> tuple[str, str]:
        return hold.channel, hold.get_channel_display()

    @display(description=gettext_lazy("Since"))
    def held_since(self, hold: ChannelHold) -> str:
        return _moment(hold.since)

    @display(description=gettext_lazy("Until"))
    def held_until(self, hold: ChannelHold) -> str:
        return _moment(hold.ended_at) if hold.ended_at else _("Still held")

    @display(description=gettext_lazy("Why"))
    def reason(self, hold: ChannelHold) -> str:
        return hold.reason

    @display(description=gettext_lazy("The server says"))
    def carrier_said(self, hold: ChannelHold) -> str:
        return hold.words

    @display(description=gettext_lazy("Last attempt"))
    def last_try(self, hold: ChannelHold) -> str:
        return _moment(hold.tried_at) if hold.tried_at else "–"

    @display(description=gettext_lazy("Next attempt"))
    def next_try(self, hold: ChannelHold) -> str:
        return _moment(hold.next_try_at)

    @display(description=gettext_lazy("What to do"))
    def what_to_do(self, hold: ChannelHold) -> str:
        return what_to_do(hold)

    @console_action(
        permission="alerts.try_channelhold",
        description=gettext_lazy("Try now"),
        text=lambda request, hold: _(
            "One waiting message is sent now. If the server takes it, all others follow. If not, they keep waiting."
        ),
        submit=gettext_lazy("Try now"),
        possible=lambda hold: hold.is_open,
        icon="play_arrow",
    )
    def try_now(self, request: HttpRequest, hold: ChannelHold, form: DialogForm) -> str:
        services.try_channel(hold, by=request.user)
        return _("It is being tried. Load this page again in a moment to see what came of it.")


def what_to_do(hold: ChannelHold) -> str:
    """What mends it, in a sentence."""
    return _(
        "Nothing is lost: all messages go out once the server takes one. Correct %(setting)s and restart Portico, or "
        "have the account reopened, then choose “Try now”."
    ) % {"setting": ChannelHold.SETTINGS.get(hold.channel, "–")}


def _moment(moment: datetime) -> str:
    """A moment (aware) in the business's zone."""
    return date_format(localtime(moment), "D j M Y, H:i")
