from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from audit.act import Source
from jobs.choices import JobStatus
from jobs.models import Job
from permissions.models import PermissionOverride
from tests.factories import make_job, make_location, make_template

ALL_KINDS = (
    {"label": "About you", "kind": "header", "portal_use": "optional"},
    {"label": "Colour", "kind": "text", "portal_use": "required"},
    {"label": "Bins", "kind": "number", "portal_use": "optional"},
    {"label": "Budget", "kind": "currency", "portal_use": "optional"},
    {"label": "Ready at", "kind": "datetime", "portal_use": "optional"},
    {"label": "Dog", "kind": "checkbox", "portal_use": "optional"},
    {"label": "Size", "kind": "pick", "portal_use": "optional", "choices": ["small", "large"]},
    {"label": "Waste", "kind": "multi_pick", "portal_use": "optional", "choices": ["wood", "stone"]},
    {"label": "Plan", "kind": "link", "portal_use": "optional"},
    {"label": "Gate", "kind": "location", "portal_use": "optional"},
    {"label": "Photo", "kind": "file", "portal_use": "optional"},
    {"label": "Signed", "kind": "signature", "portal_use": "optional"},
    {"label": "Tariff", "kind": "text", "portal_use": "read_only", "default": "B"},
    {"label": "Margin", "kind": "text", "portal_use": "hidden", "default": "secret 7"},
)


def picture(size=(4, 4)):
    out = BytesIO()
    Image.new("RGB", size, "#0f766e").save(out, "JPEG")
    return out.getvalue()


def override(person, permission, effect, customer=None):
    to = {"link": person.links.get(customer=customer)} if customer else {"portal_user": person}
    PermissionOverride.objects.create(permission=permission, effect=effect, **to)


@pytest.fixture
def place(cast):
    return make_location(cast.acme)


@pytest.fixture
def wardrobe(cast):
    return make_template("Wardrobe delivery", fields=ALL_KINDS)


def filled(cast, place, **more):
    form = {"account": cast.acme.pk, "place": place.pk, "once": "one", "field_colour": "Oak"}
    return form | more


def errors(response):
    return response.context["form"].errors


def test_cora_asks_for_a_job_with_every_type_of_field(cast, place, wardrobe, sign_in):
    client = sign_in(cast.cora)
    page = client.get("/jobs/new/wardrobe-delivery/").content.decode()
    assert "About you" in page
    assert "Tariff" in page
    assert "Margin" not in page
    assert "secret 7" not in page
    photo = SimpleUploadedFile("../my photo.jpg", picture(), "text/html")
    form = filled(
        cast, place, field_bins="3,5", field_budget="120.50", field_ready_at="2026-12-01T08:30", field_dog="on",
        field_size="large", field_waste=["wood", "stone"], field_plan="https://plans.example/1", field_gate="North",
        field_photo=photo, field_signed="Cora Calder", notes="Mind the cat.",
    )  # fmt: skip
    response = client.post("/jobs/new/wardrobe-delivery/", form)
    job = Job.objects.get()
    assert response.url == f"/jobs/{job.number}/"
    assert job.values == {
        "colour": "Oak", "bins": 3.5, "budget": "120.50", "ready_at": "2026-12-01T08:30:00+01:00", "dog": True,
        "size": "large", "waste": ["wood", "stone"], "plan": "https://plans.example/1", "gate": "North",
        "photo": "my photo.jpg", "signed": "Cora Calder", "tariff": "B", "margin": "secret 7",
    }  # fmt: skip
    assert (job.customer, job.location, job.source) == (cast.acme, place, Source.PORTAL)
    assert (job.status, job.created_by) == (JobStatus.UNASSIGNED, cast.cora.user)
    assert "Mind the cat." in job.notes
    page = client.get(response.url).content.decode()
    assert "Oak" in page
    assert "/files/" in page


def test_the_file_is_handed_out_to_her_and_to_nobody_else(cast, place, wardrobe, sign_in, client):
    photo = SimpleUploadedFile("photo.jpg", picture(), "image/jpeg")
    sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", filled(cast, place, field_photo=photo))
    job = Job.objects.get()
    path = f"/jobs/{job.number}/files/{job.files.get().reference}/"
    response = sign_in(cast.cora).get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert "sandbox" in response["Content-Security-Policy"]
    assert b"".join(response.streaming_content) == picture()
    assert sign_in(cast.carl).get(path).status_code == 404
    assert client.get(path).status_code == 302
    other = make_job(cast.acme, cast.exchange, by=cast.dana)
    assert sign_in(cast.cora).get(path.replace(job.number, other.number)).status_code == 404


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.jpg", b"<html><script>alert(1)</script>"),
        ("photo.jpg", picture()[:40]),
        ("a.svg", b"<svg/>"),
        ("x.pdf", b""),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused_beside_its_field(cast, place, wardrobe, sign_in, name, content):
    form = filled(cast, place, field_photo=SimpleUploadedFile(name, content, "image/jpeg"))
    assert "field_photo" in errors(sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", form))
    assert not Job.objects.exists()


def test_a_file_too_large_is_refused(cast, place, wardrobe, sign_in):
    form = filled(cast, place, field_photo=SimpleUploadedFile("x.pdf", b"%PDF-" + b"0" * 11 * 1024 * 1024))
    assert "10 MB" in str(errors(sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", form)))


def test_what_is_wrong_is_said_beside_its_field(cast, place, wardrobe, sign_in):
    form = filled(cast, place, field_colour="", field_bins="many", field_plan="javascript:alert(1)", field_size="huge")
    response = sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", form)
    assert set(errors(response)) == {"field_colour", "field_bins", "field_plan", "field_size"}
    assert "is needed" in errors(response)["field_colour"][0]
    assert 'value="many"' in response.content.decode()
    assert not Job.objects.exists()


def test_she_cannot_set_what_is_hidden_or_read_only(cast, place, wardrobe, sign_in):
    form = filled(cast, place, field_tariff="A", field_margin="0", planned_start="2026-12-01T08:30", amount="0")
    sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", form)
    job = Job.objects.get()
    assert (job.values["tariff"], job.values["margin"]) == ("B", "secret 7")
    assert job.planned_start is None


def test_a_double_click_makes_one_job(cast, place, wardrobe, sign_in):
    client = sign_in(cast.cora)
    first = client.post("/jobs/new/wardrobe-delivery/", filled(cast, place))
    second = client.post("/jobs/new/wardrobe-delivery/", filled(cast, place))
    assert first.url == second.url
    assert Job.objects.count() == 1
    client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, once="two"))
    assert Job.objects.count() == 2


def test_somebody_elses_click_is_her_own(cast, place, wardrobe, sign_in):
    sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", filled(cast, place))
    sign_in(cast.colm).post("/jobs/new/wardrobe-delivery/", filled(cast, place))
    assert Job.objects.count() == 2


def test_a_new_address_is_kept_for_the_office(cast, wardrobe, sign_in):
    form = {"account": cast.birch.pk, "place": "new", "street": "9 New Road", "postcode": "20095", "city": "Hamburg"}
    sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", form | {"once": "one", "field_colour": "Oak"})
    job = Job.objects.get()
    assert (job.customer, job.location, job.address) == (cast.birch, None, "9 New Road, 20095 Hamburg")


def test_an_address_of_another_account_is_refused(cast, place, wardrobe, sign_in):
    client = sign_in(cast.cora)
    assert "place" in errors(client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, account=cast.birch.pk)))
    stranger = make_location(cast.cedar)
    assert "place" in errors(client.post("/jobs/new/wardrobe-delivery/", filled(cast, stranger)))
    assert not Job.objects.exists()


def test_an_account_that_is_not_hers_is_refused(cast, place, wardrobe, sign_in):
    response = sign_in(cast.cora).post("/jobs/new/wardrobe-delivery/", filled(cast, place, account=cast.cedar.pk))
    assert "account" in errors(response)
    assert not Job.objects.exists()


def test_for_an_account_where_she_may_not_she_is_not_offered_it(cast, place, wardrobe, sign_in):
    override(cast.cora, "create_jobs", "deny", cast.acme)
    client = sign_in(cast.cora)
    assert "Acme" not in client.get("/jobs/new/wardrobe-delivery/").content.decode().split("<main", 1)[1]
    client.post("/accounts/switch/", {"account": cast.acme.pk})
    assert client.get("/jobs/new/wardrobe-delivery/").url == "/accounts/"


def test_without_the_right_or_the_template_there_is_no_form(cast, place, wardrobe, sign_in):
    client = sign_in(cast.cora)
    assert client.get("/jobs/new/site-inspection/").status_code == 404
    assert client.post("/jobs/new/site-inspection/", filled(cast, place)).status_code == 404
    override(cast.cora, "create_jobs", "deny")
    assert client.get("/jobs/new/").status_code == 403
    assert client.post("/jobs/new/wardrobe-delivery/", filled(cast, place)).status_code == 403
    assert not Job.objects.exists()


def test_several_at_once_only_with_the_right(cast, place, wardrobe, sign_in):
    client = sign_in(cast.cora)
    client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, copies=3))
    assert Job.objects.count() == 1
    override(cast.cora, "create_many_jobs", "allow", cast.acme)
    client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, copies=3, once="two"))
    assert Job.objects.count() == 4
    response = client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, copies=51, once="three"))
    assert "copies" in errors(response)


def test_a_start_is_requested_only_with_the_right_and_is_never_a_plan(cast, place, wardrobe, sign_in, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    client = sign_in(cast.cora)
    past = client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, requested_start="2026-11-20T08:00"))
    assert "requested_start" in errors(past)
    client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, requested_start="2026-12-01T08:00"))
    job = Job.objects.get()
    assert timezone.localtime(job.requested_start).isoformat() == "2026-12-01T08:00:00+01:00"
    assert job.planned_start is None
    override(cast.cora, "request_start_time", "deny")
    client.post("/jobs/new/wardrobe-delivery/", filled(cast, place, once="two", requested_start="2026-12-01T08:00"))
    assert Job.objects.order_by("pk").last().requested_start is None


def test_book_again_begins_with_the_old_job(cast, place, wardrobe, sign_in):
    values = {"colour": "Beech", "size": "large", "margin": "9"}
    old = make_job(cast.acme, wardrobe, by=cast.dana, location=place, values=values, contact_name="Zoe")
    client = sign_in(cast.cora)
    address = f"/jobs/new/wardrobe-delivery/?again={old.number}"
    assert address.replace("&", "&amp;") in client.get(f"/jobs/{old.number}/").content.decode()
    page = client.get(address).content.decode()
    assert 'value="Beech"' in page
    assert 'value="Zoe"' in page
    assert f'<option value="{place.pk}" selected' in page
    assert sign_in(cast.carl).get(address).status_code == 404


def test_one_kind_is_one_click(cast, sign_in):
    client = sign_in(cast.cora)
    assert "/jobs/new/skip-exchange/" in client.get("/").content.decode()
    assert client.get("/jobs/new/").url == "/jobs/new/skip-exchange/"
