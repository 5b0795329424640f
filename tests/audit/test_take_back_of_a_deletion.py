"""What the question before a deletion counts comes back with a take-back, however the lists came to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Customer, Label
from audit import changelog
from audit.act import acting
from audit.reader import UNLIMITED
from audit.removal import delete_many
from templates_app.models import JobTemplate
from tests.alerts.makers import make_alert


def from_its_side(cast: Any, vip: Label) -> None:
    cast.acme.labels.add(vip)
    cast.exchange.labels.add(vip)


def from_the_label(cast: Any, vip: Label) -> None:
    vip.customers.add(cast.acme)
    vip.templates.set([cast.exchange])


def without_history(cast: Any, vip: Label) -> None:
    Customer.labels.through.objects.create(customer=cast.acme, label=vip)
    JobTemplate.labels.through.objects.create(jobtemplate=cast.exchange, label=vip)


def before_a_change_in_a_set(cast: Any, vip: Label) -> None:
    from_its_side(cast, vip)
    Customer.history.bulk_history_create([cast.acme], update=True)
    JobTemplate.history.bulk_history_create([cast.exchange], update=True)


WAYS = [from_its_side, from_the_label, without_history, before_a_change_in_a_set]


def by_the_page(client: Any, vip: Label) -> None:
    assert client.post(reverse("admin:accounts_label_delete", args=[vip.pk]), {"post": "yes"}).status_code == 302


def in_a_set(client: Any, vip: Label) -> None:
    with acting():
        delete_many(Label, [vip.pk])


def by_a_queryset(client: Any, vip: Label) -> None:
    with acting():
        Label.objects.filter(pk=vip.pk).delete()


@pytest.mark.parametrize("delete", [by_the_page, in_a_set, by_a_queryset])
@pytest.mark.parametrize("fill", WAYS)
def test_a_deleted_label_comes_back_with_all_that_carried_it(
    cast: Any, sign_in: Any, fill: Callable[[Any, Label], None], delete: Callable[[Any, Label], None]
) -> None:
    vip = Label.objects.create(name="VIP")
    fill(cast, vip)
    alert = make_alert(labels=[vip])
    client, key = sign_in(cast.olivia), vip.pk
    delete(client, vip)
    assert not cast.acme.labels.exists() and not cast.exchange.labels.exists()
    request_id = Label.history.filter(id=key).first().request_id
    assert client.post(reverse("admin:take_back", args=[request_id])).status_code == 302
    for lists in (cast.acme.labels, cast.exchange.labels, alert.labels):
        assert list(lists.values_list("name", flat=True)) == ["VIP"]


def test_the_history_of_a_deleted_customer_names_its_labels(cast):
    lone = Customer.objects.create(name="Lone")
    lone.labels.add(Label.objects.create(name="VIP"))
    lone.delete()
    entry = changelog.search_log(changelog.Query(kind="-", model="accounts.customer"), UNLIMITED, limit=1)[0]
    assert ("Labels", "VIP", "") in [(change.label, change.before, change.after) for change in entry.changes]


@pytest.mark.parametrize("action", ["add", "remove", "clear"])
def test_what_changes_nothing_leaves_no_row(cast, action):
    vip, other = Label.objects.create(name="VIP"), Label.objects.create(name="North")
    cast.acme.labels.add(vip)
    rows = cast.acme.history.count(), cast.birch.history.count(), vip.history.count(), other.history.count()
    if action == "add":
        cast.acme.labels.add(vip)
        vip.customers.add(cast.acme)
    elif action == "remove":
        cast.acme.labels.remove(other)
        other.customers.remove(cast.acme)
    else:
        cast.birch.labels.clear()
        other.customers.clear()
    assert (cast.acme.history.count(), cast.birch.history.count(), vip.history.count(), other.history.count()) == rows


@pytest.mark.parametrize("action", ["remove", "clear", "set"])
def test_what_is_taken_off_from_the_label_s_side_stands_in_the_customers_history(cast, action):
    vip = Label.objects.create(name="VIP")
    vip.customers.add(cast.acme, cast.birch)
    with acting(by=cast.dana):
        {
            "remove": lambda: vip.customers.remove(cast.acme, cast.birch),
            "clear": vip.customers.clear,
            "set": lambda: vip.customers.set([]),
        }[action]()
    for customer in (cast.acme, cast.birch):
        changes = changelog.entries_of(customer, UNLIMITED)[0]
        assert changes.actor == "Dana"
        assert [(one.label, one.before, one.after) for one in changes.changes] == [("Labels", "VIP", "")]
