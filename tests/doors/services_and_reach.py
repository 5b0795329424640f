"""Every service that changes a record, with what is refused to somebody who is limited to granted records.

A case makes what the service is about (as Olivia, without limits) and gives the call. All of it belongs to Acme and is
of the template "Skip exchange", but for ``bare`` and ``plain``, on which nothing hangs.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts import services as accounts
from accounts.contact_changes import ContactChange, ContactFacts
from accounts.models import Contact, Customer, CustomerLink, Location, PortalUser
from accounts.services import customer_sheets, named_customers, two_factor
from accounts.services.customer_sheets import CustomerSheet
from accounts.services.named_customers import NewCustomer
from alerts import services as alerts
from alerts.models import Alert, Delivery
from alerts.subjects import JobSubject
from alerts.tokens import Facts
from audit.act import acting
from business.models import PortalSettings
from console.errors import NotAllowed
from imports import services as imports
from imports.models import ImportRun
from jobs import services as jobs
from jobs.models import ChangeRequest, Job, PortalLink, Series
from jobs.services import contacts
from jobs.services.returning import replace_lost_links
from permissions import services as rights
from permissions.models import TemplateAccess
from permissions.services import inviting_many, merging
from templates_app import services as templates
from templates_app.models import JobTemplate
from tests.alerts.makers import make_alert
from tests.factories import make_customer, make_job, make_portal_user, make_template

# Whether it is done for somebody who was granted another record, a view of this one, work with this one.
GRANTED, SEEN, NEVER, ALWAYS = "nny", "nyy", "nnn", "yyy"
Call = Callable[[Any], Any]


class Stage:
    """What the cases are about; each makes only what it asks for."""

    def __init__(self, cast: Any) -> None:
        self.cast, self.olivia = cast, cast.olivia
        self.acme = Customer.objects.get(pk=cast.acme.pk)
        self.bare, self.other = make_customer("Bare Ltd"), cast.birch
        self.exchange = JobTemplate.objects.get(pk=cast.exchange.pk)
        self.plain, self.inspection = make_template("Plain", is_portal_default=False), cast.inspection
        self.soon = timezone.now() + timedelta(days=1)

    def job(self, **facts: Any) -> Job:
        return make_job(self.acme, self.exchange, by=self.olivia, **facts)

    def done(self, service: Any, job: Job, **facts: Any) -> Job:
        service(job, by=self.olivia, **facts)
        return job

    def started(self) -> Job:
        return self.done(jobs.start_job, self.job())

    def link(self) -> PortalLink:
        return self.job().portal_links.get()

    def unlinked(self) -> Job:
        job = self.job()
        job.portal_links.all().delete()
        return job

    def file(self) -> Any:
        return jobs.attach_file(self.job(), PDF, by=self.olivia)

    def requested(self) -> ChangeRequest:
        kind = ChangeRequest.Kind.CHANGE
        return jobs.ask_for_change(self.job(), by=None, kind=kind, reason="Please")

    def series(self) -> Series:
        return jobs.create_series(self.series_facts(), by=self.olivia)

    def series_facts(self) -> dict[str, Any]:
        facts = {"name": f"Daily {uuid.uuid4()}", "customer": self.acme, "template": self.exchange}
        days = {"starts_on": timezone.localdate(), "rules": [{"kind": "day", "every": 1}], "create_days_ahead": 1}
        return facts | days

    def person(self, state: str = "active") -> PortalUser:
        return make_portal_user(f"{uuid.uuid4().hex[:8]}@example.com", self.acme, state=state)

    def link_of(self, person: PortalUser) -> CustomerLink:
        return person.links.get()

    def with_second_step(self) -> Any:
        user = self.person().user
        user.two_factor_since = timezone.now()
        user.save()
        return user

    def merged(self) -> Customer:
        """A customer that is granted like Acme, with a job."""
        make_job(self.bare, self.exchange)
        return self.bare

    def alert(self) -> Alert:
        return make_alert(customers=[self.acme], templates=[self.exchange])

    def message(self, state: str = "sent") -> Delivery:
        job = self.job()
        facts = {"customer": self.acme, "template": self.exchange, "channel": "email", "recipient": "pat@acme.example"}
        return Delivery.objects.create(job=job, about=job.number, body="Planned.", state=state, **facts)

    def act(self, service: Any, *args: Any, **facts: Any) -> uuid.UUID:
        """Does something in a request of its own; the request's id."""
        with acting(by=self.olivia, request_id=uuid.uuid4()) as act:
            service(*args, by=self.olivia, **facts)
        return act.request_id


PDF = jobs.check_file("plan.pdf", b"%PDF-1.4 a plan")
SHEET = CustomerSheet(fields={"notes": "Blue gate"}, site={"phone": "+49 151 5550133"})


@dataclass(frozen=True)
class Case:
    """``make``: from the stage to the call. ``customer``, ``template``: what is done for somebody limited by those."""

    make: Callable[[Stage], Call]
    customer: str = GRANTED
    template: str = ALWAYS


def of_job(make: Callable[[Stage], Call]) -> Case:
    """Hangs on a customer and on a template."""
    return Case(make, template=GRANTED)


def simple(service: Any, subject: Callable[[Stage], Any], **facts: Any) -> Callable[[Stage], Call]:
    """The usual form: a service of one record."""

    def make(stage: Stage) -> Call:
        record = subject(stage)
        return lambda by: service(record, by=by, **facts)

    return make


def about(subject: Callable[[Stage], Any], call: Callable[[Stage, Any, Any], Any]) -> Callable[[Stage], Call]:
    """``call``: of the stage, the record and whoever acts."""

    def make(stage: Stage) -> Call:
        record = subject(stage)
        return lambda by: call(stage, record, by)

    return make


def told(outcome: Any) -> None:
    """What is refused in the outcome rather than by an exception is refused too."""
    if not outcome:
        raise NotAllowed("nothing was done")


def _restored_customer(stage: Stage) -> Call:
    request = stage.act(customer_sheets.update_customer, stage.acme, SHEET)
    return lambda by: customer_sheets.restore_customer_before(stage.acme, request, by=by)


def _nora(stage: Stage) -> Call:
    nora = Contact(name="Nora North", email="nora@acme.example")
    return lambda by: accounts.change_contacts(stage.acme, saved=[nora], by=by)


def _followed(stage: Stage) -> Call:
    """A job whose contact changed meanwhile."""
    job = stage.job(contact_name="Sam", contact_email="sam@acme.example")
    change = ContactChange(ContactFacts("Sam", "sam@acme.example"), ContactFacts("Nora", "nora@acme.example"))
    return lambda by: told(contacts.change_contacts_of_jobs({job.customer_id: [change]}, by=by))


def _unfollowed(stage: Stage) -> Call:
    job = stage.job(contact_name="Sam", contact_email="sam@acme.example")
    request = stage.act(jobs.update_job, job, {"contact_email": "nora@acme.example"})
    return lambda by: told(contacts.restore_contacts_of_jobs([stage.acme.pk], request, by=by))


def _place(stage: Stage) -> Location:
    return Location.objects.create(customer=stage.acme, street="1 Mill Lane")


def _restored_job(stage: Stage) -> Call:
    job = stage.job()
    request = stage.act(jobs.update_job, job, {"notes": "Blue gate"})
    return lambda by: jobs.restore_before(job, request, by=by)


def _made_along(stage: Stage) -> Call:
    with acting(by=stage.olivia, request_id=uuid.uuid4()) as act:
        stage.bare = make_customer("Made along")
    return lambda by: told(named_customers.delete_unused_customers(act.request_id, by=by))


def _contact(stage: Stage) -> Call:
    contact = Contact.objects.get(customer=stage.acme)
    return lambda by: told(not inviting_many.invite_contacts([contact], by=by).skipped)


def _access(stage: Stage) -> Call:
    person = stage.person()
    return lambda by: rights.set_template_access(person, stage.plain, TemplateAccess.Effect.ADD, by=by)


def _skipped(stage: Stage) -> Call:
    series, day = stage.series(), timezone.localdate() + timedelta(days=5)
    jobs.skip_date(series, day, by=stage.olivia)
    return lambda by: jobs.unskip_date(series, day, by=by)


def _worker_token(stage: Stage) -> Call:
    token, _plain = accounts.make_token(name="Van", by=None, worker=stage.cast.theo)
    return lambda by: accounts.revoke_token(token, by=by)


def _templates_made(stage: Stage) -> Call:
    with acting(by=stage.olivia, request_id=uuid.uuid4()) as act:
        stage.plain = make_template("Named in a file", is_portal_default=False)
    return lambda by: told(templates.delete_unused_templates(act.request_id, by=by)[0])


def _archived(stage: Stage) -> JobTemplate:
    return templates.archive_template(stage.plain, by=stage.olivia)


def _bring_in(stage: Stage, customer: Customer) -> Customer:
    return accounts.archive_customer(customer, by=stage.olivia)


CASES: dict[str, Case] = {
    "save_customer": Case(simple(accounts.save_customer, lambda s: s.acme)),
    "change_contacts": Case(_nora),
    "save_location": Case(simple(accounts.save_location, _place)),
    "delete_location": Case(simple(accounts.delete_location, _place)),
    "archive_customer": Case(simple(accounts.archive_customer, lambda s: s.acme)),
    "restore_customer": Case(simple(accounts.restore_customer, lambda s: _bring_in(s, s.acme))),
    "delete_customer": Case(simple(accounts.delete_customer, lambda s: s.bare)),
    "enable_portal": Case(simple(rights.enable_portal, lambda s: s.acme, email="new@example.com"), template=SEEN),
    "create_customers": Case(lambda s: lambda by: customer_sheets.create_customers([SHEET], by=by), customer=NEVER),
    "update_customer": Case(lambda s: lambda by: customer_sheets.update_customer(s.acme, SHEET, by=by)),
    "delete_customers": Case(lambda s: lambda by: customer_sheets.delete_customers([s.bare], by=by)),
    "restore_customer_before": Case(_restored_customer),
    # A key to the companion site opens what its holder sees there: no more than whoever hands it out sees.
    "make_invitation": Case(simple(accounts.make_invitation, lambda s: s.person("invited").user), template=SEEN),
    "withdraw_invitations": Case(simple(accounts.withdraw_invitations, lambda s: s.person("invited").user)),
    "invite_contacts": Case(_contact, template=SEEN),
    "merge_customers": of_job(
        about(lambda s: s.merged(), lambda s, drop, by: merging.merge_customers(s.acme, drop, by=by))
    ),
    "find_or_create_customers": Case(
        lambda s: lambda by: named_customers.find_or_create_customers([NewCustomer("acme builders")], by=by)
    ),
    # What somebody was granted is not unused: their grant hangs on it.
    "delete_unused_customers": Case(_made_along, NEVER),
    "invite_portal_user": Case(
        lambda s: lambda by: rights.invite_portal_user(email="new@example.com", customers=[s.acme], by=by),
        template=SEEN,
    ),
    "save_portal_user": Case(
        simple(rights.save_portal_user, lambda s: s.person(), name="Colm", email="other@example.com"),
        template=SEEN,
    ),
    "link_customer": Case(lambda s: lambda by: rights.link_customer(s.cast.carl, s.acme, by=by), template=SEEN),
    "unlink_customer": Case(simple(rights.unlink_customer, lambda s: s.link_of(s.person()))),
    "suspend_portal_user": Case(simple(rights.suspend_portal_user, lambda s: s.person())),
    "reactivate_portal_user": Case(simple(rights.reactivate_portal_user, lambda s: s.person("suspended"))),
    "remove_portal_user": Case(simple(rights.remove_portal_user, lambda s: s.person())),
    "resend_invitation": Case(simple(rights.resend_invitation, lambda s: s.person("invited")), template=SEEN),
    "switch_off_for": Case(simple(two_factor.switch_off_for, lambda s: s.with_second_step(), reason="She rang.")),
    # To look through somebody's eyes takes no more than to see what they see.
    "start_view_as": Case(simple(rights.start_view_as, lambda s: s.person()), template=SEEN),
    # --- templates
    "save_template": Case(simple(templates.save_template, lambda s: s.plain), ALWAYS, GRANTED),
    "change_parts": Case(simple(templates.change_parts, lambda s: s.plain, saved=[]), ALWAYS, GRANTED),
    "copy_template": Case(simple(templates.copy_template, lambda s: s.plain, name="Copy"), ALWAYS, NEVER),
    "create_plain_templates": Case(
        lambda s: lambda by: templates.create_plain_templates(["New"], by=by), ALWAYS, NEVER
    ),
    "delete_unused_templates": Case(_templates_made, ALWAYS, NEVER),
    "archive_template": Case(simple(templates.archive_template, lambda s: s.plain), ALWAYS, GRANTED),
    "restore_template": Case(simple(templates.restore_template, _archived), ALWAYS, GRANTED),
    "delete_template": Case(simple(templates.delete_template, lambda s: s.plain), ALWAYS, GRANTED),
    # --- jobs
    "settle_address": of_job(simple(jobs.settle_address, lambda s: s.job(), address="1 Mill Lane", keep=True)),
    "update_job": of_job(
        about(lambda s: s.job(), lambda s, job, by: jobs.update_job(job, {"notes": "Blue gate"}, by=by))
    ),
    "change_contacts_of_jobs": of_job(_followed),
    "restore_contacts_of_jobs": of_job(_unfollowed),
    "ask_for_change": of_job(
        simple(jobs.ask_for_change, lambda s: s.job(), kind=ChangeRequest.Kind.CHANGE, reason="Later")
    ),
    "ask_to_cancel_job": of_job(simple(jobs.ask_to_cancel_job, lambda s: s.job(), reason="Rain")),
    "answer_change_request": of_job(simple(jobs.answer_change_request, lambda s: s.requested(), accept=True)),
    "delete_job": of_job(simple(jobs.delete_job, lambda s: s.job())),
    "create_job": of_job(lambda s: lambda by: jobs.create_job(jobs.NewJob(s.acme, s.exchange), by=by)),
    "create_jobs": of_job(lambda s: lambda by: jobs.create_jobs([jobs.NewJob(s.acme, s.exchange)], by=by)),
    "create_job_for": of_job(lambda s: lambda by: jobs.create_job_for(s.acme, {"template": s.exchange}, by=by)),
    "attach_file": of_job(about(lambda s: s.job(), lambda s, job, by: jobs.attach_file(job, PDF, by=by))),
    "remove_file": of_job(simple(jobs.remove_file, lambda s: s.file())),
    "schedule_job": of_job(about(lambda s: s.job(), lambda s, job, by: jobs.schedule_job(job, start=s.soon, by=by))),
    "unschedule_job": of_job(simple(jobs.unschedule_job, lambda s: s.job(planned_start=s.soon))),
    "assign_worker": of_job(
        about(lambda s: s.job(), lambda s, job, by: jobs.assign_worker(job, worker=s.cast.theo, by=by))
    ),
    "start_job": of_job(simple(jobs.start_job, lambda s: s.job())),
    "pause_job": of_job(simple(jobs.pause_job, lambda s: s.started())),
    "resume_job": of_job(simple(jobs.resume_job, lambda s: s.done(jobs.pause_job, s.started()))),
    "complete_step": of_job(
        about(lambda s: s.job(), lambda s, job, by: jobs.complete_step(job, job.steps()[0].key, by=by))
    ),
    "complete_job": of_job(simple(jobs.complete_job, lambda s: s.job())),
    "postpone_job": of_job(simple(jobs.postpone_job, lambda s: s.job(planned_start=s.soon))),
    "cancel_job": of_job(simple(jobs.cancel_job, lambda s: s.job(), reason="Rain")),
    "undo_cancel_job": of_job(simple(jobs.undo_cancel_job, lambda s: s.done(jobs.cancel_job, s.job(), reason="Rain"))),
    "revoke_portal_link": of_job(simple(jobs.revoke_portal_link, lambda s: s.link())),
    "reissue_portal_link": of_job(simple(jobs.reissue_portal_link, lambda s: s.link())),
    "replace_lost_links": of_job(simple(replace_lost_links, lambda s: s.unlinked())),
    "restore_before": of_job(_restored_job),
    "delete_jobs": of_job(about(lambda s: s.job().pk, lambda s, key, by: jobs.delete_jobs([key], by=by))),
    "create_series": of_job(lambda s: lambda by: jobs.create_series(s.series_facts(), by=by)),
    "update_series": of_job(
        about(lambda s: s.series(), lambda s, one, by: jobs.update_series(one, {"notes": "Ring"}, by=by))
    ),
    "pause_series": of_job(simple(jobs.pause_series, lambda s: s.series())),
    "resume_series": of_job(simple(jobs.resume_series, lambda s: jobs.pause_series(s.series(), by=s.olivia))),
    "end_series": of_job(simple(jobs.end_series, lambda s: s.series())),
    "skip_date": of_job(
        about(
            lambda s: s.series(),
            lambda s, one, by: jobs.skip_date(one, timezone.localdate() + timedelta(days=5), by=by),
        )
    ),
    "unskip_date": of_job(_skipped),
    # A worker's token opens jobs of every customer and template.
    "make_token": Case(lambda s: lambda by: accounts.make_token(name="Van", by=by, worker=s.cast.theo), NEVER, NEVER),
    "revoke_token": Case(_worker_token, NEVER, NEVER),
    # --- messages
    "resend": of_job(simple(alerts.resend, lambda s: s.message())),
    "resend_uncertain": of_job(simple(alerts.resend_uncertain, lambda s: s.message(state="uncertain"))),
    "say_arrived": of_job(simple(alerts.say_arrived, lambda s: s.message(state="uncertain"))),
    "say_not_needed": of_job(simple(alerts.say_not_needed, lambda s: s.message(state="uncertain"), reason="rain")),
    "save_alert": of_job(simple(alerts.save_alert, lambda s: s.alert())),
    "delete_alert": of_job(simple(alerts.delete_alert, lambda s: s.alert())),
    "send_test": of_job(
        about(
            lambda s: (s.alert(), Facts(JobSubject(s.job()), PortalSettings.load())),
            lambda s, pair, by: alerts.send_test(*pair, by=by),
        )
    ),
    "switch_alert": of_job(simple(alerts.switch_alert, lambda s: s.alert(), to=False)),
    "install_default_alerts": Case(lambda s: lambda by: alerts.install_default_alerts(by=by), NEVER, NEVER),
    "lift_stop": of_job(simple(alerts.lift_stop, lambda s: alerts.stop_messages("pat@acme.example", job=s.job()))),
    # --- rights
    "set_override": Case(
        about(lambda s: s.person(), lambda s, person, by: rights.set_override(person, "view_map", "deny", by=by))
    ),
    "set_template_access": Case(_access, template=GRANTED),
    "set_only_listed_templates": Case(
        about(lambda s: s.person(), lambda s, person, by: rights.set_only_listed_templates(person, True, by=by))
    ),
    "grant": Case(lambda s: lambda by: rights.grant(s.cast.nell, s.acme, change=True, by=by)),
    "withdraw_grant": Case(lambda s: lambda by: rights.withdraw_grant(s.cast.nell, s.acme, by=by)),
    "set_default_templates": Case(
        lambda s: lambda by: rights.set_default_templates([s.exchange, s.plain], by=by), ALWAYS, GRANTED
    ),
}


# --- what belongs to one person: imports

FILE = "Order number,Service,Customer\n{0}-1,Skip exchange,Acme Builders\n{0}-2,Skip hire,Acme Builders\n"
COLUMNS = {"customer": {"fixed": "Acme Builders"}, "template": {"fixed": "Skip exchange"}}


def uploaded(by: Any) -> ImportRun:
    return imports.upload_file(ContentFile(FILE.format(by).encode(), name="jobs.csv"), by=by)


def mapped(by: Any) -> ImportRun:
    run = uploaded(by)
    return imports.set_mapping(run, imports.guess_mapping(run, by=by)[0], by=by)


def checked(by: Any) -> ImportRun:
    return imports.check_run(mapped(by), by=by)


def queued(by: Any) -> ImportRun:
    return imports.commit_run(checked(by), by=by)


def finished(by: Any) -> ImportRun:
    run = queued(by)
    imports.work_on_run(run.pk)
    return ImportRun.objects.get(pk=run.pk)


OWNED: dict[str, tuple[Callable[[Any], ImportRun], Callable[[ImportRun, Any], Any]]] = {
    "set_reading": (uploaded, lambda run, by: imports.set_reading(run, by=by, delimiter=",")),
    "set_mapping": (uploaded, lambda run, by: imports.set_mapping(run, COLUMNS, by=by)),
    "save_mapping": (mapped, lambda run, by: imports.save_mapping("Standard", run, by=by)),
    "map_value": (checked, lambda run, by: imports.map_value(run, "template", "Skip hire", "Skip exchange", by=by)),
    "read_as_saved": (checked, lambda run, by: imports.read_as_saved(run, by=by)),
    "accept_dates": (checked, lambda run, by: imports.accept_dates(run, "template", by=by)),
    "choose_format": (checked, lambda run, by: imports.choose_format(run, "repeats", "number", by=by)),
    "create_templates": (checked, lambda run, by: imports.create_templates(run, ["Skip hire"], by=by)),
    "start_check": (mapped, lambda run, by: imports.start_check(run, by=by)),
    "check_run": (mapped, lambda run, by: imports.check_run(run, by=by)),
    "commit_run": (checked, lambda run, by: imports.commit_run(run, by=by)),
    "cancel_run": (queued, lambda run, by: imports.cancel_run(run, by=by)),
    "delete_run": (uploaded, lambda run, by: imports.delete_run(run, by=by)),
    "start_undo": (finished, lambda run, by: imports.start_undo(run, by=by)),
}  # fmt: skip

# Whoever works only with certain templates makes none, whosever import it is.
NEVER_BY_TEMPLATE = {"create_templates"}


# --- what is not in the tables, and why

_ASKS = "asks, and changes nothing"
_ACCOUNT = "staff accounts: judged by what they may do and reach themselves (tests/accounts/test_staff.py)"
_WORKER = "workers belong to no customer and no template"
_SELF = "their own account"
_CLAIM = "goes on with a run that was asked about; its records are asked one by one (tests/imports/test_reach.py)"

EXCEPTIONS: dict[str, str] = {
    **dict.fromkeys(
        [
            "require_no_greater_account", "require_right_to_manage", "may_touch", "require_held_role", "accounts_for",
            "look_under_way", "may_hand_keys", "require_add_right", "require_change_right", "import_kind_of",
            "planner_of",
            "guess_mapping", "try_mapping", "undo_would_keep", "planned_rows", "may_create_templates", "column_names",
            "in_preparation", "require_reach_of_account", "locked", "jobs_to_change",
        ],
        _ASKS,
    ),
    **dict.fromkeys(
        ["invite_staff", "save_staff", "switch_off_staff", "switch_on_staff", "send_password_link"], _ACCOUNT
    ),
    **dict.fromkeys(["save_worker", "archive_worker", "restore_worker", "delete_worker"], _WORKER),
    **dict.fromkeys(
        ["choose_language", "choose_zone", "confirm_enrolment", "renew_recovery_codes", "switch_off", "end_view_as"],
        _SELF,
    ),
    **dict.fromkeys(["check_claimed", "report_on", "undo_run"], _CLAIM),
    **dict.fromkeys(["save_label", "delete_label", "labels_of_names"], "a label belongs to no customer"),
    "try_channel": "a channel belongs to no customer",
    "upload_file": "a run of their own",
    "send_invitation": "the second half of services that have asked",
    "release": "asks require_right_to_release: a right of its own, and sight of all (tests/recovery/test_decision.py)",
    "decide_messages": "the same",
    "require_right_to_release": "is that question",
    "doors_open": "counts what is open, by the right to close it",
    "may_close": "is that question",
    "save_portal_settings": "the settings belong to no customer and no template; a right of its own opens them",
    "give_role": "roles belong to no customer; accounts.services.staff asks who may give which",
    "take_role": "roles belong to no customer; accounts.services.staff asks who may take which",
    "save_role": "roles belong to no customer; nobody gives what they do not hold (tests/permissions)",
}  # fmt: skip
