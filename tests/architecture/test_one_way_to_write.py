"""A record with a story is written by the services of its noun, whatever the change comes by, and by nobody else.

Console, API, import, merge, seeding and demo: whoever passes them by leaves behind what follows from a change (search
texts, history reasons, reach, open jobs that name a contact). See docs/decisions/0122-services-of-nouns.md.
"""

from __future__ import annotations

import ast

import pytest
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin, ModelAdmin
from django.db import models
from django.test import RequestFactory

from accounts.models import Contact, Customer, CustomerLink, Label, Location, PortalUser, Worker
from alerts.models import Alert
from jobs.models import Job, Series
from templates_app.models import JobTemplate, TemplateField, TemplateStep
from tests.architecture.tree import Module, modules
from tests.architecture.writing import writes

# Where the services of a noun stand.
HOMES: dict[type[models.Model], tuple[str, ...]] = {
    Customer: ("accounts/services/",),
    Contact: ("accounts/services/",),
    Location: ("accounts/services/",),
    Label: ("accounts/services/",),
    Worker: ("accounts/services/workers.py",),
    # Her account and her invitation are the lower room's.
    PortalUser: ("permissions/services/", "accounts/services/invitations.py"),
    CustomerLink: ("permissions/services/",),
    JobTemplate: ("templates_app/services.py",),
    TemplateStep: ("templates_app/services.py",),
    TemplateField: ("templates_app/services.py",),
    Job: ("jobs/services/",),
    Series: ("jobs/services/",),
    Alert: ("alerts/services/",),
}
# Why somebody else writes them all the same.
EXCEPTIONS = {
    ("portal_site/visitor.py", "PortalUser.update"): "a visit is noted at each request, and is no change of hers",
    ("config/demo/loading.py", "PortalUser.create"): "the demo's people have passwords: nobody is invited",
    ("config/demo/loading.py", "CustomerLink.create"): "the same",
    ("config/management/commands/bench_lists.py", "PortalUser.create"): "measures, and is rolled back",
    ("config/management/commands/bench_lists.py", "CustomerLink.create"): "the same",
    ("jobs/management/commands/bench_permissions.py", "PortalUser.bulk_create"): "measures, and is rolled back",
    ("jobs/management/commands/bench_permissions.py", "Customer.bulk_create"): "the same",
    ("jobs/management/commands/bench_permissions.py", "CustomerLink.bulk_create"): "the same",
    ("config/management/commands/bench_queues.py", "JobTemplate.create"): "fills a database of its own",
    ("imports/management/commands/bench_import.py", "JobTemplate.create"): "fills and empties its own database",
    ("imports/management/commands/bench_import.py", "TemplateStep.create"): "the same",
    ("imports/management/commands/bench_import.py", "TemplateField.create"): "the same",
    ("imports/management/commands/bench_import.py", "Contact.delete"): "the same",
    ("imports/management/commands/bench_import.py", "Customer.delete"): "the same",
}


def test_only_the_services_of_a_noun_write_its_records():
    homes = {model.__name__: places for model, places in HOMES.items()}
    found = [one for one in writes(modules(), HOMES) if not one.place.startswith(homes[one.model])]
    others = [str(one) for one in found if (one.place, f"{one.model}.{one.method}") not in EXCEPTIONS]
    assert not others, "Call the service, or give a service what it lacks (CONTRIBUTING.md, Where logic lives)."


def test_no_exception_outlives_what_it_was_made_for():
    found = {(one.place, f"{one.model}.{one.method}") for one in writes(modules(), HOMES)}
    assert not set(EXCEPTIONS) - found


SAMPLES = {
    "def f(one: Customer): one.save()": "Customer.save",
    "def f(some: Sequence[Customer]):\n    for one in some:\n        one.delete()": "Customer.delete",
    "def f(): Customer.objects.filter(pk=1).update(name='')": "Customer.update",
    "def f():\n    one = Customer(name='')\n    one.save()": "Customer.save",
    "def f():\n    if one := Customer.objects.first():\n        one.save()": "Customer.save",
    "def f(): Contact.objects.create(name='')": "Contact.create",
    "def f(job): job.customer.save()": "Customer.save",
    "def f(one): one.contacts.filter(email='').delete()": "Contact.delete",
    "def f(one):\n    for contact in list(one.contacts.all()):\n        contact.save()": "Contact.save",
    "def f(some): bulk_create_with_history(some, Customer)": "Customer.bulk_create_with_history",
    "def f(some): insert(Contact, some)": "Contact.insert",
    "def f(one: Location | None): one.save()": "Location.save",
    "def f(some: CustomerQuerySet): some.update(name='')": "Customer.update",
}


@pytest.mark.parametrize("source", SAMPLES)
def test_it_would_be_noticed(source):
    [found] = writes([Module("somewhere.py", ast.parse(source))], HOMES)
    assert f"{found.model}.{found.method}" == SAMPLES[source]


def own(page: type, name: str) -> bool:
    """Does our code say how, and not Django's or Unfold's?"""
    return getattr(page, name).__module__.split(".")[0] not in {"django", "unfold", "import_export"}


def pages() -> list[ModelAdmin]:
    return [page for model, page in admin.site._registry.items() if model in HOMES]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.opts.label)
def test_the_console_saves_and_deletes_by_a_service(page, rf: RequestFactory, cast):
    request = rf.get("/")
    request.user = cast.olivia
    may_save = page.has_change_permission(request) or page.has_add_permission(request)
    assert own(type(page), "save_model") or not may_save
    assert own(type(page), "delete_model") or not page.has_delete_permission(request)
    rows = [one for one in page.get_inlines(request, None) if one.model in HOMES and _is_editable(one, page, request)]
    assert own(type(page), "save_formset") or not rows, f"{[one.__name__ for one in rows]}"


def _is_editable(kind: type[InlineModelAdmin], page: ModelAdmin, request: object) -> bool:
    inline = kind(page.model, admin.site)
    asks = (inline.has_add_permission, inline.has_change_permission, inline.has_delete_permission)
    return any(ask(request, None) for ask in asks)
