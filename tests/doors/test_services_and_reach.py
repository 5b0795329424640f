"""Every service asks what was granted to whoever acts, for each record that it changes, whatever the source."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction

from accounts.models import User
from console.errors import NotAllowed
from permissions.models import CustomerGrant, TemplateGrant
from tests.doors.services_and_reach import ALWAYS, CASES, EXCEPTIONS, NEVER_BY_TEMPLATE, OWNED, Stage
from tests.factories import make_user
from tests.tables import everything

ROOMS = ("business", "permissions", "accounts", "templates_app", "jobs", "alerts", "imports")
LEVELS = ("another granted", "view only", "granted")
LIMITS = ("customer", "template")


def services() -> dict[str, Any]:
    """{name: function} of every public function that is told who acts, in the services of every room."""
    found = {}
    # The kit's only service is about the roles of the staff.
    for place in ("console.roles", *(f"{room}.services" for room in ROOMS)):
        root = importlib.import_module(place)
        modules = [root]
        if hasattr(root, "__path__"):
            names = [module.name for module in pkgutil.iter_modules(root.__path__)]
            modules = [importlib.import_module(f"{place}.{name}") for name in names]
        for module in modules:
            for name, function in vars(module).items():
                own = inspect.isfunction(function) and function.__module__ == module.__name__
                if own and not name.startswith("_") and "by" in inspect.signature(function).parameters:
                    assert name not in found, f"two services are called {name}"
                    found[name] = function
    return found


def test_every_service_is_in_a_table_or_has_a_reason_not_to_be():
    told = [*CASES, *OWNED, *EXCEPTIONS]
    assert len(told) == len(set(told)), "told twice"
    missing = set(services()) - set(told)
    assert not missing, f"say in tests/doors/services_and_reach.py what these refuse: {sorted(missing)}"
    assert not set(told) - set(services()), "there are no such services any more"


@pytest.fixture
def una(db: Any) -> User:
    """Every right of a role, without being a superuser: the grants alone decide."""
    user = make_user("una@harbour.example", full_name="Una", is_staff=True, phone="+49 151 5550144")
    user.user_permissions.set(Permission.objects.all())
    return user


def limit(user: User, stage: Stage, by: str, level: str) -> User:
    """The user, limited by customer or by template, as somebody new to this request."""
    ours, other, model, codename = {
        "customer": ([stage.acme, stage.bare], stage.other, CustomerGrant, "customer"),
        "template": ([stage.exchange, stage.plain], stage.inspection, TemplateGrant, "jobtemplate"),
    }[by]
    wanted = {"another granted": {}, "view only": dict.fromkeys(ours, "view"), "granted": dict.fromkeys(ours, "change")}
    for record, action in [(other, "change"), *wanted[level].items()]:
        permission = Permission.objects.get(codename=f"{action}_{codename}")
        model.objects.get_or_create(user=user, permission=permission, content_object_id=record.pk)
    User.objects.filter(pk=user.pk).update(**{f"only_granted_{by}s": True})
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize("limited_by", LIMITS)
@pytest.mark.parametrize("name", CASES)
def test_what_was_not_granted_is_refused_and_nothing_changes(cast, una, name, limited_by):
    case = CASES[name]
    expected = getattr(case, limited_by)
    for level, done in zip(LEVELS, expected, strict=True):
        if expected == ALWAYS and level != "another granted":
            continue  # does not depend on this limit
        with transaction.atomic():
            stage = Stage(cast)
            call = case.make(stage)
            user = limit(una, stage, limited_by, level)
            if done == "y":
                call(user)
            else:
                before = everything()
                with pytest.raises(NotAllowed):
                    call(user)
                assert everything() == before
            transaction.set_rollback(True)


@pytest.mark.parametrize("limited_by", LIMITS)
@pytest.mark.parametrize("name", OWNED)
def test_whoever_is_limited_in_any_way_works_with_their_own_imports_only(cast, una, name, limited_by):
    make, call = OWNED[name]
    stage = Stage(cast)
    foreign, own = make(cast.ines), make(una)
    user = limit(una, stage, limited_by, "granted")
    before = everything()
    with pytest.raises(NotAllowed):
        call(foreign, user)
    assert everything() == before
    if limited_by == "template" and name in NEVER_BY_TEMPLATE:
        with pytest.raises(NotAllowed):
            call(own, user)
    else:
        call(own, user)
