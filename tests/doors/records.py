"""A maker for every kind of record that keeps history: what it needs, how one is made, how it is changed.

A new kind is named by ``tests/doors/test_take_back_table.py`` until it has one here.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from accounts.models import User
from billing.models import BillingSettings
from business.models import PortalSettings
from jobs.models import JobFile
from jobs.services import NewJob, create_job

_count = itertools.count(1)


def number() -> int:
    """Return a number nobody has."""
    return next(_count)


def model_of(label: str) -> type[models.Model]:
    return apps.get_model(label)


@dataclass(frozen=True)
class Maker:
    """``needs``: {foreign key: kind of what it refers to}, made first. ``build``: makes one of values, of which some
    are given. ``change``: {field: another value}. ``lists``: {many-to-many field: kind}. ``variants``: other values for
    the rule of uniqueness with that name, where it holds only among some."""

    build: Callable[[Mapping[str, Any]], models.Model]
    change: Mapping[str, Any] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    variants: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def plain(label: str, /, **values: Any) -> Callable[[Mapping[str, Any]], models.Model]:
    """Make records of a kind by saving them; a function among the values is called for each."""

    def build(given: Mapping[str, Any]) -> models.Model:
        made = {name: value() if callable(value) else value for name, value in values.items()}
        return model_of(label)._base_manager.create(**(made | dict(given)))

    return build


def named(word: str) -> Callable[[], str]:
    return lambda: f"{word} {number()}"


def later() -> Any:
    return timezone.now() + timedelta(days=3)


def _user(given: Mapping[str, Any]) -> models.Model:
    values = {"email": f"person{number()}@harbour.example", "full_name": f"Person {number()}", "is_staff": True}
    return User.objects.create_user(**(values | dict(given)))


def _job(given: Mapping[str, Any]) -> models.Model:
    job = create_job(NewJob(customer=given["customer"], external_id=f"X-{number()}"), by=None)
    for name, value in given.items():
        setattr(job, name, value)
    job.save()
    return job


def _file(given: Mapping[str, Any]) -> models.Model:
    values = {"name": f"photo{number()}.png", "kind": "image/png", "size": 3} | dict(given)
    file = JobFile(**values)
    file.content.save("photo.png", ContentFile(b"abc"), save=False)
    file.save()
    return file


def _settings(given: Mapping[str, Any]) -> models.Model:
    settings = PortalSettings.load()
    settings.save()
    return settings


def _billing_settings(given: Mapping[str, Any]) -> models.Model:
    settings = BillingSettings.load()
    settings.save()
    return settings


def _grant(label: str, codename: str) -> Callable[[Mapping[str, Any]], models.Model]:
    return plain(label, permission=lambda: Permission.objects.get(codename=codename))


def _refund(given: Mapping[str, Any]) -> models.Model:
    values = dict(given) | ({"payment": None} if given.get("credit_note") else {})
    return plain("billing.Refund", currency="EUR", amount="10.00", on=date(2026, 3, 4), state="pending")(values)


def _another(codename: str) -> Callable[[], Any]:
    return lambda: Permission.objects.get(codename=codename)


def _either(label: str, one: str, other: str, **values: Any) -> Callable[[Mapping[str, Any]], models.Model]:
    """A record that refers to one of two: to the other where that is given."""
    build = plain(label, **values)

    def choose(given: Mapping[str, Any]) -> models.Model:
        return build({**given, one: None} if given.get(other) is not None else given)

    return choose


CUSTOMER, PERSON, USER = "accounts.Customer", "accounts.PortalUser", "accounts.User"
JOB, TEMPLATE, WORKER, PLACE = "jobs.Job", "templates_app.JobTemplate", "accounts.Worker", "accounts.Location"
LABEL, INVOICE, TAX = "accounts.Label", "billing.Invoice", "billing.TaxCode"
PAYMENT = "billing.Payment"

MAKERS: dict[str, Maker] = {
    LABEL: Maker(plain(LABEL, name=named("Label")), {"name": named("Renamed")}),
    CUSTOMER: Maker(
        plain(CUSTOMER, name=named("Customer"), external_id=named("C")),
        {"name": named("Renamed")},
        lists={"labels": LABEL},
    ),
    "accounts.Contact": Maker(
        plain("accounts.Contact", name=named("Contact"), is_site_contact=True, is_billing_contact=True),
        {"name": named("Renamed")},
        {"customer": CUSTOMER},
    ),
    PLACE: Maker(plain(PLACE, street=named("Mill Lane")), {"street": named("Moved")}, {"customer": CUSTOMER}),
    USER: Maker(_user, {"full_name": named("Renamed")}, lists={"groups": "auth.Group"}),
    PERSON: Maker(plain(PERSON, state="active"), {"company": named("Company")}, {"user": USER}),
    WORKER: Maker(
        plain(WORKER, name=named("Worker"), external_id=named("W")), {"name": named("Renamed")}, {"user": USER}
    ),
    "accounts.CustomerLink": Maker(
        plain("accounts.CustomerLink"),
        {"created_at": lambda: timezone.now() - timedelta(days=9)},
        {"portal_user": PERSON, "customer": CUSTOMER},
    ),
    "accounts.Invitation": Maker(
        plain("accounts.Invitation", expires_at=later), {"withdrawn_at": timezone.now}, {"user": USER}
    ),
    "accounts.ViewAs": Maker(
        plain("accounts.ViewAs"), {"ended_at": timezone.now}, {"staff": USER, "portal_user": PERSON}
    ),
    "business.Hold": Maker(
        plain("business.Hold", reason="by_hand", lost_until=timezone.now, is_open=False),
        {"numbers_skipped": number},
    ),
    "business.PortalSettings": Maker(_settings, {"portal_name": named("Harbour")}),
    "permissions.PermissionOverride": Maker(
        _either("permissions.PermissionOverride", "portal_user", "link", permission="view_jobs", effect="deny"),
        {"reason": named("Because")},
        {"portal_user": PERSON},
        variants={"one_override_per_link": {"link": "accounts.CustomerLink"}},
    ),
    "permissions.TemplateAccess": Maker(
        plain("permissions.TemplateAccess"), {"effect": "remove"}, {"portal_user": PERSON, "template": TEMPLATE}
    ),
    "auth.Group": Maker(plain("auth.Group", name=named("Role")), {"name": named("Renamed")}),
    "permissions.CustomerGrant": Maker(
        _grant("permissions.CustomerGrant", "view_customer"),
        {"permission": _another("change_customer")},
        {"user": USER, "content_object": CUSTOMER},
    ),
    "permissions.TemplateGrant": Maker(
        _grant("permissions.TemplateGrant", "view_jobtemplate"),
        {"permission": _another("change_jobtemplate")},
        {"user": USER, "content_object": TEMPLATE},
    ),
    "permissions.PortalUserGrant": Maker(
        _grant("permissions.PortalUserGrant", "view_portaluser"),
        {"permission": _another("change_portaluser")},
        {"user": USER, "content_object": PERSON},
    ),
    TEMPLATE: Maker(
        plain(TEMPLATE, name=named("Template")), {"description": named("Words")}, {"worker": WORKER}, {"labels": LABEL}
    ),
    "templates_app.TemplateStep": Maker(
        plain("templates_app.TemplateStep", name=named("Step"), key=lambda: f"step_{number()}"),
        {"name": named("Renamed")},
        {"template": TEMPLATE},
    ),
    "templates_app.TemplateField": Maker(
        plain("templates_app.TemplateField", label=named("Field"), key=lambda: f"field_{number()}"),
        {"help": named("Help")},
        {"template": TEMPLATE},
    ),
    "jobs.CancellationReason": Maker(
        plain("jobs.CancellationReason", text=named("Reason")), {"text": named("Other reason")}
    ),
    JOB: Maker(_job, {"notes": named("Notes")}, {"customer": CUSTOMER, "location": PLACE, "worker": WORKER}),
    "jobs.ChangeRequest": Maker(
        plain("jobs.ChangeRequest", kind="change", reason=named("Please")),
        {"answer": named("Yes")},
        {"job": JOB, "asked_by": USER},
    ),
    "jobs.JobFile": Maker(_file, {"name": named("Renamed")}, {"job": JOB, "added_by": USER}),
    "jobs.PortalLink": Maker(
        plain("jobs.PortalLink"), {"revoked_at": timezone.now}, {"job": JOB}
    ),
    "jobs.Series": Maker(
        plain(
            "jobs.Series",
            name=named("Series"),
            rules=[{"kind": "week", "every": 1, "on": ["mo"]}],
            starts_on=date(2026, 1, 5),
            settled_until=date(2026, 1, 1),
        ),
        {"name": named("Renamed")},
        {"customer": CUSTOMER, "template": TEMPLATE, "location": PLACE, "worker": WORKER},
    ),
    "jobs.Occurrence": Maker(
        plain("jobs.Occurrence", on=lambda: date(2026, 1, 5) + timedelta(days=number())),
        {"made_at": timezone.now},
        {"series": "jobs.Series", "job": JOB},
    ),
    "accounts.ApiToken": Maker(
        _either(
            "accounts.ApiToken",
            "user",
            "worker",
            name=named("Token"),
            prefix="portico_abcd",
            digest=lambda: f"{number():064d}",
            expires_at=later,
        ),
        {"revoked_at": timezone.now},
        {"user": USER},
    ),
    "alerts.Alert": Maker(
        plain("alerts.Alert", name=named("Alert"), event="job.created", subject="s", message="m", sms_text="t"),
        {"name": named("Renamed")},
        lists={"templates": TEMPLATE, "customers": CUSTOMER, "labels": LABEL, "staff": USER},
    ),
    "alerts.JobAlert": Maker(
        plain("alerts.JobAlert", channel="email", address=lambda: f"pat{number()}@acme.example"),
        {"on_started": True},
        {"job": JOB, "made_by": USER},
    ),
    "alerts.MessageStop": Maker(
        plain("alerts.MessageStop", address=lambda: f"pat{number()}@acme.example"),
        {"made_at": timezone.now},
        {"job": JOB},
        variants={"one_stop_for_all": {"job": None}},
    ),
    TAX: Maker(
        plain(TAX, name="VAT", code=lambda: f"tax-{number()}", country="DE", category="S"),
        {"name": named("Tax")},
        variants={"one_tax_of_each_kind": {"tax_class": "standard"}},
    ),
    "billing.TaxRate": Maker(
        plain("billing.TaxRate", percent="19.00", valid_from=lambda: date(2020, 1, 1) + timedelta(days=number())),
        {"percent": "20.00"},
        {"tax_code": TAX},
    ),
    "billing.NumberSeries": Maker(
        plain(
            "billing.NumberSeries",
            name=named("Series"),
            kind="invoice",
            pattern=lambda: f"X{number()}-{{number}}",
            restarts_yearly=False,
        ),
        {"name": named("Renamed")},
        variants={"one_default_series": {"is_default": True}},
    ),
    "billing.BillingSettings": Maker(_billing_settings, {"seller_name": named("Harbour")}),
    "billing.BillingProfile": Maker(
        plain("billing.BillingProfile", street=named("Lane"), city="Hamburg"),
        {"street": named("Moved")},
        {"customer": CUSTOMER},
    ),
    INVOICE: Maker(
        plain(INVOICE, currency="EUR"), {"po_number": named("PO")}, {"customer": CUSTOMER, "location": PLACE}
    ),
    PAYMENT: Maker(
        plain(PAYMENT, currency="EUR", amount="10.00", on=lambda: date(2026, 3, 4), state="pending"),
        {"their_reference": named("Cheque")},
        {"customer": CUSTOMER},
    ),
    "billing.Refund": Maker(
        _refund,
        {"reason": named("Reason")},
        {"customer": CUSTOMER, "payment": PAYMENT},
    ),
    "billing.WriteOff": Maker(
        plain("billing.WriteOff", currency="EUR", amount="10.00", on=lambda: date(2026, 3, 4), state="pending"),
        {"reason": named("Reason")},
        {"customer": CUSTOMER, "invoice": INVOICE},
    ),
    "billing.InvoiceLine": Maker(
        plain("billing.InvoiceLine", position=number, description=named("Line"), unit_price="1.0000"),
        {"description": named("Renamed")},
        {"invoice": INVOICE, "tax_code": TAX, "job": JOB},
    ),
    "imports.ImportMapping": Maker(
        plain("imports.ImportMapping", name=named("Mapping")), {"name": named("Renamed")}, {"saved_by": USER}
    ),
    "imports.ImportRun": Maker(
        plain("imports.ImportRun", file_name=named("file"), digest="0" * 64, file="imports/none.csv"),
        {"problem": named("Problem")},
        {"uploaded_by": USER},
    ),
}  # fmt: skip


def parents_of(label: str) -> dict[str, Any]:
    """Return what a record of that kind needs, made anew."""
    return _needed(MAKERS[label].needs, {})


def _needed(needs: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """What is needed besides what is given; the location is one of the customer's."""
    found: dict[str, Any] = {}
    if "location" in given and "customer" in needs and "customer" not in given:
        found["customer"] = given["location"].customer
    for name, kind in needs.items():
        if name in given or name in found:
            continue
        whose = found.get("customer", given.get("customer"))
        found[name] = make(kind, customer=whose) if name == "location" and whose is not None else make(kind)
    return found


def make(label: str, /, **given: Any) -> Any:
    """Return a new record of a kind, with all it needs; ``given``: some of its values."""
    maker = MAKERS[label]
    lists = {name: given.pop(name) for name in list(given) if name in maker.lists}
    record = maker.build({**_needed(maker.needs, given), **given})
    for name, others in lists.items():
        getattr(record, name).set(others)
    return record


def changed(label: str, record: Any) -> None:
    """Change one field of a record."""
    for name, value in MAKERS[label].change.items():
        setattr(record, name, value() if callable(value) else value)
    record.save()
