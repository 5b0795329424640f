from __future__ import annotations

import pytest

from accounts.models import Contact, Customer, CustomerLink, Label
from audit.reader import UNLIMITED
from audit.restore import plan_restore, tell
from console.errors import Refused
from console.taking_back import take_back_request
from jobs.models import Job
from permissions.models import PermissionOverride
from permissions.services.merging import merge_customers, merge_preview
from tests.factories import make_job, make_location


@pytest.fixture
def two(cast):
    """Acme (Cora, Colm) and Cedar (Carl), each with a job; Cora is linked to both."""
    make_location(cast.cedar)
    make_job(cast.acme, cast.exchange, by=cast.dana)
    make_job(cast.cedar, cast.exchange, by=cast.dana, external_id="E-1")
    CustomerLink.objects.create(portal_user=cast.cora, customer=cast.cedar)
    link = cast.carl.links.get()
    PermissionOverride.objects.create(link=link, permission="edit_jobs", effect="deny")
    cast.cedar.labels.add(Label.objects.create(name="Public"))
    cast.cedar.external_id = "C-9"
    cast.cedar.save()
    return cast.acme, cast.cedar


def snapshot():
    """Everything that hangs on customers, as plain values."""
    return (
        sorted(Customer.objects.values_list("pk", "name", "external_id", "labels__name")),
        sorted(Job.objects.values_list("pk", "customer_id", "number", "search_text")),
        sorted(CustomerLink.objects.values_list("pk", "portal_user_id", "customer_id")),
        sorted(Contact.objects.values_list("pk", "customer_id", "is_site_contact")),
        sorted(PermissionOverride.objects.values_list("pk", "link_id", "permission", "effect")),
    )


def test_it_says_what_would_move(two, cast):
    assert merge_preview(two[1], UNLIMITED) == {"contact": 1, "location": 1, "customer links": 2, "job": 1}


def test_everything_moves_and_the_second_goes(two, cast):
    keep, drop = two
    merge_customers(keep, drop, by=cast.dana, choices={"name": "drop"})
    keep.refresh_from_db()
    assert not Customer.objects.filter(pk=drop.pk).exists()
    assert (keep.name, keep.external_id, [label.name for label in keep.labels.all()]) == (
        "Cedar School",
        "C-9",
        ["Public"],
    )
    assert keep.jobs.count() == 2 and keep.locations.count() == 1
    assert sorted(str(link.portal_user) for link in keep.links.all()) == ["Carl", "Colm", "Cora"]
    assert keep.contacts.filter(is_site_contact=True).count() == 1
    assert PermissionOverride.objects.get().link.customer == keep
    assert all("cedar school" in job.search_text for job in keep.jobs.all())


def test_it_can_be_taken_back_whole(two, cast):
    keep, drop = two
    before = snapshot()
    merge_customers(keep, drop, by=cast.dana)
    assert snapshot() != before
    request_id = Customer.history.filter(history_type="-").first().request_id
    plan = take_back_request(request_id, by=cast.olivia)
    assert plan.kept == []
    assert snapshot() == before
    assert Customer.history.filter(id=drop.pk).first().actor == "Olivia"


def test_what_was_touched_since_is_kept_and_named(two, cast):
    keep, drop = two
    merge_customers(keep, drop, by=cast.dana)
    request_id = Customer.history.filter(history_type="-").first().request_id
    moved = Job.objects.get(external_id="E-1")
    moved.customer = cast.birch
    moved.save()
    plan = plan_restore(request_id)
    assert [text for text in tell(plan.kept, UNLIMITED).texts if moved.number in text]
    take_back_request(request_id, by=cast.olivia)
    moved.refresh_from_db()
    assert moved.customer == cast.birch


def test_a_customer_is_not_merged_with_herself(cast):
    with pytest.raises(Refused):
        merge_customers(cast.acme, cast.acme, by=cast.dana)
