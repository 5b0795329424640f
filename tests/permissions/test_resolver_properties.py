"""The rule of the portal, read a second time straight from PRODUCT.md section 4, over random worlds.

The second reading works on plain data, asks the database nothing, and knows nothing of the resolver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import PortalUserState
from accounts.models import CustomerLink, PortalUser
from business.catalogue import PORTAL_PERMISSIONS
from business.models import PortalSettings
from console.errors import UnknownPermission
from jobs.models import Job
from permissions.models import PermissionOverride, TemplateAccess
from permissions.resolver import decide, guest_rights, rights_of
from tests.factories import make_customer, make_job, make_portal_user, make_template

CODES = sorted(PORTAL_PERMISSIONS)
FEATURES = {"view_map": "map_enabled", "set_alerts": "job_alerts_enabled", "pay_invoices": "online_payment_enabled"}
MAKES_JOBS = {"create_jobs", "create_many_jobs"}
CUSTOMERS, TEMPLATES = range(3), range(4)


@dataclass
class World:
    """What an office may have decided. ``overrides``: {(customer or None for the person, code): (allow, hours until
    it ends or None)}. ``access``: {template: added?}. ``archived``: templates; ``closed``: customers."""

    enabled: bool
    state: str
    account_on: bool
    features: dict
    defaults: dict
    linked: set
    overrides: dict
    only_listed: bool
    access: dict
    portal_default: dict
    archived: set = field(default_factory=set)
    closed: set = field(default_factory=set)


worlds = st.builds(
    World,
    enabled=st.sampled_from([True, True, True, False]),
    state=st.sampled_from([PortalUserState.ACTIVE] * 5 + list(PortalUserState)),
    account_on=st.sampled_from([True, True, True, False]),
    features=st.fixed_dictionaries({name: st.booleans() for name in FEATURES.values()}),
    defaults=st.fixed_dictionaries({code: st.booleans() for code in CODES}),
    linked=st.sets(st.sampled_from(CUSTOMERS)),
    overrides=st.dictionaries(
        st.tuples(st.none() | st.sampled_from(CUSTOMERS), st.sampled_from(["view_jobs", "any_customer", *CODES])),
        st.tuples(st.booleans(), st.sampled_from([None, None, 1, -1])),
        max_size=12,
    ),
    only_listed=st.booleans(),
    access=st.dictionaries(st.sampled_from(TEMPLATES), st.booleans()),
    portal_default=st.fixed_dictionaries({template: st.booleans() for template in TEMPLATES}),
    archived=st.sets(st.sampled_from(TEMPLATES), max_size=2),
    closed=st.sets(st.sampled_from(CUSTOMERS), max_size=2),
)


def in_force(world, where, code):
    """The override that counts, as yes or no; None for inherit."""
    if where is not None and where not in world.linked:
        return None
    allow, hours = world.overrides.get((where, code), (None, None))
    return allow if hours is None or hours > 0 else None


def naive(world, code, customer, template=None, *, is_job=False):
    """PRODUCT.md section 4, word by word."""
    if not world.enabled:
        return False
    if world.state != "active" or not world.account_on:
        return False
    if code in FEATURES and not world.features[FEATURES[code]]:
        return False
    on_link, on_her = in_force(world, customer, code), in_force(world, None, code)
    says = on_link if on_link is not None else on_her if on_her is not None else world.defaults[code]
    if not says:
        return False
    her_any = in_force(world, None, "any_customer")
    any_customer = her_any if her_any is not None else world.defaults["any_customer"]
    if customer not in world.linked and not any_customer:
        return False
    if is_job and template not in her_templates(world):
        return False
    return code not in MAKES_JOBS or not (customer in world.closed or template in world.archived)


def her_templates(world):
    added = {template for template, add in world.access.items() if add}
    removed = set(world.access) - added
    defaults = {template for template, yes in world.portal_default.items() if yes}
    return added if world.only_listed else (defaults - removed) | added


@pytest.fixture
def stage(portal):
    """Customers, templates, one job for each pair and one without a template: built once, settled anew each time."""
    customers = [make_customer() for _ in CUSTOMERS]
    templates = [make_template() for _ in TEMPLATES]
    jobs = {(c, t): make_job(customers[c], templates[t]) for c in CUSTOMERS for t in TEMPLATES}
    jobs |= {(c, None): make_job(customers[c]) for c in CUSTOMERS}
    return customers, templates, jobs, make_portal_user("vera@example.com")


def settle(world, stage):
    customers, templates, _jobs, person = stage
    portal = PortalSettings.load()
    portal.portal_enabled, portal.default_permissions = world.enabled, world.defaults
    for name, on in world.features.items():
        setattr(portal, name, on)
    portal.save()
    person.state, person.only_listed_templates = world.state, world.only_listed
    person.save()
    person.user.is_active = world.account_on
    person.user.save()
    now = timezone.now()
    for number, template in enumerate(templates):
        template.is_portal_default = world.portal_default[number]
        template.archived_at = now if number in world.archived else None
        template.save()
    for number, customer in enumerate(customers):
        customer.archived_at = now if number in world.closed else None
        customer.save()
    links = {c: CustomerLink.objects.create(portal_user=person, customer=customers[c]) for c in world.linked}
    for (where, code), (allow, hours) in world.overrides.items():
        if where is None or where in links:
            PermissionOverride.objects.create(
                portal_user=person if where is None else None,
                link=None if where is None else links[where],
                permission=code,
                effect="allow" if allow else "deny",
                ends_at=now + timedelta(hours=hours) if hours else None,
            )
    for template, add in world.access.items():
        TemplateAccess.objects.create(
            portal_user=person, template=templates[template], effect="add" if add else "remove"
        )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds)
def test_both_readings_agree(stage, world):
    customers, _templates, jobs, person = stage
    with transaction.atomic():
        settle(world, stage)
        rights = rights_of(PortalUser.objects.select_related("user").get(pk=person.pk))
        shown = set(Job.objects.for_portal(rights).values_list("pk", flat=True))
        transaction.set_rollback(True)
    for code in CODES:
        for number, customer in enumerate(customers):
            decision = decide(rights, code, customer)
            assert bool(decision) == naive(world, code, number), (code, number, decision)
            assert decision.reason
            assert (customer.pk in rights.customers_allowing(code)) == bool(decision)
        anywhere = any(naive(world, code, number) for number in world.linked) or naive(world, code, "a new customer")
        assert bool(decide(rights, code)) == anywhere, (code, decide(rights, code))
    for (customer, template), job in jobs.items():
        expected = naive(world, "view_jobs", customer, template, is_job=True)
        assert bool(decide(rights, "view_jobs", job)) == expected, (customer, template)
        assert (job.pk in shown) == expected, (customer, template)
        another = naive(world, "create_jobs", customer, template, is_job=True)
        assert bool(decide(rights, "create_jobs", job)) == another, (customer, template)
        by_sets = job.customer_id in rights.customers_allowing("create_jobs")
        assert (by_sets and job.template_id in rights.templates.to_order) == another, (customer, template)


@pytest.mark.parametrize("many", [1, 40])
def test_her_rights_cost_two_queries_whatever_was_decided(portal, many):
    customers = [make_customer() for _ in range(many)]
    person = make_portal_user("vera@example.com", *customers)
    for link in person.links.all():
        for code in CODES[: min(many, len(CODES))]:
            PermissionOverride.objects.create(link=link, permission=code, effect="deny")
    for _ in range(many):
        TemplateAccess.objects.create(portal_user=person, template=make_template())
    person = PortalUser.objects.select_related("user").get(pk=person.pk)
    with CaptureQueriesContext(connection) as caught:
        rights = rights_of(person)
        for customer in customers:
            decide(rights, "cancel_jobs", customer)
    assert len(caught) <= 2


def test_an_unknown_permission_is_a_mistake_and_never_a_no(cast):
    rights = rights_of(cast.cora)
    with pytest.raises(UnknownPermission):
        decide(rights, "fly", cast.acme)
    with pytest.raises(UnknownPermission):
        rights.customers_allowing("fly")


def test_a_guest_gets_the_defaults_on_her_job_and_nothing_else(cast, portal):
    job, other = make_job(cast.acme, cast.exchange), make_job(cast.cedar, cast.exchange)
    rights = guest_rights(portal, job)
    for code in CODES:
        feature = portal.default_permissions[code] and (code not in FEATURES or getattr(portal, FEATURES[code]))
        assert bool(decide(rights, code, job)) == feature
        assert not decide(rights, code, other)


def test_the_stranger_sees_nothing_of_hers(cast):
    job = make_job(cast.acme, cast.exchange)
    assert decide(rights_of(cast.cora), "view_jobs", job)
    assert not decide(rights_of(cast.carl), "view_jobs", job)
    assert not cast.nell.has_perm("jobs.view_job", job)
