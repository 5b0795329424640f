"""What a restore left: what was found, what may have been sent since, and the decision that lets Portico go on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.cache import cache
from django.db.models import Count, Max, Min, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from alerts import services
from alerts.choices import DeliveryState
from alerts.models import Delivery, DeliveryQuerySet
from alerts.services.releasing import PERMISSION
from business.holding import open_hold
from business.models import Hold
from config.console import HELD, Context
from console.addresses import LONGEST_SEARCH, leave_out_unread, left_out, say_left_out
from console.errors import NotAllowed, Refused
from console.keys import is_key
from console.kit import console_page
from console.once import key_of, new_key, sending
from imports.after_a_restore import rows_left, runs_in_the_middle
from jobs.models import Series
from jobs.services import next_number
from jobs.services.numbers import MOST

# So many messages are shown to choose from; a filter finds the others.
SHOWN = 200
EARLIER = 20
Choice = Hold.Choice


class DecisionForm(forms.Form):
    """What is decided about everything that is left. ``hold``: after which restore, as the page said."""

    hold = forms.IntegerField(required=False, widget=forms.HiddenInput)
    choice = forms.ChoiceField(choices=Choice.choices)
    skip = forms.IntegerField(
        label=gettext_lazy("Skip more job numbers"),
        min_value=0,
        max_value=MOST,
        initial=0,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Leave 0 unless you know of a higher number than the next one."),
    )
    sessions = forms.BooleanField(required=False)
    tokens = forms.BooleanField(required=False)
    invitations = forms.BooleanField(required=False)
    links = forms.BooleanField(required=False)


@dataclass(frozen=True)
class OpenDoor:
    """One kind of what may live again: a box to select, in words."""

    name: str
    label: str
    done: str
    count: int
    selected: bool


@console_page("held/", name="held", permission=PERMISSION)
def held(request: HttpRequest) -> HttpResponse:
    """GET: what was found, and the choices. POST: what they would do, in numbers; sent from there, it is done."""
    hold = open_hold()
    may_decide = _why_not(_user(request))
    form = DecisionForm(request.POST or None)
    is_good = request.method == "POST" and form.is_valid()
    if is_good and hold is not None and form.cleaned_data["hold"] != hold.pk:
        messages.error(request, _about_another())
        form, is_good = DecisionForm(), False
    if is_good and "done" in request.POST:
        answer = _release(request, hold, form.cleaned_data)
        if answer is not None:
            return answer
        hold = open_hold()
    context: Context = {
        **admin.site.each_context(request),
        "title": _("After a restore"),
        "hold": hold,
        # In numbers of everybody's.
        "earlier": Hold.objects.none() if may_decide else Hold.objects.filter(is_open=False)[:EARLIER],
        "may_decide": may_decide,
        "once": key_of(request) or new_key(),
        "form": form,
        "log_url": f"{reverse('admin:changelog')}?model={Hold._meta.label_lower}"
        if request.user.has_perm("audit.view_changelog")
        else "",
    }
    if hold is None:
        return TemplateResponse(request, "console/held.html", context)
    context |= _found(hold, request, form.data if form.is_bound else {})
    if is_good:
        context["summary"] = _summary(form.cleaned_data, context)
        context["decided"] = {name: value for name, value in form.cleaned_data.items() if value is not False}
        return TemplateResponse(request, "console/held_confirm.html", context)
    return TemplateResponse(request, "console/held.html", context)


def _release(request: HttpRequest, hold: Hold | None, said: Mapping[str, Any]) -> HttpResponse | None:
    """Do what was confirmed; None where it is refused, which is said above the page."""
    with sending(request.user, request.path, key_of(request)) as sent:
        if sent.is_repeated or hold is None:
            messages.info(request, _("This was decided already. Nothing is held any more."))
            return HttpResponseRedirect(reverse("admin:held"))
        try:
            done = services.release(
                hold,
                Choice(said["choice"]),
                by=_user(request),
                skip=said["skip"] or 0,
                again=list(runs_in_the_middle().values_list("request_id", flat=True)),
                endings=services.Endings(**{name: bool(said[name]) for name in _DOORS}),
            )
        except Refused as refusal:
            sent.withdraw()
            messages.error(request, str(refusal))
            return None
        sent.made(done)
    cache.delete(HELD)
    messages.success(request, _("Portico goes on. %s") % " ".join(_done_words(done)))
    return HttpResponseRedirect(reverse("admin:held"))


def _about_another() -> str:
    return _("This page is out of date. Nothing has been done: look at what was found now.")


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "console pages are for staff"
    return request.user


def _done_words(hold: Hold) -> list[str]:
    counts: list[tuple[int, Callable[[int], str]]] = [
        (hold.messages_held, lambda n: ngettext("%d message is held.", "%d messages are held.", n)),
        (hold.messages_sent, lambda n: ngettext("%d message is sent.", "%d messages are sent.", n)),
        (hold.numbers_skipped, lambda n: ngettext("%d job number is skipped.", "%d job numbers are skipped.", n)),
        (hold.signed_out, lambda n: ngettext("%d person is signed out.", "%d people are signed out.", n)),
        (hold.tokens_revoked, lambda n: ngettext("%d API token is revoked.", "%d API tokens are revoked.", n)),
        (
            hold.invitations_withdrawn,
            lambda n: ngettext("%d invitation is withdrawn.", "%d invitations are withdrawn.", n),
        ),
        (hold.links_revoked, lambda n: ngettext("%d portal link is revoked.", "%d portal links are revoked.", n)),
    ]
    return [words(count) % count for count, words in counts if count]


# --- what was found


def _found(hold: Hold, request: HttpRequest, said: Mapping[str, Any]) -> Context:
    user = _user(request)
    mine = Delivery.objects.visible_to(user)
    doubtful = mine.doubtful(hold)
    waiting = mine.filter(state=DeliveryState.QUEUED)
    runs = runs_in_the_middle().visible_to(user)
    runs = runs if user.has_perm("imports.view_importrun") else runs.none()
    counts = doubtful.order_by().aggregate(all=Count("pk"), first=Min("next_attempt_at"), last=Max("next_attempt_at"))
    return {
        "doubtful": counts["all"],
        "groups": _groups(doubtful),
        "certain": waiting.count() - counts["all"],
        "runs": runs.count(),
        "rows_left": rows_left(runs),
        "series": Series.objects.visible_to(user).running().count() if user.has_perm("jobs.view_series") else 0,
        "next_number": next_number(),
        # Counted without regard to what somebody sees.
        "doors": [] if _why_not(user) else _doors(hold, user, said),
        "chosen": str(said.get("choice") or Choice.HOLD),
        "span": _span(hold),
    }


def _why_not(user: User) -> str:
    try:
        services.require_right_to_release(user)
    except NotAllowed as refusal:
        return str(refusal)
    return ""


@dataclass(frozen=True)
class DoubtfulGroup:
    """Messages of one kind and day."""

    kind: str
    label: str
    day: date
    first: datetime
    last: datetime
    count: int


def _groups(rows: DeliveryQuerySet) -> list[DoubtfulGroup]:
    counted = (
        rows.order_by()
        .annotate(day=TruncDate("next_attempt_at"))
        .values("kind", "day")
        .annotate(count=Count("pk"), first=Min("next_attempt_at"), last=Max("next_attempt_at"))
        .order_by("-day", "-count", "kind")
    )
    return [DoubtfulGroup(label=services.event_label(one["kind"]), **one) for one in counted]


def _span(hold: Hold) -> str:
    """How long the lost time was, in words."""
    if hold.lost_from is None:
        return ""
    minutes = int((hold.lost_until - hold.lost_from).total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    if days:
        return ngettext("%d day", "%d days", days) % days
    if hours:
        return ngettext("%d hour", "%d hours", hours) % hours
    return ngettext("%d minute", "%d minutes", minutes) % minutes


# By the names of ``services.Endings``: the choice, and what is done.
_DOORS: dict[str, tuple[Callable[[int], str], Callable[[int], str]]] = {
    "sessions": (
        lambda n: ngettext("Sign out %d person", "Sign out %d people", n),
        lambda n: ngettext("%d person is signed out everywhere.", "%d people are signed out everywhere.", n),
    ),
    "tokens": (
        lambda n: ngettext("Revoke %d API token", "Revoke %d API tokens", n),
        lambda n: ngettext("%d API token is revoked.", "%d API tokens are revoked.", n),
    ),
    "invitations": (
        lambda n: ngettext("Withdraw %d open invitation", "Withdraw %d open invitations", n),
        lambda n: ngettext("%d invitation is withdrawn.", "%d invitations are withdrawn.", n),
    ),
    "links": (
        lambda n: ngettext(
            "Revoke %d portal link created in the week before the backup",
            "Revoke %d portal links created in the week before the backup",
            n,
        ),
        lambda n: ngettext("%d portal link is revoked.", "%d portal links are revoked.", n),
    ),
}


def _doors(hold: Hold, user: User, said: Mapping[str, Any]) -> list[OpenDoor]:
    return [
        OpenDoor(name, _DOORS[name][0](count) % count, _DOORS[name][1](count) % count, count, bool(said.get(name)))
        for name, count in services.doors_open(hold, by=user).items()
        if count
    ]


def _summary(said: Mapping[str, Any], context: Context) -> list[str]:
    """What the decision would do, in sentences with numbers."""
    holds, doubtful = said["choice"] == Choice.HOLD, context["doubtful"]
    lines = []
    if doubtful and holds:
        lines = [
            ngettext(
                "%d message that may have been sent already is held. It can be sent by hand later.",
                "%d messages that may have been sent already are held. They can be sent by hand later.",
                doubtful,
            )
            % doubtful
        ]
    elif doubtful:
        lines = [
            ngettext(
                "%d message that may have been sent already is sent, perhaps for the second time.",
                "%d messages that may have been sent already are sent, perhaps for the second time.",
                doubtful,
            )
            % doubtful
        ]
    if certain := context["certain"]:
        lines.append(
            ngettext(
                "%d message that was certainly not sent is sent.",
                "%d messages that were certainly not sent are sent.",
                certain,
            )
            % certain
        )
    if runs := context["runs"]:
        words = {"count": runs, "rows": context["rows_left"]}
        lines.append(
            ngettext(
                "%(count)d import goes on and writes up to %(rows)d rows.",
                "%(count)d imports go on and write up to %(rows)d rows.",
                runs,
            )
            % words
        )
        lines.append(_("Their messages are held.") if holds else _("Their messages are sent."))
    if context["series"]:
        lines.append(
            _("Series create the jobs that are due. Messages about those the lost time had created are held.")
            if holds
            else _("Series create the jobs that are due, and their messages are sent.")
        )
    if skip := said["skip"]:
        lines.append(ngettext("%d more job number is skipped.", "%d more job numbers are skipped.", skip) % skip)
    return lines + [door.done for door in context["doors"] if said[door.name]]


# --- choosing one by one


class ChooseForm(forms.Form):
    """Which messages are shown."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"), required=False, widget=UnfoldAdminSelectWidget, choices=()
    )
    q = forms.CharField(
        label=gettext_lazy("Address, name or job number"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, data: QueryDict, *, kinds: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Everything")), *kinds]


@console_page("held/choose/", name="held_choose", permission=PERMISSION)
def choose(request: HttpRequest) -> HttpResponse:
    """GET: the messages in doubt, filtered. POST: holds or sends those that were selected, or all that fit."""
    hold = open_hold()
    if hold is None:
        messages.info(request, _("Nothing is held."))
        return HttpResponseRedirect(reverse("admin:held"))
    doubtful = Delivery.objects.visible_to(request.user).doubtful(hold)
    kinds = doubtful.order_by().values_list("kind", flat=True).distinct()
    form = ChooseForm(request.GET, kinds=[(kind, services.event_label(kind)) for kind in kinds])
    form.is_valid()
    leave_out_unread(request, form)
    fitting = _fitting(doubtful, form.cleaned_data)
    if request.method == "POST":
        # "All that fit" would be all there are.
        if left_out(request) or request.POST.get("hold") != str(hold.pk):
            messages.error(request, _about_another())
            return HttpResponseRedirect(request.get_full_path())
        return _chosen(request, hold, fitting)
    say_left_out(request)
    count = fitting.count()
    context = {
        **admin.site.each_context(request),
        "title": _("Choose what is sent"),
        "hold": hold,
        "form": form,
        "once": new_key(),
        "filtered": any(form.cleaned_data.values()),
        "count": count,
        "rows": fitting.order_by("next_attempt_at", "pk")[:SHOWN],
        "more": max(0, count - SHOWN),
        "may_decide": _why_not(_user(request)),
    }
    return TemplateResponse(request, "console/held_choose.html", context)


def _fitting(rows: DeliveryQuerySet, said: Mapping[str, Any]) -> DeliveryQuerySet:
    if kind := said.get("kind"):
        rows = rows.filter(kind=kind)
    if words := said.get("q"):
        rows = rows.filter(
            Q(recipient__icontains=words) | Q(recipient_name__icontains=words) | Q(about__icontains=words)
        )
    return rows


def _chosen(request: HttpRequest, hold: Hold, fitting: DeliveryQuerySet) -> HttpResponse:
    back = HttpResponseRedirect(request.get_full_path())
    # "hold", "send": those selected; "hold_all", "send_all": all that fit.
    what, _sep, how_many = request.POST.get("do", "").partition("_")
    if what not in Choice.values:
        return back
    if not how_many:
        keys = {int(key) for key in request.POST.getlist("message") if is_key(key)}
        fitting = fitting.filter(pk__in=keys)
    with sending(request.user, request.path, key_of(request)) as sent:
        if sent.is_repeated:
            messages.info(request, _("This was done already."))
            return back
        try:
            only = list(fitting.values_list("pk", flat=True))
            count = services.decide_messages(hold, Choice(what), by=_user(request), only=only)
        except Refused as refusal:
            sent.withdraw()
            messages.error(request, str(refusal))
            return back
    if not count:
        messages.warning(request, _("Nothing was selected."))
    elif what == Choice.HOLD:
        messages.success(request, ngettext("%d message is held.", "%d messages are held.", count) % count)
    else:
        said = ngettext("%d message is sent when Portico goes on.", "%d messages are sent when Portico goes on.", count)
        messages.success(request, said % count)
    return back
