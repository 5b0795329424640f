"""Asking for a job, changing one, and its files."""

from __future__ import annotations

import hashlib
import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Customer, Location
from audit.headers import file_header, header
from console.errors import Refused
from jobs.models import ChangeRequest, Job
from jobs.services import NewJob, ask_for_change, attach_file, past_cutoff, update_job
from portal_site import access
from portal_site.access import portal_page
from portal_site.context import MENU_HOLDS
from portal_site.forms import ChangeForm
from portal_site.job_forms import JobForm, OrderForm, again, starting_place
from portal_site.middleware import MAY_ASK_WHERE
from portal_site.ordering import USE, order_jobs
from templates_app.choices import FieldKind
from templates_app.models import JobTemplate


@require_safe
@portal_page(permission="create_jobs")
def choose_kind(request: HttpRequest) -> HttpResponse:
    """What she wants done; straight on when there is one kind."""
    kinds = list(access.templates(request))
    if len(kinds) == 1:
        return redirect("portal_site:new_job", slug=kinds[0].slug)
    return render(request, "portal_site/pages/choose_kind.html", {"kinds": kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(permission="create_jobs")
def new_job(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a kind of job, and the order."""
    template = access.template_or_404(request, slug)
    customers = list(access.customers_allowing(request, "create_jobs")[: MENU_HOLDS + 1])
    if not customers:
        # She may for somebody, but not for the account she switched to.
        messages.info(request, _("You cannot ask for jobs for this account. Choose another one."))
        return redirect("portal_site:accounts")
    if len(customers) > MENU_HOLDS:
        messages.info(request, _("First choose for which account."))
        return redirect(f"{reverse('portal_site:accounts')}?{urlencode({'next': request.get_full_path()})}")
    places = access.places(request, customers)
    form = OrderForm(
        template.field_definitions(),
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        customers=customers,
        places=places,
        asks_start=_may_for_any(request, "request_start_time", customers),
        many=_may_for_any(request, "create_many_jobs", customers),
        **_beginning(request, template, customers, places),
    )
    if form.is_valid():
        job = _order(request, template, form)
        if job is not None:
            messages.success(request, _("Thank you. We have your request and will tell you the time."))
            return redirect("portal_site:job", number=job.number)
    if form.is_bound:
        form.mention_lost_files()
    context = {"form": form, "template": template, "steps": access.shown_steps(template)}
    return _with_place(render(request, "portal_site/pages/new_job.html", context))


def _with_place(response: HttpResponse) -> HttpResponse:
    """A page that may ask the device where it is, once she presses the button."""
    response["Permissions-Policy"] = MAY_ASK_WHERE
    return response


def _may_for_any(request: HttpRequest, code: str, customers: list[Customer]) -> bool:
    return any(access.may(request, code, customer) for customer in customers)


def _beginning(
    request: HttpRequest, template: JobTemplate, customers: list[Customer], places: list[Location]
) -> dict[str, Any]:
    number = request.GET.get("again")
    if not number or request.method == "POST":
        return {}
    old = access.job_or_404(request, number)
    if old.template_id != template.pk:
        raise Http404
    open_to_her = {
        field.key for field in old.fields() if field.may_be_set("portal_use") and field.kind != FieldKind.FILE
    }
    values = {key: value for key, value in old.values.items() if key in open_to_her}
    return {"initial": again(old, customers, places), "values": values}


def _order(request: HttpRequest, template: JobTemplate, form: OrderForm) -> Job | None:
    customer = form.chosen_customer()
    if customer is None:
        form.add_error("account", _("Please choose the account."))
        return None
    # The form was offered for some customer; the rule is asked for this one, and for this kind of job.
    wanted = SimpleNamespace(customer_id=customer.pk, template_id=template.pk)
    access.insist(request, "create_jobs", wanted)
    said = form.cleaned_data
    copies, start = said.get("copies") or 1, said.get("requested_start")
    if copies > 1 and not access.may(request, "create_many_jobs", customer):
        form.add_error("copies", _("For this account you can ask for one job at a time."))
        return None
    if start is not None and not access.may(request, "request_start_time", customer):
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
        return order_jobs(new, by=request.user, once=said["once"], copies=copies, files=form.checked_files)
    except ValidationError as problems:
        form.add_problems(problems)
    except Refused as refusal:
        form.add_error(None, str(refusal))
    return None


@require_http_methods(["GET", "HEAD", "POST"])
@portal_page(permission="view_jobs")
def edit_job(request: HttpRequest, number: str) -> HttpResponse:
    """Changes a job before the cut-off; after it, leaves a request."""
    found = access.job_or_404(request, number)
    return editing(request, found, reverse("portal_site:job", args=[found.number]))


def editing(request: HttpRequest, job: Job, back: str) -> HttpResponse:
    """The page that changes a job, or asks the office to. For a portal user and for a guest alike."""
    access.insist(request, "edit_jobs", job)
    if not job.is_open:
        messages.info(request, _("%s is over: there is nothing to change.") % job.number)
        return redirect(back)
    if past_cutoff(job, "change", access.settings(request)):
        return _ask_for_change(request, job, back)
    someone = access.person(request)
    # A guest learns no address of the customer's but the one on her job.
    places = access.places(request, [job.customer]) if someone else [job.location] if job.location else []
    posted = request.method == "POST"
    form = JobForm(
        job.field_definitions(),
        request.POST if posted else None,
        request.FILES if posted else None,
        values=job.values,
        customers=[job.customer],
        places=places,
        asks_start=access.may(request, "request_start_time", job) and job.planned_start is None,
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
            _change(request, job, form, by=someone.user if someone else None)
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


def _as_it_is(job: Job, places: list[Location]) -> dict[str, Any]:
    return starting_place(job, places) | {
        "contact_name": job.contact_name,
        "contact_phone": job.contact_phone,
        "contact_email": job.contact_email,
        "requested_start": timezone.localtime(job.requested_start) if job.requested_start else None,
    }


def seen(job: Job) -> str:
    """A fingerprint of what the form shows, to notice that somebody else was faster."""
    shown = [job.values, job.location_id, job.address, str(job.latitude), str(job.longitude)]
    shown += [job.contact_name, job.contact_phone, job.contact_email]
    words = json.dumps([*shown, str(job.requested_start), job.status], sort_keys=True)
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def _change(request: HttpRequest, job: Job, form: JobForm, *, by: Any) -> None:
    said = form.cleaned_data
    changes: dict[str, Any] = {name: said[name] for name in ("contact_name", "contact_phone", "contact_email")}
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


def _position_of(job: Job) -> tuple[Any, Any] | None:
    return None if job.latitude is None else (job.latitude, job.longitude)


def _ask_for_change(request: HttpRequest, job: Job, back: str) -> HttpResponse:
    form = ChangeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        someone = access.person(request)
        by = someone.user if someone else None
        try:
            ask_for_change(job, by=by, kind=ChangeRequest.Kind.CHANGE, reason=form.cleaned_data["words"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("We have your request. Nothing is changed yet: we will answer you."))
            return redirect(back)
    hours = access.settings(request).change_cutoff_hours
    context = {"form": form, "job": job, "back": back, "hours": hours}
    return render(request, "portal_site/pages/ask_for_change.html", context)


@require_safe
@portal_page(permission="view_jobs")
def job_file(request: HttpRequest, number: str, reference: str) -> HttpResponse:
    """One file of a job."""
    return hand_out(access.job_or_404(request, number), reference)


def hand_out(job: Job, reference: str) -> Any:
    """A file's content, as the type that was found in it. Only what a field shows the customer; else 404."""
    shown = {field.key for field in job.fields() if field.is_shown_to_customers}
    file = next((f for f in access.files(job) if f.reference == reference and f.key in shown), None)
    if file is None or not file.content.storage.exists(file.content.name or ""):
        raise Http404
    response = FileResponse(file.content.open("rb"), content_type=header(file.kind))
    response["Content-Disposition"] = file_header(file.download_name, to_keep=not file.is_picture)
    # Should a browser see a page in it after all, that page may do nothing.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
