from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from console.roles import Role


@pytest.mark.django_db
def test_migrating_installs_the_shipped_roles():
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert {role.value for role in Role} <= set(Group.objects.values_list("name", flat=True))
    dispatcher = Group.objects.get(name=Role.DISPATCHER)
    assert dispatcher.permissions.filter(codename="schedule_job").exists()
    assert dispatcher.permissions.filter(codename="view_delivery").exists()


@pytest.mark.django_db
def test_migrating_again_takes_nothing_away():
    group = Group.objects.get_or_create(name=Role.SUPPORT.value)[0]
    call_command("migrate", verbosity=0)
    before = group.permissions.count()
    call_command("migrate", verbosity=0)
    assert group.permissions.count() == before > 0


@pytest.mark.django_db
def test_whoever_only_reads_looks_through_nobodys_eyes():
    call_command("migrate", verbosity=0)
    support = Group.objects.get(name=Role.SUPPORT)
    assert support.permissions.filter(codename="view_portaluser").exists()
    assert not support.permissions.filter(codename="view_as_portaluser").exists()
    assert not support.permissions.filter(codename__contains="historical").exists()
    assert Group.objects.get(name=Role.DISPATCHER).permissions.filter(codename="view_as_portaluser").exists()
