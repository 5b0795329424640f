"""The only door to records: no view of the companion site asks a model itself.

What comes through it is what ``permissions.resolver`` allows this person, already narrowed. Strangers meet a 404,
insiders without the right a 403.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.crypto import constant_time_compare
from django_htmx.http import HttpResponseClientRedirect

from accounts.choices import PortalUserState
from accounts.models import Customer, CustomerLink, Location, PortalUser
from alerts.models import JobAlert
from audit.masking import holds_token
from business.models import PortalSettings
from jobs.models import CancellationReason, ChangeRequest, Job, JobEvent, JobFile
from jobs.querysets import JobQuerySet
from jobs.services import Place, positions_for
from permissions.resolver import Rights, decide, rights_of
from portal_site import brand
from portal_site.models import Knock, Submission
from templates_app.choices import Use
from templates_app.models import JobTemplate

# The session's key of the account she switched to; absent: all of them.
ACCOUNT = "portal_account"
SEEN_EVERY = timedelta(minutes=5)


# --- Who ---------------------------------------------------------------------------------------------------


def person(request: HttpRequest) -> PortalUser | None:
    """The portal user who is signed in, or None: a visitor, a guest, a member of staff without a portal account."""
    if not request.user.is_authenticated or guest_link(request) is not None:
        return None
    look = getattr(request, "_view_as", None)
    if look is not None:
        # A member of staff looks through this person's eyes (portal_site.view_as).
        return look.portal_user  # type: ignore[no-any-return]
    return getattr(request.user, "portal_user", None)


def guest_link(request: HttpRequest) -> Any:
    """The portal link this request is made through, or None."""
    return getattr(request, "_guest_link", None)


def enter_as_guest(request: HttpRequest, link: Any, rights: Rights) -> None:
    """From here on this request may do what a guest of that link may, whoever else is signed in."""
    request._guest_link, request._portal_rights = link, rights  # type: ignore[attr-defined]


def rights(request: HttpRequest) -> Rights:
    """What this person may, read once per request in two queries. Raises PermissionDenied for nobody."""
    found: Rights | None = getattr(request, "_portal_rights", None)
    if found is None:
        someone = person(request)
        if someone is None:
            raise PermissionDenied
        found = request._portal_rights = rights_of(someone)  # type: ignore[attr-defined]
        brand.remember(found.settings)
    return found


def settings(request: HttpRequest) -> PortalSettings:
    """The portal settings, read once per request."""
    known: Rights | None = getattr(request, "_portal_rights", None)
    if known is not None:
        return known.settings
    found: PortalSettings | None = getattr(request, "_portal_settings", None)
    if found is None:
        found = request._portal_settings = PortalSettings.load()  # type: ignore[attr-defined]
        brand.remember(found)
    return found


def may(request: HttpRequest, code: str, record: Any = None) -> bool:
    """May she do that (to this record)? Raises UnknownPermission."""
    return bool(decide(rights(request), code, record))


def insist(request: HttpRequest, code: str, record: Any = None) -> None:
    """Raises PermissionDenied, with the reason for the log, unless she may."""
    decision = decide(rights(request), code, record)
    if not decision:
        raise PermissionDenied(f"{code}: {decision.source}")


# --- Which records -----------------------------------------------------------------------------------------


def customers(request: HttpRequest) -> Any:
    """The customers she may act for, by name: those she is linked to, or all with *any_customer*."""
    known = rights(request)
    current = Customer.objects.current().order_by("name", "id")
    return current if known.acts_for_any_customer else current.filter(pk__in=known.links)


def customers_to_manage(request: HttpRequest) -> Any:
    """The customers whose people she may invite and remove."""
    return customers(request).filter(rights(request).customers_allowing("manage_colleagues").condition("pk"))


def colleagues(request: HttpRequest) -> Any:
    """The links of everybody to the customers she manages, by customer and name; removed people have none."""
    links = CustomerLink.objects.filter(customer__in=customers_to_manage(request).order_by().values("pk"))
    return links.select_related("portal_user__user", "customer").order_by(
        "customer__name", "portal_user__user__full_name"
    )


def account(request: HttpRequest) -> Customer | None:
    """The customer she switched to, or None for all of them. A choice that is no longer hers counts as none."""
    if not hasattr(request, "_portal_account"):
        chosen = request.session.get(ACCOUNT)
        found = customers(request).filter(pk=chosen).first() if chosen else None
        request._portal_account = found  # type: ignore[attr-defined]
    return request._portal_account  # type: ignore[attr-defined]


def switch_account(request: HttpRequest, customer: Customer | None) -> None:
    """Shows her one customer's records from now on, or all of them."""
    request.session.pop(ACCOUNT, None)
    if customer is not None:
        request.session[ACCOUNT] = customer.pk
    request._portal_account = customer  # type: ignore[attr-defined]


def jobs(request: HttpRequest, *, all_accounts: bool = False) -> JobQuerySet:
    """The jobs she may see, of the account she switched to; with customer, template, location and worker loaded."""
    found = Job.objects.for_portal(rights(request)).select_related("customer", "template", "location", "worker")
    chosen = None if all_accounts else account(request)
    return found if chosen is None else found.filter(customer=chosen)


def with_workers(request: HttpRequest, found: Iterable[Job]) -> list[Job]:
    """Some jobs that came through this door, each with ``shown_worker``: who comes, as far as she may know."""
    known, rows = rights(request), list(found)
    for job in rows:
        job.shown_worker = job.worker.name if job.worker and decide(known, "view_worker", job) else ""  # type: ignore[attr-defined]
    return rows


def job_or_404(request: HttpRequest, number: str) -> Job:
    """One job, whichever account she switched to.

    Raises Http404 when there is none, or when it is not of her customers or templates; PermissionDenied when it is,
    but she may not see jobs.
    """
    loaded = Job.objects.select_related("customer", "template", "blueprint", "location", "worker")
    job_unscoped = loaded.filter(number=number).first()
    known = rights(request)
    if job_unscoped is None:
        raise Http404
    hers = job_unscoped.customer_id in known.links or known.acts_for_any_customer
    if not hers or job_unscoped.template_id not in known.template_ids:
        raise Http404
    insist(request, "view_jobs", job_unscoped)
    return job_unscoped


# More places than this are a heap on the map, and a long list beside it.
PLACES_SHOWN = 200


def jobs_on_map(request: HttpRequest) -> tuple[list[Job], int]:
    """The next of her open jobs that she may see on the map (worker loaded), and how many more there are without a
    place. Of the account she switched to."""
    on_map = rights(request).customers_allowing("view_map")
    found = jobs(request).open().filter(on_map.condition("customer")) if on_map else jobs(request).none()
    placed = found.filter(latitude__isnull=False, longitude__isnull=False).select_related("worker")
    shown = list(placed.order_by(F("planned_start").asc(nulls_last=True), "-id")[: PLACES_SHOWN + 1])
    return shown, found.filter(Q(latitude__isnull=True) | Q(longitude__isnull=True)).count()


def worker_places(request: HttpRequest, hers: Sequence[Job]) -> dict[int, Place]:
    """Where the workers of some jobs are that came through a door: {job key: place}, as coarsely as the settings say,
    of those whose worker she may see. One query."""
    metres = settings(request).worker_precision_metres
    return positions_for([job for job in hers if may(request, "view_worker", job)], metres=metres)


def events(job: Job) -> list[JobEvent]:
    """What happened to a job that came through this door, oldest first."""
    return list(job.events.all())


def change_requests(job: Job) -> list[ChangeRequest]:
    """What was asked of the office about a job that came through this door, newest first."""
    return list(job.change_requests.all())


def job_alerts(job: Job, *, by: Any) -> list[dict[str, Any]]:
    """The messages one person (None: guests) asked for about a job that came through this door, oldest first, each
    with the reference it is stopped by."""
    return [{"alert": one, "reference": _alert_seal(job, one.pk)} for one in JobAlert.objects.set_by(job, by)]


def job_alert_or_404(job: Job, *, by: Any, reference: str) -> JobAlert:
    """One of them. Raises Http404."""
    for one in JobAlert.objects.set_by(job, by):
        if constant_time_compare(_alert_seal(job, one.pk), reference):
            return one
    raise Http404


def _alert_seal(job: Job, key: int) -> str:
    return signing.Signer(salt=f"job-alert-{job.number}").signature(str(key))


def requests_that_matter(request: HttpRequest, *, since: datetime) -> Any:
    """Change requests about her jobs that the office has not answered yet, or answered after a moment (aware); newest
    first."""
    counts = Q(state=ChangeRequest.State.WAITING) | Q(answered_at__gt=since)
    return ChangeRequest.objects.filter(counts, job__in=jobs(request).order_by()).select_related("job__template")


def files(job: Job) -> list[JobFile]:
    """The files of a job that came through this door."""
    return list(job.files.all())


def customers_allowing(request: HttpRequest, code: str) -> Any:
    """The customers for whom she may do something, narrowed to the account she switched to."""
    found = customers(request).filter(rights(request).customers_allowing(code).condition("pk"))
    chosen = account(request)
    return found if chosen is None else found.filter(pk=chosen.pk)


def places(request: HttpRequest, whose: Sequence[Customer]) -> list[Location]:
    """The service addresses of some customers that came through this door."""
    return list(Location.objects.filter(customer__in=whose).order_by("customer__name", "name", "street"))


def templates(request: HttpRequest) -> Any:
    """The kinds of job she has, by name."""
    return JobTemplate.objects.current().filter(pk__in=rights(request).template_ids).order_by("category", "name")


def template_or_404(request: HttpRequest, slug: str) -> JobTemplate:
    """One kind of job she has. Raises Http404."""
    return get_object_or_404(templates(request), slug=slug)


def shown_steps(template: JobTemplate) -> list[str]:
    """The names of a template's steps that customers see, in order."""
    return list(template.steps.exclude(portal_use=Use.HIDDEN).values_list("name", flat=True))


def note_press(user: Any, token: str) -> Submission:
    """Remembers one press of a button. Raises IntegrityError for a press that is remembered already."""
    return Submission.objects.create(user=user, token=token)


def job_of_press(user: Any, token: str) -> Job | None:
    """The first job an earlier press of hers made."""
    press = Submission.objects.select_related("job").filter(user=user, token=token).first()
    return press.job if press else None


def count_knocks(purpose: str, keys: list[str], *, since: datetime) -> dict[str, int]:
    """Adds one knock for each key, forgets those of days ago, and says how many there were since (aware)."""
    Knock.objects.filter(at__lt=since - timedelta(days=1)).delete()
    Knock.objects.bulk_create(Knock(purpose=purpose, key=key) for key in keys)
    recent = Knock.objects.filter(purpose=purpose, key__in=keys, at__gt=since).values_list("key")
    return dict(recent.annotate(times=Count("pk")).order_by())


def cancellation_reasons() -> list[str]:
    """The reasons the office offers when a job is cancelled."""
    return list(CancellationReason.objects.filter(is_active=True).values_list("text", flat=True))


# --- Pages -------------------------------------------------------------------------------------------------

View = Callable[..., HttpResponseBase]


def portal_page(*, permission: str = "") -> Callable[[View], View]:
    """A page for a portal user who is signed in and active, while the portal is on.

    ``permission``: what she must be allowed for at least one customer; a page about one record asks again for it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            turned_away = _turned_away(request)
            if turned_away is not None:
                return turned_away
            if permission:
                insist(request, permission)
            _note_visit(request)
            response = view(request, *args, **kwargs)
            # What she saw is not for whoever uses this computer next.
            patch_cache_control(response, private=True, no_store=True)
            return response

        guarded.portal_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _turned_away(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(reverse("portal_site:login"))
        back = request.get_full_path()
        return redirect("portal_site:login") if holds_token(back) else redirect_to_login(back)
    someone = person(request)
    if someone is None:
        return render(request, "portal_site/pages/no_account.html", status=200 if request.user.is_staff else 403)
    if not rights(request).settings.portal_enabled:
        return portal_off(request)
    if not someone.is_active:
        staff = request.user.is_staff
        if not staff:
            # Suspension ends the session, not only the visit.
            logout(request)
        return suspended(request, someone, staff=staff)
    return None


def portal_off(request: HttpRequest) -> HttpResponse:
    """The page of a portal that is switched off."""
    return render(request, "portal_site/pages/portal_off.html", status=403)


def suspended(request: HttpRequest, someone: PortalUser, *, staff: bool = False) -> HttpResponse:
    """The page of somebody who may not come in, or not yet."""
    waiting = someone.state in (PortalUserState.INVITED, PortalUserState.AWAITING)
    return render(request, "portal_site/pages/suspended.html", {"waiting": waiting, "is_staff": staff}, status=403)


def _note_visit(request: HttpRequest) -> None:
    """Remembers when she was last here, to five minutes, and never a colleague from the office in her place."""
    someone, now = person(request), timezone.now()
    if someone is None or request.user.is_staff:
        return
    if someone.last_seen_at is None or now - someone.last_seen_at > SEEN_EVERY:
        PortalUser.objects.filter(pk=someone.pk).update(last_seen_at=now)
