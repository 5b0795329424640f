from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Customer
from audit.act import acting
from console.roles import Role, give_role, take_role
from permissions.services.merging import merge_customers
from tests.factories import make_job


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


def test_a_second_click_finds_nothing_left_to_do(cast, path, sign_in):
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
    assert "Ask an administrator" in client.get(path).content.decode()
    client.post(path)
    personnel.refresh_from_db()
    assert not personnel.is_superuser


def test_not_even_an_administrator_takes_back_what_is_about_herself(cast, sign_in):
    with acting(by=cast.olivia):
        cast.olivia.phone = "+49 40 1"
        cast.olivia.save()
    client = sign_in(cast.olivia)
    assert "your own permissions" in client.get(request_of(cast.olivia)).content.decode()


@pytest.fixture
def kept_apart(cast):
    """The request that made a customer, which has a job by now; and the page that would take it back."""
    with acting(by=cast.olivia):
        zeta = Customer.objects.create(name="Zeta Works")
    with acting(by=cast.olivia):
        make_job(zeta, by=cast.olivia)
    return f"/admin/changelog/{zeta.history.get().request_id}/take-back/"


def test_what_is_refused_is_told_as_what_would_be(cast, kept_apart, sign_in):
    page = sign_in(cast.olivia).get(kept_apart).content.decode()
    assert "These would be deleted (created by this change)" in page
    assert "will be deleted" not in page and "can be taken back itself" not in page


def test_what_is_in_the_way_begins_with_a_capital_and_looks_like_a_link(cast, kept_apart, sign_in):
    page = sign_in(cast.olivia).get(kept_apart).content.decode()
    sentence = page.partition('role="alert"')[2].partition("<li>")[2].partition("</li>")[0]
    assert sentence.startswith('<a class="text-primary-600 dark:text-primary-500" href=')
    assert ">Customer Zeta Works</a> can" in sentence


def test_the_note_about_taking_back_stands_by_its_button_only(cast, path, sign_in):
    client = sign_in(cast.olivia)
    assert "can be taken back itself" in client.get(path).content.decode()
    client.post(path)
    page = client.get(path).content.decode()
    assert "Nothing of this request is left to take back." in page and "can be taken back itself" not in page


def test_it_says_in_numbers_what_was_done(cast, path, sign_in):
    client = sign_in(cast.olivia)
    with acting(by=cast.olivia):
        two = [Customer.objects.create(name=name) for name in ("Zeta Works", "Yard Works")]
    taken = client.post(f"/admin/changelog/{two[0].history.get().request_id}/take-back/", follow=True)
    assert "2 records were deleted again." in taken.content.decode()
    with acting(by=cast.olivia):
        cast.acme.name = "Acme Ltd"
        cast.acme.save()
    taken = client.post(f"/admin/changelog/{cast.acme.history.first().request_id}/take-back/", follow=True)
    assert "1 record was changed back." in taken.content.decode()
    taken = client.post(path, follow=True).content.decode()
    assert " brought back." in taken and "as they were before" not in taken


def test_the_page_of_a_request_offers_it_until_it_was_taken_back(cast, path, sign_in):
    client = sign_in(cast.olivia)
    log = f"/admin/changelog/?request={path.split('/')[3]}"
    assert path in client.get(log).content.decode()
    client.post(path)
    page = client.get(log).content.decode()
    assert path not in page and "Nothing of this request is left to take back." in page
    newest = Customer.history.filter(name="Cedar School").order_by("-history_id").first().request_id
    assert f"/admin/changelog/{newest}/take-back/" in client.get(f"/admin/changelog/?request={newest}").content.decode()


def test_who_may_only_read_the_log_is_offered_nothing_and_told_nothing_of_it(cast, path, sign_in):
    sign_in(cast.olivia).post(path)
    page = sign_in(cast.sam).get(f"/admin/changelog/?request={path.split('/')[3]}").content.decode()
    assert "take-back" not in page and "left to take back" not in page
