from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Customer
from accounts.services.merging import merge_customers
from audit.act import acting
from permissions.roles import Role, give_role, take_role


@pytest.fixture
def path(cast):
    merge_customers(cast.acme, cast.cedar, by=cast.dana)
    request_id = Customer.history.filter(history_type="-").first().request_id
    return f"/admin/changelog/{request_id}/take-back/"


def test_it_says_what_comes_back_before_it_does_it(cast, path, sign_in):
    page = sign_in(cast.olivia).get(path).content.decode()
    assert "These come back" in page and "customer Cedar School" in page
    assert not Customer.objects.filter(name="Cedar School").exists()


def test_it_brings_it_back(cast, path, sign_in):
    assert sign_in(cast.olivia).post(path).status_code == 302
    assert Customer.objects.get(name="Cedar School").contacts.count() == 1


def test_a_second_press_finds_nothing_left_to_do(cast, path, sign_in):
    client = sign_in(cast.olivia)
    client.post(path)
    assert client.post(path).status_code == 200
    assert Customer.objects.filter(name="Cedar School").count() == 1


def test_support_and_dispatcher_may_look_at_the_log_but_not_take_back(cast, path, sign_in):
    for person in (cast.sam, cast.dana, cast.nell):
        client = sign_in(person)
        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
    assert not Customer.objects.filter(name="Cedar School").exists()


def test_whoever_may_not_do_each_single_thing_may_not_take_it_back(cast, path, sign_in):
    give_role(cast.nell, Role.SUPPORT, by=cast.olivia)
    cast.nell.user_permissions.add(Permission.objects.get(codename="restore_changelog"))
    client = sign_in(cast.nell)
    assert "You may not change" in client.get(path).content.decode()
    client.post(path)
    assert not Customer.objects.filter(name="Cedar School").exists()


def test_a_request_that_changed_nothing_is_not_there(cast, sign_in):
    path = "/admin/changelog/00000000-0000-0000-0000-000000000000/take-back/"
    assert sign_in(cast.olivia).get(path).status_code == 404


@pytest.fixture
def personnel(cast):
    """Nell keeps the accounts and may take requests back, but administers nothing."""
    wanted = ["add_user", "change_user", "view_user", "view_changelog", "restore_changelog"]
    cast.nell.user_permissions.add(*Permission.objects.filter(codename__in=wanted))
    return cast.nell


def request_of(record):
    return f"/admin/changelog/{record.history.first().request_id}/take-back/"


def test_nobody_takes_her_own_promotion_back_in(cast, personnel, sign_in):
    with acting(by=cast.olivia):
        give_role(personnel, Role.ADMINISTRATOR, by=cast.olivia)
    with acting(by=cast.olivia):
        take_role(personnel, Role.ADMINISTRATOR, by=cast.olivia)
    path = request_of(personnel)
    client = sign_in(personnel)
    assert "ask an administrator" in client.get(path).content.decode()
    client.post(path)
    personnel.refresh_from_db()
    assert not personnel.is_superuser


def test_not_even_an_administrator_takes_back_what_is_about_herself(cast, sign_in):
    with acting(by=cast.olivia):
        cast.olivia.phone = "+49 40 1"
        cast.olivia.save()
    client = sign_in(cast.olivia)
    assert "your own rights" in client.get(request_of(cast.olivia)).content.decode()
