"""Who visits the companion site, what they may, and which records they may see.

No view of the companion site asks a model itself: it asks ``request.visitor``, and what comes back is what
``permissions.resolver`` allows this person, already narrowed. Strangers meet a 404, insiders without the right a 403.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from accounts.models import Customer, CustomerLink, Location, PortalUser, User, ViewAs
from accounts.models.customers import CustomerQuerySet
from billing.models import CustomerAccount, Invoice, Payment
from billing.querysets import InvoiceQuerySet, PaymentQuerySet
from business.models import PortalSettings
from jobs.models import ChangeRequest, Job, PortalLink
from jobs.querysets import JobQuerySet
from jobs.services import Place, positions_for
from permissions.resolver import OfCustomer, Rights, decide, guest_rights, rights_of
from portal_site import brand
from templates_app.models import JobTemplate

# The session's key of the customer a visitor switched to; absent: all of them.
ACCOUNT = "portal_account"
SEEN_EVERY = timedelta(minutes=5)
# More places than this are a heap on the map, and a long list beside it.
PLACES_SHOWN = 200


Record = Customer | OfCustomer


@dataclass(frozen=True)
class ListedJob:
    """A job as a list shows it, with the name of who comes, as far as the visitor may know."""

    job: Job
    worker: str


class PortalRequest(HttpRequest):
    """A request as the companion site's views get it: Django makes it, ``VisitorMiddleware`` adds the visitor."""

    visitor: Visitor
    htmx: HtmxDetails


class Visitor:
    """Who makes one request: a portal user, a guest at a portal link, staff, or nobody known.

    Each fact is read when it is first asked for, and once. Asking for a permission writes nothing.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._settings: PortalSettings | None = None
        self._rights: Rights | None = None
        # The portal link this request is made through; set by ``enter_by_link``.
        self.link: PortalLink | None = None
        # The portal user whom a member of staff sees the site as (portal_site.view_as).
        self.view_as: ViewAs | None = None

    # --- Who -----------------------------------------------------------------------------------------------

    @property
    def person(self) -> PortalUser | None:
        """The portal user who is signed in; None for a guest, for staff without a portal account, and for nobody."""
        user = self._request.user
        if not user.is_authenticated or self.link is not None:
            return None
        if self.view_as is not None:
            return self.view_as.portal_user
        found: PortalUser | None = getattr(user, "portal_user", None)
        return found

    @property
    def user(self) -> User | None:
        """The account of the portal user who acts; None for a guest."""
        person = self.person
        return None if person is None else person.user

    def require_person(self) -> PortalUser:
        """Return the portal user who is signed in. Raises PermissionDenied when there is none."""
        person = self.person
        if person is None:
            raise PermissionDenied
        return person

    @property
    def staff(self) -> User | None:
        """The member of staff who is signed in, as whoever they visit; None for everybody else."""
        user = self._request.user
        return user if user.is_authenticated and user.is_staff else None

    def require_login(self) -> User:
        """Return the account that is signed in, a portal user's or staff's. Raises PermissionDenied when none is."""
        user = self._request.user
        if not user.is_authenticated:
            raise PermissionDenied
        return user

    def enter_by_link(self, link: PortalLink) -> None:
        """From here on this request may do what a guest of that link may, whoever else is signed in."""
        self._rights = guest_rights(self.settings, link.job)
        self.link = link

    def note_visit(self) -> None:
        """Remember when the person was last here, to five minutes, and never staff in their place."""
        person, now = self.person, timezone.now()
        if person is None or self.staff is not None:
            return
        if person.last_seen_at is None or now - person.last_seen_at > SEEN_EVERY:
            PortalUser.objects.filter(pk=person.pk).update(last_seen_at=now)

    # --- What they may -------------------------------------------------------------------------------------

    @property
    def settings(self) -> PortalSettings:
        """The portal settings, read once per request."""
        known = self.known_settings
        if known is None:
            known = self._settings = PortalSettings.load()
        return known

    @property
    def known_settings(self) -> PortalSettings | None:
        """The portal settings if this request has read them already. Asks nothing."""
        return self._settings if self._rights is None else self._rights.settings

    @property
    def rights(self) -> Rights:
        """What this visitor may, read once per request in two queries. Raises PermissionDenied for nobody."""
        if self._rights is None:
            self._rights = rights_of(self.require_person())
        return self._rights

    def may(self, code: str, record: Record | None = None) -> bool:
        """May they do that (to this record; without one: for any customer)? Raises UnknownPermission."""
        return bool(decide(self.rights, code, record))

    def require(self, code: str, record: Record | None = None) -> None:
        """Raises PermissionDenied, with the reason for the log, unless they may."""
        decision = decide(self.rights, code, record)
        if not decision:
            raise PermissionDenied(f"{code}: {decision.decided_by}")

    # --- For whom ------------------------------------------------------------------------------------------

    def customers(self) -> CustomerQuerySet:
        """The customers they may act for, by name: those they are linked to, or all with *any_customer*.

        Archived ones too: what they have is seen as before. Whether one gets new jobs, the permission says.
        """
        everybody = Customer.objects.order_by("name", "id")
        return everybody if self.rights.acts_for_any_customer else everybody.filter(pk__in=self.rights.links)

    def customers_allowing(self, code: str) -> CustomerQuerySet:
        """The customers for whom they may do something, narrowed to the one they switched to."""
        found = self._allowing(code)
        return found if self.account is None else found.filter(pk=self.account.pk)

    def customers_to_manage(self) -> CustomerQuerySet:
        """The customers whose people they may remove, whichever they switched to; invite, to those not archived."""
        return self._allowing("manage_colleagues")

    def may_order(self) -> bool:
        """May they ask for a job, for the customer they switched to, or for any of theirs?"""
        return self.may("create_jobs", self.account)

    def only_archived(self) -> bool:
        """Is the customer they switched to, or each of theirs, archived: is nothing made there any more?"""
        archived = self.rights.archived_customers
        if self.account is not None:
            return self.account.pk in archived
        return (
            bool(self.rights.links) and not self.rights.acts_for_any_customer and self.rights.links.keys() <= archived
        )

    def _allowing(self, code: str) -> CustomerQuerySet:
        return self.customers().filter(self.rights.customers_allowing(code).condition("pk"))

    def colleagues(self) -> QuerySet[CustomerLink]:
        """The links of everybody to the customers they manage, by customer and name; removed people have none."""
        links = CustomerLink.objects.filter(customer__in=self.customers_to_manage().order_by().values("pk"))
        return links.select_related("portal_user__user", "customer").order_by(
            "customer__name", "portal_user__user__full_name"
        )

    @cached_property
    def account(self) -> Customer | None:
        """The customer they switched to, or None for all of them. A choice that is theirs no more counts as none."""
        chosen = self._request.session.get(ACCOUNT)
        return self.customers().filter(pk=chosen).first() if chosen else None

    def switch_account(self, customer: Customer | None) -> None:
        """Show one customer's records from now on, or all of them."""
        self._request.session.pop(ACCOUNT, None)
        if customer is not None:
            self._request.session[ACCOUNT] = customer.pk
        self.account = customer

    # --- Jobs and templates --------------------------------------------------------------------------------

    def jobs(self) -> JobQuerySet:
        """The jobs they may see, of the customer they switched to; with customer, template, location, worker loaded."""
        found = Job.objects.for_portal(self.rights).select_related("customer", "template", "location", "worker")
        return found if self.account is None else found.filter(customer=self.account)

    def listed(self, jobs: Iterable[Job]) -> list[ListedJob]:
        """Some of their jobs (worker loaded), each with who comes."""
        return [ListedJob(job, self.worker_name(job)) for job in jobs]

    def worker_name(self, job: Job) -> str:
        """Who comes to one of their jobs (worker loaded), as far as they may know; else empty."""
        return job.worker.name if job.worker and self.may("view_worker", job) else ""

    def job_or_404(self, number: str) -> Job:
        """One job, whichever customer they switched to; with all that its page shows loaded.

        Raises Http404 when there is none, or when it is not of their customers or templates; PermissionDenied when it
        is, but they may not see jobs.
        """
        loaded = Job.objects.select_related("customer", "template", "blueprint", "location", "worker")
        job_unscoped: Job | None = loaded.filter(number=number).first()
        rights = self.rights
        if job_unscoped is None:
            raise Http404
        is_of_theirs = job_unscoped.customer_id in rights.links or rights.acts_for_any_customer
        if not is_of_theirs or job_unscoped.template_id not in rights.template_ids:
            raise Http404
        self.require("view_jobs", job_unscoped)
        return job_unscoped

    def order_or_404(self, number: str) -> Job:
        """One job of theirs with what it costs; raises as ``job_or_404`` does, and where they may not see invoices."""
        job = self.job_or_404(number)
        self.require("view_invoices", job)
        return job

    def jobs_on_map(self) -> tuple[list[Job], int]:
        """The next of their open jobs that they may see on the map (worker loaded), and how many more there are
        without a place. Of the customer they switched to."""
        on_map = self.rights.customers_allowing("view_map")
        found = self.jobs().open().filter(on_map.condition("customer")) if on_map else self.jobs().none()
        placed = found.filter(latitude__isnull=False, longitude__isnull=False).select_related("worker")
        shown = list(placed.order_by(F("planned_start").asc(nulls_last=True), "-id")[: PLACES_SHOWN + 1])
        return shown, found.filter(Q(latitude__isnull=True) | Q(longitude__isnull=True)).count()

    def worker_places(self, jobs: Sequence[Job]) -> dict[int, Place]:
        """Where the workers of some of their jobs are: {job key: place}, as coarsely as the settings say, of those
        whose worker they may see. One query."""
        metres = self.settings.worker_precision_metres
        return positions_for([job for job in jobs if self.may("view_worker", job)], metres=metres)

    def change_requests(self, *, since: datetime) -> QuerySet[ChangeRequest]:
        """Change requests about their jobs that the office has not answered yet, or answered after a moment (aware);
        newest first."""
        counts = Q(state=ChangeRequest.State.WAITING) | Q(answered_at__gt=since)
        return ChangeRequest.objects.filter(counts, job__in=self.jobs().order_by()).select_related("job__template")

    def templates(self) -> QuerySet[JobTemplate]:
        """The kinds of job they have, by name, archived ones too: those whose jobs they see."""
        return JobTemplate.objects.filter(pk__in=self.rights.template_ids).order_by("category", "name")

    def templates_to_order(self) -> QuerySet[JobTemplate]:
        """The kinds of job they may ask for, by name."""
        return self.templates().filter(pk__in=self.rights.templates.to_order)

    def template_or_404(self, slug: str) -> JobTemplate:
        """One kind of job they may ask for. Raises Http404."""
        return get_object_or_404(self.templates_to_order(), slug=slug)

    # --- Money ---------------------------------------------------------------------------------------------

    def invoices(self) -> InvoiceQuerySet:
        """The invoices they may see, of the customer they switched to; with customer loaded. Pending ones only where
        the business shows them."""
        found = Invoice.objects.for_portal(self.rights, with_pending=self.settings.show_pending_invoices)
        found = found.select_related("customer")
        return found if self.account is None else found.filter(customer=self.account)

    def invoice_or_404(self, address: str) -> Invoice:
        """One invoice by its number, or by its reference, whichever customer they switched to; with customer loaded.

        Raises Http404 when there is none, when it is not of their customers, or when it is pending and the business
        does not show those; PermissionDenied when it is theirs, but they may not see invoices.
        """
        asked_for = Q(number=address) | Q(reference=address)
        invoice_unscoped: Invoice | None = (
            Invoice.objects.select_related("customer", "location", "corrects").filter(asked_for).first()
        )
        rights = self.rights
        if invoice_unscoped is None:
            raise Http404
        if invoice_unscoped.customer_id not in rights.links and not rights.acts_for_any_customer:
            raise Http404
        if invoice_unscoped.is_pending and not self.settings.show_pending_invoices:
            raise Http404
        self.require("view_invoices", invoice_unscoped)
        return invoice_unscoped

    def corrections_of(self, invoice: Invoice) -> InvoiceQuerySet:
        """The credit notes of one of their invoices that they may see, oldest first."""
        found = Invoice.objects.for_portal(self.rights, with_pending=self.settings.show_pending_invoices)
        return found.filter(corrects=invoice).order_by("id")

    def money_accounts(self) -> dict[Customer, list[str]]:
        """The customers whose statement they may read, by name, and in which currencies they have accounts; of the one
        they switched to. No more than there is room to choose from."""
        allowed = self.customers_allowing("view_invoices").order_by().values("pk")
        accounts = CustomerAccount.objects.filter(customer__in=allowed).select_related("customer")
        found: dict[Customer, list[str]] = {}
        for account in accounts.order_by("customer__name", "customer")[:PLACES_SHOWN]:
            found.setdefault(account.customer, []).append(account.currency)
        return found

    def payments(self) -> PaymentQuerySet:
        """The payments they may see, of the customer they switched to; with customer loaded."""
        found = Payment.objects.for_portal(self.rights).select_related("customer")
        return found if self.account is None else found.filter(customer=self.account)

    def payment_or_404(self, reference: str) -> Payment:
        """One payment by its reference, whichever customer they switched to; with customer loaded.

        Raises Http404 when there is none, or when it is not of their customers; PermissionDenied when it is theirs, but
        they may not see invoices.
        """
        payment_unscoped: Payment | None = (
            Payment.objects.select_related("customer").filter(reference=reference).first()
        )
        rights = self.rights
        if payment_unscoped is None:
            raise Http404
        if payment_unscoped.customer_id not in rights.links and not rights.acts_for_any_customer:
            raise Http404
        self.require("view_invoices", payment_unscoped)
        return payment_unscoped

    def orders(self) -> JobQuerySet:
        """The jobs they may see with what they cost: of customers whose invoices they may see too."""
        return self.jobs().filter(self.rights.customers_allowing("view_invoices").condition("customer"))

    def places_of_invoices(self) -> list[Location]:
        """The places of the customers whose invoices they may see; none where there are too many to choose from."""
        customers = self.customers_allowing("view_invoices").order_by().values("pk")
        found = list(Location.objects.filter(customer__in=customers).order_by("street", "city")[: PLACES_SHOWN + 1])
        return found if len(found) <= PLACES_SHOWN else []


class VisitorMiddleware:
    """Puts the visitor on every request. Stands before whatever may answer with a page of the companion site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: PortalRequest) -> HttpResponseBase:
        visitor = request.visitor = Visitor(request)
        response = self.get_response(request)
        if visitor.known_settings is not None:
            brand.remember_card(visitor.known_settings)
        return response
