from __future__ import annotations

import pytest

from accounts.models import Customer
from accounts.services.merging import merge_customers
from permissions.roles import Role, give_role


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
    from django.contrib.auth.models import Permission

    give_role(cast.nell, Role.SUPPORT, by=cast.olivia)
    cast.nell.user_permissions.add(Permission.objects.get(codename="restore_changelog"))
    client = sign_in(cast.nell)
    assert "You may not change" in client.get(path).content.decode()
    client.post(path)
    assert not Customer.objects.filter(name="Cedar School").exists()


def test_a_request_that_changed_nothing_is_not_there(cast, sign_in):
    path = "/admin/changelog/00000000-0000-0000-0000-000000000000/take-back/"
    assert sign_in(cast.olivia).get(path).status_code == 404
