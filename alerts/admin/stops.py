"""Who wants no more messages, and how to take it back for somebody who asks."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from alerts import services
from alerts.models import MessageStop
from console.kit import ConsoleModelAdmin, DialogForm, console_action


@admin.register(MessageStop)
class MessageStopAdmin(ConsoleModelAdmin[MessageStop]):
    """Made by the recipients themselves; the office can only lift them."""

    list_display = ("address", "what", "since")
    list_select_related = ("job",)
    search_fields = ("address",)
    search_help_text = gettext_lazy("Address or mobile number")
    ordering = ("-id",)
    sortable_by = ()
    fields = ("address", "what", "since")
    readonly_fields = fields
    actions_detail = ("lift",)
    empty_state = gettext_lazy("Nobody has asked for fewer messages.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: MessageStop | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: MessageStop | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: MessageStop | None = None) -> bool:
        return self._may(request, "view", obj)

    @display(description=gettext_lazy("Wants no more"))
    def what(self, stop: MessageStop) -> str:
        return _("messages about %s") % stop.job.number if stop.job else _("messages at all")

    @display(description=gettext_lazy("Since"))
    def since(self, stop: MessageStop) -> str:
        return date_format(localtime(stop.made_at), "D j M Y, H:i")

    @console_action(
        permission="alerts.delete_messagestop",
        description=gettext_lazy("Lift"),
        text=lambda request, stop: (
            _("Messages go to %s again. Do this only for somebody who asked for it; history keeps your name.")
            % stop.address
        ),
        submit=gettext_lazy("Lift"),
        icon="notifications_active",
    )
    def lift(self, request: HttpRequest, stop: MessageStop, form: DialogForm) -> str:
        address = stop.address
        services.lift_stop(stop, by=request.user)
        return _("Messages go to %s again.") % address
