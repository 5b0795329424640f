"""Limits do nothing for administrators: list, page and saving say so."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.urls import reverse

from console.roles import Role
from tests.factories import PASSWORD, make_user

LIST = "/admin/accounts/user/"
IDLE = "is an administrator and sees everything. The limits have no effect."
ON_THE_PAGE = "Administrators see everything. Limits don't apply."


@pytest.fixture
def helper(cast):
    """Somebody of the staff who is limited to granted customers."""
    return make_user("helper@harbour.example", is_staff=True, only_granted_customers=True)


def page_of(person):
    return reverse("admin:accounts_user_change", args=[person.pk])


def save(client, person, *roles):
    form = client.get(page_of(person)).context["adminform"].form
    said = {name: form[name].value() for name in form.fields if name not in ("roles", "own_password")}
    said = {name: value for name, value in said.items() if value not in (None, False)}
    said |= {"roles": [Group.objects.get(name=role).pk for role in roles], "own_password": PASSWORD}
    for prefix in ("customergrant", "templategrant", "portalusergrant"):
        for each in (f"{prefix}_set", prefix, f"{prefix}s"):
            said |= {f"{each}-TOTAL_FORMS": "0", f"{each}-INITIAL_FORMS": "0"}
    answer = client.post(page_of(person), said)
    assert answer.status_code == 302, answer.context["errors"]
    return [str(one) for one in get_messages(answer.wsgi_request)]


def test_olivia_is_warned_when_she_makes_a_limited_person_an_administrator(cast, helper, sign_in):
    assert any(IDLE in said for said in save(sign_in(cast.olivia), helper, Role.ADMINISTRATOR))
    helper.refresh_from_db()
    assert helper.is_superuser and helper.only_granted_customers


def test_other_roles_keep_the_limits_and_nobody_is_warned(cast, helper, sign_in):
    assert not any(IDLE in said for said in save(sign_in(cast.olivia), helper, Role.DISPATCHER))


def test_list_and_page_say_that_limits_do_nothing(cast, helper, sign_in):
    client = sign_in(cast.olivia)
    assert "granted customers" in client.get(LIST).content.decode()
    assert ON_THE_PAGE not in client.get(page_of(helper)).context["adminform"].fieldsets[2][1]["description"]
    helper.is_superuser = True
    helper.save()
    listed = client.get(LIST).content.decode()
    assert "none (administrator)" in listed and "granted customers" not in listed
    assert ON_THE_PAGE in client.get(page_of(helper)).context["adminform"].fieldsets[2][1]["description"]
