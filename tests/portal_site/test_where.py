"""Where a job is: one of her addresses, or a new one, with its position where she has it; never lost, and flagged."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Location
from jobs.models import Job
from jobs.services import settle_address, update_job
from tests.factories import make_job, make_location

ASK = "/jobs/new/skip-exchange/"
NEW = {"place": "new", "street": "Field behind the mill", "postcode": "20095", "city": "Hamburg", "once": "one"}


def ask(client, cast, **more):
    return client.post(ASK, {"account": cast.acme.pk, **NEW} | more)


def flagged(client):
    return client.get("/admin/jobs/job/?when=address").content.decode()


def test_an_address_nobody_knows_is_kept_and_flagged_for_the_office(cast, sign_in):
    page = sign_in(cast.cora).get(ask(sign_in(cast.cora), cast).url).content.decode()
    job = Job.objects.get()
    assert job.address == "Field behind the mill, 20095 Hamburg"
    assert job.address_to_check
    assert "look it up before we come" in page
    dana = sign_in(cast.dana)
    assert job.number in flagged(dana)
    assert "address to check" in flagged(dana)
    assert "when=address" in dana.get("/admin/").content.decode()


def test_nell_and_a_quiet_day_see_no_such_list(cast, sign_in):
    assert "when=address" not in sign_in(cast.dana).get("/admin/").content.decode()
    ask(sign_in(cast.cora), cast)
    assert sign_in(cast.nell).get("/admin/jobs/job/?when=address").status_code == 403


@pytest.mark.parametrize(
    "written", ["53.5503, 9.9920", "53,5503 9,9920", "53.550300;9.992000", "https://maps.example/@53.5503,9.9920,17z"]
)
def test_a_position_in_the_ways_people_write_one_puts_it_on_the_map(cast, sign_in, written):
    ask(sign_in(cast.cora), cast, position=written)
    job = Job.objects.get()
    assert (job.latitude, job.longitude) == (Decimal("53.550300"), Decimal("9.992000"))
    assert not job.address_to_check


@pytest.mark.parametrize("written", ["behind the mill", "53", "95.5, 9.9", "10.0, 190.5"])
def test_a_position_that_is_none_is_said_beside_the_field_and_what_she_typed_stays(cast, sign_in, written):
    page = ask(sign_in(cast.cora), cast, position=written)
    assert "position" in page.context["form"].errors
    assert "Field behind the mill" in page.content.decode()
    assert written in page.content.decode()
    assert not Job.objects.exists()


def test_what_stands_in_the_hidden_part_of_the_form_stops_nobody(cast, sign_in):
    place = make_location(cast.acme)
    ask(sign_in(cast.cora), cast, place=place.pk, position="nonsense")
    assert Job.objects.get().location == place


def test_an_address_of_hers_written_by_hand_is_recognised(cast, sign_in):
    place = make_location(cast.acme, street="Mill Lane 3", latitude="53.5", longitude="9.9")
    make_location(cast.birch, street="Mill Lane 3")
    ask(sign_in(cast.cora), cast, street="mill lane 3 ")
    job = Job.objects.get()
    assert (job.location, job.latitude, job.address_to_check) == (place, Decimal("53.5"), False)


def test_nobody_is_told_of_the_addresses_of_others(cast, sign_in):
    make_location(cast.cedar, street="Mill Lane 3", latitude="53.5", longitude="9.9")
    ask(sign_in(cast.cora), cast, street="Mill Lane 3")
    job = Job.objects.get()
    assert (job.location, job.latitude, job.address_to_check) == (None, None, True)


def test_changing_a_job_to_a_new_address_flags_it_too(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, location=make_location(cast.acme))
    client = sign_in(cast.cora)
    page = client.get(f"/jobs/{job.number}/edit/")
    client.post(f"/jobs/{job.number}/edit/", NEW | {"seen": page.context["seen"]})
    job.refresh_from_db()
    assert (job.location, job.address_to_check) == (None, True)


def test_only_the_pages_with_the_button_may_ask_the_device(cast, sign_in):
    client = sign_in(cast.cora)
    assert "geolocation=(self)" in client.get(ASK)["Permissions-Policy"]
    assert "geolocation=()" in client.get("/")["Permissions-Policy"]


# --- the office settles it


def post(client, job, **said):
    return client.post(
        f"/admin/jobs/job/{job.pk}/check_address/",
        {"_form_submitted": "1", "address": job.address, "latitude": "53.5503", "longitude": "9.992", "keep": "on"}
        | said,
    )


@pytest.fixture
def job(cast, sign_in):
    ask(sign_in(cast.cora), cast)
    return Job.objects.get()


def test_dana_keeps_it_as_a_location_and_cora_can_choose_it(cast, job, sign_in):
    assert post(sign_in(cast.dana), job).status_code in (200, 302)
    job.refresh_from_db()
    place = Location.objects.get(customer=cast.acme)
    assert (job.location, job.address_to_check) == (place, False)
    assert (place.street, place.postcode, place.city) == ("Field behind the mill", "20095", "Hamburg")
    assert (place.latitude, job.longitude) == (Decimal("53.5503"), Decimal("9.992"))
    assert job.history.first().history_user == cast.dana
    assert str(place) in sign_in(cast.cora).get(ASK).content.decode()
    assert job.number not in flagged(sign_in(cast.dana))


def test_without_keeping_it_no_location_is_made(cast, job, sign_in):
    post(sign_in(cast.dana), job, keep="", latitude="", longitude="")
    job.refresh_from_db()
    assert not job.address_to_check
    assert not Location.objects.exists()


def test_half_a_position_is_refused(cast, job, sign_in):
    page = post(sign_in(cast.dana), job, longitude="")
    assert "both" in page.content.decode()
    job.refresh_from_db()
    assert job.address_to_check


def test_who_may_not_change_jobs_has_no_such_button(cast, job, sign_in):
    assert post(sign_in(cast.sam), job).status_code == 403
    assert post(sign_in(cast.nell), job).status_code == 404
    job.refresh_from_db()
    assert job.address_to_check


def test_kept_twice_it_is_one_location(cast, job):
    known = make_location(cast.acme, street="Field behind the mill", postcode="20095", city="Hamburg")
    settle_address(
        job, by=cast.dana, address=job.address, latitude=Decimal("53.5"), longitude=Decimal("9.9"), keep=True
    )
    known.refresh_from_db()
    assert Location.objects.get() == known
    assert known.latitude == Decimal("53.5")


def test_an_address_the_office_writes_itself_needs_no_check(cast, job):
    assert not update_job(job, {"address": "Mill Lane 3, 20095 Hamburg"}, by=cast.dana).address_to_check
