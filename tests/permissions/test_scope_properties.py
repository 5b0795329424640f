"""Whom a member of staff reaches: the list and the single record give one answer, for every model that has a scope."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from console.scope import ScopedQuerySet, in_scope
from jobs.models import ChangeRequest
from jobs.services import ask_for_change
from permissions.models import (
    CustomerGrant,
    PermissionOverride,
    PortalUserGrant,
    TemplateAccess,
    TemplateGrant,
)
from tests.factories import make_job, make_location, make_user

SCOPED = [model for model in apps.get_models() if getattr(model, "scope", None) is not None]
KINDS = {"customer": CustomerGrant, "template": TemplateGrant, "portal_user": PortalUserGrant}


@pytest.fixture
def stage(cast):
    """Something of everything, hanging on three customers and two templates."""
    for customer in (cast.acme, cast.birch, cast.cedar):
        make_location(customer)
        for template in (cast.exchange, cast.inspection, None):
            job = make_job(customer, template)
            ask_for_change(job, by=None, kind=ChangeRequest.Kind.CHANGE, reason="Please")
    for person in (cast.cora, cast.colm, cast.carl):
        PermissionOverride.objects.create(portal_user=person, permission="view_map", effect="deny")
        PermissionOverride.objects.create(link=person.links.first(), permission="view_map", effect="allow")
        TemplateAccess.objects.create(portal_user=person, template=cast.inspection)
    # A superuser's permissions without being one: the grants alone decide.
    narrow = make_user("una@harbour.example", is_staff=True)
    narrow.user_permissions.set(Permission.objects.all())
    return cast, narrow


grants = st.fixed_dictionaries(
    {
        "customer": st.dictionaries(st.integers(0, 2), st.sampled_from(["view", "change"])),
        "template": st.dictionaries(st.integers(0, 1), st.sampled_from(["view", "change"])),
        "portal_user": st.dictionaries(st.integers(0, 2), st.sampled_from(["view", "change"])),
    }
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(by_customer=st.booleans(), by_template=st.booleans(), given_=grants)
def test_the_list_and_the_record_agree(stage, by_customer, by_template, given_):
    cast, narrow = stage
    records = {
        "customer": [cast.acme, cast.birch, cast.cedar],
        "template": [cast.exchange, cast.inspection],
        "portal_user": [cast.cora, cast.colm, cast.carl],
    }
    codename = {"customer": "customer", "template": "jobtemplate", "portal_user": "portaluser"}
    with transaction.atomic():
        User.objects.filter(pk=narrow.pk).update(only_granted_customers=by_customer, only_granted_templates=by_template)
        for kind, model in KINDS.items():
            for number, action in given_[kind].items():
                permission = Permission.objects.get(codename=f"{action}_{codename[kind]}")
                model.objects.create(user=narrow, permission=permission, content_object=records[kind][number])
        user = User.objects.get(pk=narrow.pk)
        seen = {}
        for model in SCOPED:
            assert issubclass(model._default_manager._queryset_class, ScopedQuerySet), model
            for action in ("view", "change"):
                shown = set(model._default_manager.visible_to(user, action).values_list("pk", flat=True))
                for record in model._base_manager.all():
                    assert (record.pk in shown) == in_scope(user, record, action), (model, record, action)
                assert len(shown) == model._default_manager.visible_to(user, action).count()
                seen[model.__name__, action] = shown
        there = {model.__name__: model._base_manager.count() for model in SCOPED}
        transaction.set_rollback(True)
    for model in SCOPED:
        assert seen[model.__name__, "change"] <= seen[model.__name__, "view"], model
    if not by_customer and not by_template:
        assert all(len(seen[model.__name__, "view"]) == there[model.__name__] for model in SCOPED)
    if by_customer:
        mine = {records["customer"][number].pk for number in given_["customer"]}
        assert seen["Customer", "view"] == mine


def test_there_is_something_of_every_scoped_model(stage):
    """The property above says nothing about a table that is empty."""
    empty = {model.__name__ for model in SCOPED if not model._base_manager.exists()}
    assert not empty & {"Job", "JobEvent", "PortalLink", "ChangeRequest", "Customer", "Location", "PermissionOverride"}


def test_without_a_role_there_is_no_list(stage):
    cast, _narrow = stage
    for model in SCOPED:
        assert not model._default_manager.visible_to(cast.nell).exists()
