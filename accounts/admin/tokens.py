"""API tokens: made and shown once, watched, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.paginator import InfinitePaginator
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from accounts import services
from accounts.models import ApiToken, User, Worker
from accounts.models.tokens import ApiTokenQuerySet
from accounts.staff_sessions import person_of
from api.sections import scopes
from audit import changelog
from audit.headers import header
from console.kit import ConsoleModelAdmin, DialogForm, LookupFilter, ReasonDialog, console_action, note_made
from console.shapes import AnyPage, AnyRows, Fieldsets, Words

STATE_COLOURS = {"alive": "success", "revoked": "danger", "expired": "warning", "off": "warning"}
STATE_WORDS = {
    "alive": gettext_lazy("Opens"),
    "revoked": gettext_lazy("Revoked"),
    "expired": gettext_lazy("Expired"),
    "off": gettext_lazy("Its person is switched off"),
}
# Before a token ends by itself, somebody should know.
SOON = timedelta(days=14)
LIFETIMES = [
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("a year")),
    ("730", gettext_lazy("two years")),
]


class NewTokenDialog(DialogForm):
    """What uses it, whom it acts as, what it may, how long."""

    name = forms.CharField(
        label=gettext_lazy("What uses it"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("So that you know later which one to revoke: Accounting, the drivers' app."),
    )
    user = forms.ModelChoiceField(
        User.objects.none(),
        label=gettext_lazy("Acts as a member of staff"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("It may do what this person may, within the ticks below."),
    )
    worker = forms.ModelChoiceField(
        Worker.objects.none(),
        label=gettext_lazy("Or acts as a worker"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Sees and does this worker's own jobs, and reports positions. No ticks needed."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May be used to"),
        choices=lambda: list(scopes().items()),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    days = forms.ChoiceField(
        label=gettext_lazy("Works for"), choices=LIFETIMES, initial="90", widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff, workers = self.fields["user"], self.fields["worker"]
        assert isinstance(staff, forms.ModelChoiceField) and isinstance(workers, forms.ModelChoiceField)
        staff.queryset = User.objects.filter(is_staff=True, is_active=True)
        workers.queryset = Worker.objects.filter(is_active=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if bool(data.get("user")) == bool(data.get("worker")):
            self.add_error("user", _("Choose one: a member of staff, or a worker."))
        if data.get("user") and not data.get("scopes"):
            self.add_error("scopes", _("Tick at least one thing it may be used to."))
        return data


def _last_use(request: HttpRequest, token: ApiToken) -> str:
    if token.last_used_at is None:
        return _("%s was never used.") % token
    used = date_format(localtime(token.last_used_at), "DATETIME_FORMAT")
    return _("%(token)s was last used on %(when)s. What uses it stops working at once.") % {
        "token": token,
        "when": used,
    }


class TokenStateFilter(LookupFilter):
    """Tokens that open, that soon will not, and those that do not."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[ApiToken]) -> list[tuple[str, Words]]:
        return [
            ("alive", gettext_lazy("Opens")),
            ("soon", gettext_lazy("Expires within two weeks")),
            ("never", gettext_lazy("Opens, never used")),
            ("dead", gettext_lazy("Revoked or expired")),
        ]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> ApiTokenQuerySet:
        assert isinstance(queryset, ApiTokenQuerySet)
        match self.value():
            case "alive":
                return queryset.alive()
            case "soon":
                return queryset.alive().filter(expires_at__lt=timezone.now() + SOON)
            case "never":
                return queryset.alive().filter(last_used_at=None)
            case "dead":
                return queryset.exclude(pk__in=ApiToken.objects.alive().values("pk"))
        return queryset


def shown_once(model_admin: AnyPage, request: HttpRequest, token: ApiToken, plain: str, *, done: str) -> HttpResponse:
    """The one page, or dialog, on which a new token is to be read; ``done`` is where one goes on from it.

    Sent again, the form leads to the token's page: nobody can be shown it a second time.
    """
    note_made(request, token)
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("New token"),
        "opts": model_admin.opts,
        "token": token,
        "plain": plain,
        "done": done,
    }
    in_dialog = bool(getattr(request, "htmx", False))
    page = "accounts/console/token_shown.html" if in_dialog else "accounts/console/token_made.html"
    answer = TemplateResponse(request, page, context)
    if in_dialog:
        # In the place of the whole dialog, not of its questions.
        for name, value in (("Retarget", "#modal-content"), ("Reselect", "#dialog"), ("Reswap", "innerHTML")):
            answer.headers[f"HX-{name}"] = header(value)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@admin.register(ApiToken)
class ApiTokenAdmin(ConsoleModelAdmin[ApiToken]):
    """Tokens are made and revoked by buttons; nothing of them is edited."""

    list_display = ("head", "state", "acts_as", "used", "ends")
    change_form_outer_before_template = "accounts/console/token_card.html"
    list_display_links = ("head",)
    list_filter = (TokenStateFilter,)
    list_select_related = ("user", "worker")
    search_fields = ("name", "prefix", "user__full_name", "worker__name")
    search_help_text = gettext_lazy("What uses it, how it begins, or whom it acts as")
    paginator = InfinitePaginator
    sortable_by = ()
    empty_state = gettext_lazy("No tokens yet. Make one for each program that talks to Portico.")
    actions_list = ("make",)
    actions_detail = ("revoke",)

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Fieldsets:
        return []  # all there is to say stands on the card

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return self._may(request, "view", obj) or self._may(request, "change", obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        token: ApiToken | None = kwargs.get("obj")
        if token is not None:
            made = changelog.history_of(ApiToken).filter(id=token.pk).order_by("history_id").first()
            context |= {
                "token": token,
                "state_words": STATE_WORDS[token.state],
                "state_colour": STATE_COLOURS[token.state],
                "scopes": [scopes()[scope] for scope in token.scopes if scope in scopes()],
                "made_by": made.actor if made else "",
            }
        return super().render_change_form(request, context, *args, **kwargs)

    @display(description=gettext_lazy("Token"), header=True)
    def head(self, token: ApiToken) -> list[str]:
        return [token.name, f"{token.prefix}…"]

    @display(description=gettext_lazy("State"), label=STATE_COLOURS)
    def state(self, token: ApiToken) -> tuple[str, Promise]:
        return token.state, STATE_WORDS[token.state]

    @display(description=gettext_lazy("Acts as"), header=True)
    def acts_as(self, token: ApiToken) -> list[str]:
        if token.worker:
            return [str(token.worker), _("worker")]
        return [str(token.user), ngettext("%d right", "%d rights", len(token.scopes)) % len(token.scopes)]

    @display(description=gettext_lazy("Last used"))
    def used(self, token: ApiToken) -> str:
        return date_format(localtime(token.last_used_at), "DATETIME_FORMAT") if token.last_used_at else _("never")

    @display(description=gettext_lazy("Works until"))
    def ends(self, token: ApiToken) -> str:
        return date_format(localtime(token.expires_at), "DATE_FORMAT")

    @console_action(
        permission="accounts.add_apitoken",
        description=gettext_lazy("New token"),
        text=gettext_lazy("It is shown once, on the next page. Portico keeps only a fingerprint of it."),
        form_class=NewTokenDialog,
        icon="add",
        variant=ActionVariant.PRIMARY,
    )
    def make(self, request: HttpRequest, obj: None, form: NewTokenDialog) -> HttpResponse:
        data = form.cleaned_data
        token, plain = services.make_token(
            name=data["name"],
            by=person_of(request),
            user=data["user"],
            worker=data["worker"],
            scopes=data["scopes"] if data["user"] else (),
            expires_at=timezone.now() + timedelta(days=int(data["days"])),
        )
        return shown_once(self, request, token, plain, done=reverse("admin:accounts_apitoken_changelist"))

    @console_action(
        permission="accounts.change_apitoken",
        description=gettext_lazy("Revoke"),
        text=_last_use,
        form_class=ReasonDialog,
        possible=lambda token: token.revoked_at is None,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def revoke(self, request: HttpRequest, token: ApiToken, form: ReasonDialog) -> str:
        services.revoke_token(token, by=person_of(request), reason=form.cleaned_data.get("reason", ""))
        return _("%s is revoked.") % token
