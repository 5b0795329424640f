"""The alert list and the page on which one is written, previewed and tried."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.models import User
from alerts import services
from alerts.admin.words import AlertForm, TestDialog, default_words
from alerts.choices import Audience
from alerts.hooks import EVENTS, TOKENS
from alerts.models import Alert, Delivery, stop_url_of
from alerts.segments import Length
from alerts.sources import EventSource, source_for, sources
from alerts.subjects import Reachable
from alerts.tokens import check_tokens
from alerts.wording import ink_on, paragraphs
from audit.token_columns import new_token
from business.models import PortalSettings
from console.errors import Refused
from console.kit import ChoiceFilter, ConsoleModelAdmin, DialogForm, YesNoFilter, console_action
from console.reach import limits_of
from console.scope import in_scope
from console.shapes import AnyForm, Context
from jobs.choices import EventKind
from jobs.link_in_text import read_with
from jobs.services import link_address_for


@admin.register(Alert)
class AlertAdmin(ConsoleModelAdmin[Alert]):
    """When this happens, tell these people in these words."""

    form = AlertForm
    change_form_outer_before_template = "console/notes.html"
    change_form_after_template = "alerts/admin/preview_panel.html"
    list_display = ("head", "on", "told", "ways", "narrowed")
    list_display_links = ("head",)
    list_filter = (("event", ChoiceFilter), ("is_active", YesNoFilter))
    search_fields = ("name", "subject", "message", "sms_text")
    search_help_text = gettext_lazy("Name, subject or words")
    ordering = ("event", "name")
    sortable_by = ("head",)
    empty_state = gettext_lazy("No alerts yet: nobody is told anything. Add one, and pick what it is about.")
    compressed_fields = False
    fieldsets = (
        (gettext_lazy("When"), {"fields": (("name", "is_active"), ("event", "hours_before", "source"))}),
        (gettext_lazy("About what"), {"fields": (("templates", "customers", "labels"),)}),
        (
            gettext_lazy("To whom"),
            {
                "fields": (
                    ("to_site_contact", "to_billing_contact", "to_portal_users", "to_worker"),
                    ("by_email", "by_sms"),
                    ("to_office", "staff"),
                    ("emails", "mobiles"),
                )
            },
        ),
        (
            gettext_lazy("In what words"),
            {
                "fields": ("subject", "message", "sms_text"),
                "description": gettext_lazy(
                    "What stands in braces is filled in. A line in which all of it is empty is left out."
                ),
            },
        ),
        (
            gettext_lazy("Rarely needed"),
            {"classes": ("collapse",), "fields": ("reply_to", ("quiet_from", "quiet_until"))},
        ),
    )
    actions_detail = ("test_to_me", "switch")

    class Media:
        css = {"all": ("alerts/console.css",)}
        js = ("alerts/words.js",)

    # --- the list

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alert]:
        return (
            super()
            .get_queryset(request)
            .annotate(
                template_count=Count("templates", distinct=True),
                customer_count=Count("customers", distinct=True),
                label_count=Count("labels", distinct=True),
                staff_count=Count("staff", distinct=True),
            )
        )

    @display(description=gettext_lazy("Alert"), ordering="event", header=True)
    def head(self, alert: Alert) -> list[str]:
        return [services.event_label(alert.event), alert.name]

    @display(description=gettext_lazy("State"), label={"on": "success", "off": "default"})
    def on(self, alert: Alert) -> tuple[str, str]:
        return ("on", _("on")) if alert.is_active else ("off", _("off"))

    @display(description=gettext_lazy("Tells"))
    def told(self, alert: Alert) -> str:
        people = [
            label
            for chosen, label in (
                (alert.to_site_contact, Audience.SITE_CONTACT.label),
                (alert.to_billing_contact, Audience.BILLING_CONTACT.label),
                (alert.to_portal_users, _("Portal users")),
                (alert.to_worker, Audience.WORKER.label),
                (alert.to_office, _("The whole office")),
                (_count(alert, "staff") and not alert.to_office, _("Certain staff")),
                (alert.emails.strip() or alert.mobiles.strip(), _("Fixed addresses")),
            )
            if chosen
        ]
        return ", ".join(str(one) for one in people) or _("nobody yet")

    @display(description=gettext_lazy("By"))
    def ways(self, alert: Alert) -> str:
        people = alert.to_site_contact or alert.to_billing_contact or alert.to_portal_users or alert.to_worker
        ways = [
            label
            for chosen, label in (
                ((people and alert.by_email) or alert.emails.strip(), _("e-mail")),
                ((people and alert.by_sms) or alert.mobiles.strip(), _("text message")),
                (alert.to_office or _count(alert, "staff"), _("console")),
            )
            if chosen
        ]
        return ", ".join(ways) or "–"

    @display(description=gettext_lazy("For"))
    def narrowed(self, alert: Alert) -> str:
        templates, customers, labels = numbers = [_count(alert, name) for name in ("template", "customer", "label")]
        parts = [
            ngettext("%d template", "%d templates", templates) % templates,
            ngettext("%d customer", "%d customers", customers) % customers,
            ngettext("%d label", "%d labels", labels) % labels,
        ]
        shown = [part for part, count in zip(parts, numbers, strict=True) if count]
        if alert.source:
            shown.append(_("by way of %s") % alert.get_source_display())
        return ", ".join(shown) or _("all")

    # --- the page

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        return ("templates", "customers", "labels", "staff")

    def get_changeform_initial_data(self, request: HttpRequest) -> Context:
        kind = request.GET.get("event", "")
        event = EVENTS.get(kind) or EVENTS[EventKind.CREATED]
        people = dict.fromkeys(Audience, False) | dict.fromkeys(event.audience, True)
        return {
            "event": event.kind,
            "subject": str(event.subject),
            "message": str(event.message),
            "sms_text": str(event.sms),
            "to_site_contact": people[Audience.SITE_CONTACT],
            "to_worker": people[Audience.WORKER],
            "to_office": people[Audience.STAFF],
        }

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        alert = kwargs.get("obj")
        context["notes"] = _why_only_looking(alert, request.user) if alert is not None else []
        groups = [(source.model._meta.label_lower, source, source.samples(request.user, alert)) for source in sources()]
        context["preview_samples"] = [(label, samples) for label, _source, samples in groups]
        context["preview_kinds"] = {kind: label for label, source, _samples in groups for kind in source.payloads}
        context["default_words"] = default_words()
        context["token_kinds"] = {token.code: [str(kind) for kind in token.kinds] for token in TOKENS.values()}
        for _label, source, samples in groups:
            if alert is not None and samples and alert.event in source.payloads:
                context["preview"] = _preview(alert, source, samples[0].key, request.user)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        preview = require_POST(self.admin_site.admin_view(self.preview_view))
        return [path("preview/", preview, name="alerts_alert_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the words on the page would say about a record. Takes them as they are typed; saves nothing."""
        if not self.has_view_permission(request) and not self.has_add_permission(request):
            raise PermissionDenied
        kind = request.POST.get("event", "")
        source = source_for(kind) if kind in EVENTS else None
        if source is None:
            return render(request, "alerts/admin/preview.html", {})
        draft = Alert(
            event=kind,
            subject=request.POST.get("subject", "")[:200],
            message=request.POST.get("message", "")[:10_000],
            sms_text=request.POST.get("sms", "")[:2_000],
            reply_to=request.POST.get("reply_to", "")[:254],
        )
        preview = _preview(draft, source, request.POST.get("about", ""), request.user)
        return render(request, "alerts/admin/preview.html", {"preview": preview})

    # --- saving

    def save_model(self, request: HttpRequest, obj: Alert, form: AnyForm, change: bool) -> None:
        said = form.cleaned_data
        services.save_alert(
            obj,
            by=request.user,
            templates=said.get("templates"),
            customers=said.get("customers"),
            labels=said.get("labels"),
            staff=said.get("staff"),
        )

    def delete_model(self, request: HttpRequest, obj: Alert) -> None:
        services.delete_alert(obj, by=request.user)

    # --- buttons

    @console_action(
        permission="alerts.change_alert",
        description=gettext_lazy("Send a test to me"),
        text=lambda request, alert: (
            _("One message goes to %(email)s, nobody else. It is sent as saved: save first what you have changed.")
            % {"email": request.user.email}
        ),
        submit=gettext_lazy("Send"),
        form_class=TestDialog,
        icon="send",
    )
    def test_to_me(self, request: HttpRequest, alert: Alert, form: TestDialog) -> str:
        if form.facts is None:
            raise Refused(_("There is nothing yet to try it on."))
        sent = services.send_test(alert, form.facts, by=User.objects.get(email=request.user.get_username()))
        return _("On its way: %s. “Messages” shows what becomes of it.") % ", ".join(str(one) for one in sent)

    @console_action(
        permission="alerts.change_alert",
        description=gettext_lazy("Switch on or off"),
        text=lambda request, alert: (
            _("It is on. Switched off, nobody is told any more; messages already queued still go out.")
            if alert.is_active
            else _before_switching_on(alert)
        ),
        submit=gettext_lazy("Switch"),
        icon="toggle_on",
    )
    def switch(self, request: HttpRequest, alert: Alert, form: DialogForm) -> str:
        alert = services.switch_alert(alert, to=not alert.is_active, by=request.user)
        return _("It is on now.") if alert.is_active else _("It is off now.")


def _before_switching_on(alert: Alert) -> str:
    """What switching it on means; that it is for all jobs, which it may not have been before a deletion."""
    said = [_("It is off. Switched on, it tells people about what happens from now on.")]
    if not (alert.templates.exists() or alert.customers.exists() or alert.labels.exists()):
        said.append(_("It names no template, customer or label: it is for all jobs."))
    return " ".join(said)


def _count(alert: Alert, name: str) -> int:
    """How many it names, as the list has counted them (``get_queryset``)."""
    return int(getattr(alert, f"{name}_count"))


def _why_only_looking(alert: Alert, user: User | AnonymousUser) -> list[str]:
    """Why somebody limited to certain customers or templates may look at an alert and not change it; else nothing."""
    reach = limits_of(user)
    if reach is None or not user.has_perm("alerts.change_alert") or in_scope(user, alert, "change"):
        return []
    said = []
    if reach.customers_limited:
        named = alert.customers.all()
        others = named.exclude(pk__in=reach.keys("customer", "view")).count()
        if not named:
            said.append(_("This alert is for all customers; only somebody who sees them all may change it."))
        elif others:
            words = ngettext(
                "This alert is also for %d other customer; only somebody who sees them all may change it.",
                "This alert is also for %d other customers; only somebody who sees them all may change it.",
                others,
            )
            said.append(words % others)
    if reach.templates_limited:
        of_these = alert.templates.all()
        others = of_these.exclude(pk__in=reach.keys("template", "view")).count()
        if not of_these:
            said.append(_("This alert is for all job templates; only somebody who sees them all may change it."))
        elif others:
            words = ngettext(
                "This alert is also for %d other job template; only somebody who sees them all may change it.",
                "This alert is also for %d other job templates; only somebody who sees them all may change it.",
                others,
            )
            said.append(words % others)
    return said or [_("You may look at what this alert is for, not change it.")]


def _preview(alert: Alert, source: EventSource, key: str, user: User | AnonymousUser) -> dict[str, object] | None:
    """The words of an alert about a record as a member of staff reads them, and what is wrong with them: for the
    preview's template. None where there is no such record, or not for them."""
    settings = PortalSettings.load()
    facts = source.sample_facts(alert.event, key, user, settings)
    if facts is None:
        return None
    problems: list[str] = []
    for text in (alert.subject, alert.message, alert.sms_text):
        try:
            check_tokens(text, alert.event)
        except ValidationError as problem:
            problems += problem.messages
    # As long as a real one, so that the length is right.
    stop_url = stop_url_of(new_token(Delivery.token_bytes))
    words = services.words_of(alert, facts, stop_url)
    address = link_address_for(user, facts.subject.columns["job"])
    contact = facts.subject.person(Audience.SITE_CONTACT)
    return {
        "problems": list(dict.fromkeys(problems)),
        "subject": read_with(words.subject, address),
        "paragraphs": paragraphs(read_with(words.message, address)),
        "sms": read_with(words.sms, address),
        "stop_url": stop_url,
        "length": words.length,
        "segments": _segments(words.length),
        "to": _address_of(contact),
        "reply_to": alert.reply_to or settings.business_email,
        "portal": settings,
        "ink": ink_on(settings.brand_colour),
    }


def _address_of(contact: Reachable | None) -> str:
    """Whom a preview goes to; for what has no contact, whoever the alert names."""
    if contact is None:
        return _("(whom the alert tells)")
    return contact.email or _("(the job's contact has no e-mail address)")


def _segments(length: Length) -> str:
    count = ngettext("%d segment", "%d segments", length.segments) % length.segments
    told = ngettext("%(segments)s, %(units)d character", "%(segments)s, %(units)d characters", length.units)
    told %= {"segments": count, "units": length.units}
    if length.is_plain:
        return told
    return _("%(told)s. These take a lot of room: %(costly)s") % {"told": told, "costly": " ".join(length.costly[:10])}
