from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from audit.act import Source
from jobs.models import ChangeRequest
from jobs.services import complete_job, schedule_job, update_job
from permissions.models import PermissionOverride
from tests.factories import make_job, make_location, make_template

FIELDS = (
    {"label": "Colour", "portal_use": "required"},
    {"label": "Floor", "portal_use": "optional"},
    {"label": "Tariff", "portal_use": "read_only"},
    {"label": "Margin", "portal_use": "hidden"},
)


@pytest.fixture
def job(cast):
    template = make_template("Wardrobe", fields=FIELDS)
    values = {"colour": "Oak", "floor": "4", "tariff": "B", "margin": "7"}
    place = make_location(cast.acme, street="1 Mill Lane")
    facts = {"contact_name": "Gita", "contact_email": "gita@example.com"}
    return make_job(cast.acme, template, by=cast.dana, location=place, values=values, **facts)


def path(job):
    return f"/jobs/{job.number}/edit/"


def shown(client, address):
    """What the browser would send back unchanged."""
    response = client.get(address)
    form = response.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value is not None} | {"seen": response.context["seen"]}


def test_she_changes_what_is_hers_to_change(cast, job, sign_in):
    client = sign_in(cast.cora)
    form = shown(client, path(job)) | {"field_colour": "Beech", "field_tariff": "A", "field_margin": "0"}
    assert client.post(path(job), form).url == f"/jobs/{job.number}/"
    job.refresh_from_db()
    assert job.values == {"colour": "Beech", "floor": "4", "tariff": "B", "margin": "7"}
    row = job.history.first()
    assert (row.history_user, row.history_source) == (cast.cora.user, Source.PORTAL)


def test_a_field_she_empties_is_empty(cast, job, sign_in):
    client = sign_in(cast.cora)
    client.post(path(job), shown(client, path(job)) | {"field_floor": ""})
    job.refresh_from_db()
    assert "floor" not in job.values


def test_what_is_needed_stays_needed(cast, job, sign_in):
    client = sign_in(cast.cora)
    response = client.post(path(job), shown(client, path(job)) | {"field_colour": ""})
    assert "field_colour" in response.context["form"].errors
    job.refresh_from_db()
    assert job.values["colour"] == "Oak"


def test_she_moves_it_to_another_of_her_addresses_or_a_new_one(cast, job, sign_in):
    other = make_location(cast.acme, street="2 Harbour Road")
    client = sign_in(cast.cora)
    client.post(path(job), shown(client, path(job)) | {"place": other.pk})
    job.refresh_from_db()
    assert (job.location, job.address) == (other, other.address)
    client.post(path(job), shown(client, path(job)) | {"place": "new", "street": "3 New Road", "city": "Kiel"})
    job.refresh_from_db()
    assert (job.location, job.address) == (None, "3 New Road, Kiel")


def test_sending_it_back_unchanged_changes_nothing(cast, job, sign_in):
    client = sign_in(cast.cora)
    before = job.history.count()
    client.post(path(job), shown(client, path(job)))
    assert job.history.count() == before


def test_somebody_who_was_faster_is_not_overwritten(cast, job, sign_in):
    client = sign_in(cast.cora)
    form = shown(client, path(job)) | {"field_floor": "9"}
    update_job(job, {"values": {"floor": "5"}}, by=cast.dana)
    response = client.post(path(job), form)
    assert "Somebody changed this job meanwhile" in response.content.decode()
    job.refresh_from_db()
    assert job.values["floor"] == "5"


def test_after_the_cut_off_it_is_a_request(cast, job, sign_in):
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=3))
    client = sign_in(cast.cora)
    assert "less than 24 hours" in client.get(path(job)).content.decode()
    assert client.post(path(job), {"words": ""}).context["form"].errors
    client.post(path(job), {"words": "One more bin, please", "field_floor": "9"})
    request = ChangeRequest.objects.get()
    assert (request.kind, request.reason, request.asked_by) == ("change", "One more bin, please", cast.cora.user)
    job.refresh_from_db()
    assert job.values["floor"] == "4"


def test_without_the_right_there_is_no_way(cast, job, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="edit_jobs", effect="deny")
    client = sign_in(cast.cora)
    assert path(job) not in client.get(f"/jobs/{job.number}/").content.decode()
    assert client.get(path(job)).status_code == 403
    assert client.post(path(job), {"words": "x"}).status_code == 403
    assert sign_in(cast.carl).post(path(job), {"words": "x"}).status_code == 404


def test_a_job_that_is_over_stays_as_it_is(cast, job, sign_in):
    complete_job(job, by=cast.dana)
    assert "nothing to change" in sign_in(cast.cora).get(path(job), follow=True).content.decode()


def test_a_guest_changes_it_by_the_link_and_learns_no_other_address(cast, job):
    make_location(cast.acme, street="Secret Yard")
    client = Client()
    door = f"/l/{job.portal_links.get().token}/"
    client.post(door, {"answer": "gita@example.com"})
    page = client.get(door + "edit/").content.decode()
    assert "1 Mill Lane" in page
    assert "Secret Yard" not in page
    client.post(door + "edit/", shown(client, door + "edit/") | {"field_floor": "2"})
    job.refresh_from_db()
    assert job.values["floor"] == "2"
    row = job.history.first()
    assert (row.actor, row.history_source) == ("Guest", Source.LINK)
