"""Asking for a job, changing one, and its files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Customer, Location, User
from audit.headers import file_header, header
from console.errors import Refused
from jobs.models import ChangeRequest, Job
from jobs.services import NewJob, ask_for_change, attach_file, past_cutoff, update_job
from portal_site import records
from portal_site.context import MENU_HOLDS
from portal_site.doors import READ_OR_SEND, Door, job_page, portal_page
from portal_site.forms import ChangeForm
from portal_site.job_forms import JobForm, OrderForm, again, starting_place
from portal_site.middleware import MAY_ASK_WHERE
from portal_site.ordering import USE, order_jobs
from portal_site.visitor import PortalRequest, Visitor
from templates_app.choices import FieldKind
from templates_app.definitions import Value
from templates_app.models import JobTemplate


@require_safe
@portal_page(permission="create_jobs")
def choose_kind(request: PortalRequest) -> HttpResponse:
    """What is to be done; straight on when there is one kind."""
    kinds = list(request.visitor.templates_to_order())
    if len(kinds) == 1:
        return redirect("portal_site:new_job", slug=kinds[0].slug)
    return render(request, "portal_site/pages/choose_kind.html", {"kinds": kinds})


@require_http_methods(READ_OR_SEND)
@portal_page(permission="create_jobs")
def new_job(request: PortalRequest, slug: str) -> HttpResponse:
    """The form of a kind of job, and the order."""
    visitor = request.visitor
    template = visitor.template_or_404(slug)
    customers = list(visitor.customers_allowing("create_jobs")[: MENU_HOLDS + 1])
    if not customers:
        # For somebody, but not for the account that is chosen.
        messages.info(request, _("You cannot ask for jobs for this account. Choose another one."))
        return redirect("portal_site:accounts")
    if len(customers) > MENU_HOLDS:
        messages.info(request, _("First choose for which account."))
        return redirect(f"{reverse('portal_site:accounts')}?{urlencode({'next': request.get_full_path()})}")
    places = records.places(customers)
    initial, values = _as_before(request, template, customers, places)
    form = OrderForm(
        template.field_definitions(),
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        customers=customers,
        places=places,
        asks_start=_may_for_any(visitor, "request_start_time", customers),
        many=_may_for_any(visitor, "create_many_jobs", customers),
        initial=initial,
        values=values,
    )
    if form.is_valid():
        job = _order(request, template, form)
        if job is not None:
            messages.success(request, _("Thank you. We have your request and will tell you the time."))
            return redirect("portal_site:job", number=job.number)
    if form.is_bound:
        form.mention_lost_files()
    context = {"form": form, "template": template, "steps": records.names_of_shown_steps(template)}
    return _with_place(render(request, "portal_site/pages/new_job.html", context))


def _with_place(response: HttpResponse) -> HttpResponse:
    """A page that may ask the device where it is, once the button is pressed."""
    response["Permissions-Policy"] = MAY_ASK_WHERE
    return response


def _may_for_any(visitor: Visitor, code: str, customers: list[Customer]) -> bool:
    return any(visitor.may(code, customer) for customer in customers)


def _as_before(
    request: PortalRequest, template: JobTemplate, customers: list[Customer], places: list[Location]
) -> tuple[dict[str, object], dict[str, Value]]:
    """What the form and its template's fields begin with when an old job is asked for again; else nothing."""
    number = request.GET.get("again")
    if not number or request.method == "POST":
        return {}, {}
    old = request.visitor.job_or_404(number)
    if old.template_id != template.pk:
        raise Http404
    editable = {field.key for field in old.fields() if field.may_be_set("portal_use") and field.kind != FieldKind.FILE}
    return again(old, customers, places), {key: value for key, value in old.values.items() if key in editable}


@dataclass(frozen=True)
class WantedJob:
    """A job that is not made yet, as the rule asks for it."""

    customer_id: int
    template_id: int


def _order(request: PortalRequest, template: JobTemplate, form: OrderForm) -> Job | None:
    customer = form.chosen_customer()
    if customer is None:
        form.add_error("account", _("Please choose the account."))
        return None
    visitor = request.visitor
    # The form was offered for some customer; the rule is asked for this one, and for this kind of job.
    visitor.require("create_jobs", WantedJob(customer.pk, template.pk))
    said = form.cleaned_data
    copies, start = said.get("copies") or 1, said.get("requested_start")
    if copies > 1 and not visitor.may("create_many_jobs", customer):
        form.add_error("copies", _("For this account you can ask for one job at a time."))
        return None
    if start is not None and not visitor.may("request_start_time", customer):
        form.add_error("requested_start", _("For this account you cannot ask for a time. Leave it empty."))
        return None
    new = NewJob(
        customer=customer,
        template=template,
        location=form.location,
        address=form.address if form.location is None else "",
        latitude=form.coordinates[0] if form.coordinates and form.location is None else None,
        longitude=form.coordinates[1] if form.coordinates and form.location is None else None,
        address_to_check=form.location is None and form.coordinates is None,
        contact_name=said["contact_name"],
        contact_phone=said["contact_phone"],
        contact_email=said["contact_email"],
        requested_start=start,
        notes=said["notes"],
        values=form.given,
    )
    try:
        return order_jobs(new, by=visitor.require_login(), once=said["once"], copies=copies, files=form.checked_files)
    except ValidationError as problems:
        form.add_problems(problems)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    return None


@job_page(READ_OR_SEND)
def edit_job(request: PortalRequest, door: Door) -> HttpResponse:
    """Changes a job before the cut-off; after it, leaves a request."""
    visitor, job, back = request.visitor, door.job, door.address("job")
    visitor.require("edit_jobs", job)
    if not job.is_open:
        messages.info(request, _("%s is over: there is nothing to change.") % job.number)
        return redirect(back)
    if past_cutoff(job, "change", visitor.settings):
        return _ask_for_change(request, door)
    # A guest learns no address of the customer's but the one on the job.
    places = records.places([job.customer]) if door.by else [job.location] if job.location else []
    posted = request.method == "POST"
    form = JobForm(
        job.field_definitions(),
        request.POST if posted else None,
        request.FILES if posted else None,
        values=job.values,
        customers=[job.customer],
        places=places,
        asks_start=visitor.may("request_start_time", job) and job.planned_start is None,
        initial=_as_it_is(job, places),
    )
    if form.is_valid():
        if request.POST.get("seen") != seen(job):
            form.add_error(
                None, _("Somebody changed this job meanwhile. Look at it again, then save what you wrote or leave it.")
            )
            fresh = {"form": form, "job": job, "back": back, "seen": seen(job)}
            return _with_place(render(request, "portal_site/pages/edit_job.html", fresh))
        try:
            _change(job, form, by=door.by)
        except ValidationError as problems:
            form.add_problems(problems)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your changes are saved."))
            return redirect(back)
    if form.is_bound:
        form.mention_lost_files()
    context = {"form": form, "job": job, "back": back, "seen": request.POST.get("seen") or seen(job)}
    return _with_place(render(request, "portal_site/pages/edit_job.html", context))


def _as_it_is(job: Job, places: list[Location]) -> dict[str, object]:
    return starting_place(job, places) | {
        "contact_name": job.contact_name,
        "contact_phone": job.contact_phone,
        "contact_email": job.contact_email,
        "requested_start": job.requested_start,
    }


def seen(job: Job) -> str:
    """A fingerprint of what the form shows, to notice that somebody else was faster."""
    shown = [job.values, job.location_id, job.address, str(job.latitude), str(job.longitude)]
    shown += [job.contact_name, job.contact_phone, job.contact_email]
    words = json.dumps([*shown, str(job.requested_start), job.status], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _change(job: Job, form: JobForm, *, by: User | None) -> None:
    said = form.cleaned_data
    changes: dict[str, object] = {name: said[name] for name in ("contact_name", "contact_phone", "contact_email")}
    if "requested_start" in said:
        changes["requested_start"] = said["requested_start"]
    place = form.location
    if place is not None and place.pk != job.location_id:
        where = {"latitude": place.latitude, "longitude": place.longitude}
        changes |= {"location": place, "address": place.address, **where}
    elif place is None and form.address and (form.address != job.address or form.coordinates != _position_of(job)):
        latitude, longitude = form.coordinates or (None, None)
        changes |= {"location": None, "address": form.address, "latitude": latitude, "longitude": longitude}
        changes["address_to_check"] = form.coordinates is None
    changed = update_job(job, changes | {"values": form.given}, by=by, use=USE)
    for key, checked in form.checked_files.items():
        if key in changed.values:  # else its condition does not hold
            attach_file(changed, checked, by=by, key=key)


def _position_of(job: Job) -> tuple[Decimal, Decimal] | None:
    return None if job.latitude is None or job.longitude is None else (job.latitude, job.longitude)


def _ask_for_change(request: PortalRequest, door: Door) -> HttpResponse:
    job, back = door.job, door.address("job")
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            ask_for_change(job, by=door.by, kind=ChangeRequest.Kind.CHANGE, reason=form.cleaned_data["words"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We have your request. Nothing is changed yet: we will answer you."))
            return redirect(back)
    context = {"form": form, "job": job, "back": back, "hours": request.visitor.settings.change_cutoff_hours}
    return render(request, "portal_site/pages/ask_for_change.html", context)


@job_page()
def job_file(request: PortalRequest, door: Door, reference: str) -> FileResponse:
    """One file of a job, as the type that was found in it. Only what a field shows the customer; else 404."""
    shown = {field.key for field in door.job.fields() if field.is_shown_to_customers}
    file = next((f for f in records.files(door.job) if f.reference == reference and f.key in shown), None)
    if file is None or not file.content.storage.exists(file.content.name or ""):
        raise Http404
    response = FileResponse(file.content.open("rb"), content_type=header(file.kind))
    response["Content-Disposition"] = file_header(file.download_name, to_keep=not file.is_picture)
    # Should a browser see a page in it after all, that page may do nothing.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
