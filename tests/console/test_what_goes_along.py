"""The question before a record is deleted says in words what goes along, and who loses it."""

from __future__ import annotations

import html
import re

import pytest
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts.models import Label
from permissions.services import grant
from tests.factories import make_customer


def question(client, record):
    """What the page says, without its marks."""
    meta = record._meta
    page = client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[record.pk]))
    assert page.status_code == 200
    main = page.content.decode().split('id="content"')[-1].split("<script")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))


@pytest.fixture
def label(cast):
    made = Label.objects.create(name="Weekly round")
    for customer in (cast.acme, cast.birch):
        customer.labels.add(made)
    return made


def test_of_a_label_it_is_counted_who_loses_it(cast, sign_in, label):
    text = question(sign_in(cast.olivia), label)
    assert re.search(r"Customers that lose it:? ?2", text) and "object (" not in text, text
    assert "relationship" not in text


def test_a_records_own_lists_are_a_part_of_it(cast, sign_in, label):
    empty = make_customer("Empty", contact_email="zoe@example.com")
    empty.labels.add(label)
    text = question(sign_in(cast.olivia), empty)
    assert "zoe" in text.lower() or "Contact" in text
    assert "object (" not in text and "relationship" not in text and "lose it" not in text


def test_of_a_role_too(cast, sign_in):
    role = Group.objects.create(name="Foreman")
    text = question(sign_in(cast.olivia), role)
    assert "Foreman" in text and "object (" not in text and "relationship" not in text


def test_it_is_deleted_all_the_same_and_her_customers_stay(cast, sign_in, label):
    url = reverse("admin:accounts_label_delete", args=[label.pk])
    assert sign_in(cast.olivia).post(url, {"post": "yes"}).status_code == 302
    assert not Label.objects.exists()
    assert not cast.acme.labels.exists()


@pytest.mark.parametrize("who", ["nell", "dana", "carl"])
def test_strangers_are_not_asked(cast, sign_in, label, who):
    url = reverse("admin:accounts_label_delete", args=[label.pk])
    answer = sign_in(getattr(cast, who)).get(url)
    assert answer.status_code in (302, 403) and "Weekly round" not in answer.content.decode()


def test_somebody_who_sees_one_of_them_is_told_of_one(cast, sign_in, label):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    cast.dana.user_permissions.add(*Permission.objects.filter(codename__in=("view_label", "delete_label")))
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    text = question(sign_in(cast.dana), label)
    assert re.search(r"Customers that lose it:? ?1", text), text
    assert "Other records you can't see" in text
    assert "Birch" not in text
