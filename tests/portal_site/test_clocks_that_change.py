"""A time of day that does not exist, or comes twice, is never guessed: not in the console, on the companion site, by
the API, nor in a file. Each names both moments, and takes either of them.

Why: docs/decisions/0152-clocks-that-change.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from urllib.parse import urlencode

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from accounts.services import choose_zone, make_token
from api import sections
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run
from jobs.models import Job
from jobs.services import schedule_job
from permissions.models import PermissionOverride
from tests.api.conftest import Program
from tests.console.forms import filled
from tests.factories import make_job, make_template

BERLIN, NEW_YORK, LORD_HOWE, KOLKATA = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"
# What is typed, and the two moments it could be: in the hour (half hour) that is skipped, or that comes twice.
UNCLEAR = [
    (BERLIN, "2027-03-28T02:30", "2027-03-28T01:30+01:00", "2027-03-28T03:30+02:00"),
    (BERLIN, "2026-10-25T02:30", "2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
    (BERLIN, "2027-10-31T02:00", "2027-10-31T02:00+02:00", "2027-10-31T02:00+01:00"),
    (NEW_YORK, "2027-03-14T02:30", "2027-03-14T01:30-05:00", "2027-03-14T03:30-04:00"),
    (NEW_YORK, "2027-11-07T01:30", "2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00"),
    (LORD_HOWE, "2027-10-03T02:15", "2027-10-03T01:45+10:30", "2027-10-03T02:45+11:00"),
    (LORD_HOWE, "2027-04-04T01:45", "2027-04-04T01:45+11:00", "2027-04-04T01:45+10:30"),
]
CLEAR = [
    (BERLIN, "2027-03-28T03:00", "2027-03-28T03:00+02:00"),
    (BERLIN, "2027-03-28T01:59", "2027-03-28T01:59+01:00"),
    (BERLIN, "2026-10-25T03:00", "2026-10-25T03:00+01:00"),
    (BERLIN, "2026-12-01T08:30", "2026-12-01T08:30+01:00"),
    (NEW_YORK, "2027-03-28T02:30", "2027-03-28T02:30-04:00"),
    (LORD_HOWE, "2027-10-03T02:30", "2027-10-03T02:30+11:00"),
    (KOLKATA, "2027-03-28T02:30", "2027-03-28T02:30+05:30"),
    (KOLKATA, "2026-10-25T02:30", "2026-10-25T02:30+05:30"),
]


@dataclass
class World:
    """Who is there, how one signs in, and which zone the person who types lives in."""

    cast: object
    sign_in: object
    settings: object
    template: object

    def office_in(self, zone):
        self.settings.TIME_ZONE = zone
        timezone.get_default_timezone.cache_clear()


@pytest.fixture
def world(cast, sign_in, settings, time_machine):
    time_machine.move_to("2026-10-01T09:00:00Z", tick=False)
    template = make_template(
        "Tank cleaning", fields=({"label": "Ready at", "kind": "datetime", "portal_use": "optional"},)
    )
    PermissionOverride.objects.create(portal_user=cast.cora, permission="request_start_time", effect="allow")
    yield World(cast, sign_in, settings, template)
    timezone.get_default_timezone.cache_clear()


def offered(response, name):
    """The values of the two moments that a page offers for a field."""
    return re.findall(rf'<input type="radio" name="{name}_which" value="([^"]+)"', response.content.decode())


def told(response):
    return unescape(response.content.decode())


# --- the sources: each sends a time, and returns what the answer says and the moment that is kept


def _new_job_page(world, zone, name, typed, chosen):
    world.office_in(zone)
    dana = world.sign_in(world.cast.dana)
    url = f"/admin/jobs/job/add/?{urlencode({'template': world.template.slug, 'customer': world.cast.acme.pk})}"
    data = filled(dana.get(url)) | {name: typed, "notes": "Mind the dog."}
    answer = dana.post(url, data | ({f"{name}_which": chosen} if chosen else {}))
    return answer, Job.objects.last()


def console_requested(world, zone, typed, chosen=""):
    answer, job = _new_job_page(world, zone, "requested_start", typed, chosen)
    return answer, job and job.requested_start


def console_planned(world, zone, typed, chosen=""):
    answer, job = _new_job_page(world, zone, "planned_start", typed, chosen)
    return answer, job and job.planned_start


def console_field(world, zone, typed, chosen=""):
    answer, job = _new_job_page(world, zone, "value_ready_at", typed, chosen)
    return answer, job and datetime.fromisoformat(job.values["ready_at"])


def console_dialog(world, zone, typed, chosen=""):
    world.office_in(zone)
    job = make_job(world.cast.acme, world.cast.exchange, by=world.cast.dana)
    data = {"_form_submitted": "1", "start": typed, "start_which": chosen, "duration_minutes": "45", "worker": ""}
    address = reverse("admin:jobs_job_schedule", args=[job.pk])
    return world.sign_in(world.cast.dana).post(address, data), Job.objects.get(pk=job.pk).planned_start


def _site(world, zone, name, typed, chosen):
    # The customer's own zone; the office lives in Berlin.
    choose_zone(world.cast.cora.user, zone, by=world.cast.cora.user)
    data = {
        "account": world.cast.acme.pk, "place": "new", "street": "1 Mill Lane", "city": "Hamburg", "once": "one",
        "notes": "Mind the dog.", name: typed, f"{name}_which": chosen,
    }  # fmt: skip
    return world.sign_in(world.cast.cora).post(f"/jobs/new/{world.template.slug}/", data), Job.objects.last()


def site_requested(world, zone, typed, chosen=""):
    answer, job = _site(world, zone, "requested_start", typed, chosen)
    return answer, job and job.requested_start


def site_field(world, zone, typed, chosen=""):
    answer, job = _site(world, zone, "field_ready_at", typed, chosen)
    return answer, job and datetime.fromisoformat(job.values["ready_at"])


def _api(world, zone, body):
    world.office_in(zone)
    program = Program(*make_token(name="Test", by=None, user=world.cast.dana, scopes=tuple(sections.scopes())))
    return program.post("/jobs", {"customer": {"name": "Acme Builders"}, "template": world.template.slug} | body)


def api_requested(world, zone, typed, chosen=""):
    answer = _api(world, zone, {"requested_start": chosen or typed})
    return answer, Job.objects.exists() and Job.objects.get().requested_start


def api_field(world, zone, typed, chosen=""):
    answer = _api(world, zone, {"values": {"ready_at": chosen or typed}})
    return answer, Job.objects.exists() and datetime.fromisoformat(Job.objects.get().values["ready_at"])


def _file(world, zone, heading, cell):
    world.office_in(zone)
    by = world.cast.olivia
    data = f"customer,template,{heading}\nAcme Builders,{world.template.name},{cell}\n"
    run = upload_file(ContentFile(data.encode(), name="jobs.csv"), by=by)
    run = check_run(set_mapping(run, guess_mapping(run, by=by)[0], by=by), by=by)
    if not run.report["problems"]:
        run = commit_run(run, by=by)
        work_on_run(run.pk)
    return run, Job.objects.last()


def file_start(world, zone, typed, chosen=""):
    run, job = _file(world, zone, "requested start", chosen or typed.replace("T", " "))
    return run, job and job.requested_start


def file_field(world, zone, typed, chosen=""):
    run, job = _file(world, zone, "ready_at", chosen or typed.replace("T", " "))
    return run, job and datetime.fromisoformat(job.values["ready_at"])


FORMS = {
    console_requested: "requested_start",
    console_planned: "planned_start",
    console_field: "value_ready_at",
    console_dialog: "start",
    site_requested: "requested_start",
    site_field: "field_ready_at",
}
TEXTS = [api_requested, file_start, file_field]
SOURCES = [*FORMS, *TEXTS, api_field]


@pytest.mark.parametrize(("zone", "typed", "expected"), CLEAR)
@pytest.mark.parametrize("source", SOURCES)
def test_a_time_that_is_one_moment_is_taken_without_a_question(world, source, zone, typed, expected):
    _answer, moment = source(world, zone, typed)
    assert moment == datetime.fromisoformat(expected)


@pytest.mark.parametrize(("zone", "typed", "first", "second"), UNCLEAR)
@pytest.mark.parametrize("source", FORMS)
def test_a_form_asks_and_keeps_what_was_typed(world, source, zone, typed, first, second):
    answer, moment = source(world, zone, typed)
    assert not moment
    assert offered(answer, FORMS[source]) == [first, second]
    page = told(answer)
    assert " checked>" not in "".join(re.findall(r'<input type="radio" name="\w+_which"[^>]*>', page))
    assert f'value="{typed}"' in page, "what was typed is lost"
    assert source is console_dialog or "Mind the dog." in page
    clock = typed[11:]
    assert f"{clock} comes twice on" in page or f"{clock} doesn't exist on" in page
    assert "couldn’t be interpreted" not in page


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
@pytest.mark.parametrize(("zone", "typed", "first", "second"), UNCLEAR)
@pytest.mark.parametrize("source", SOURCES)
def test_either_can_be_said(world, source, zone, typed, first, second, which):
    wanted = (first, second)[which]
    _answer, moment = source(world, zone, typed, wanted)
    assert moment == datetime.fromisoformat(wanted)


@pytest.mark.parametrize(("zone", "typed", "first", "second"), UNCLEAR)
def test_a_program_is_told_how_to_write_them(world, zone, typed, first, second):
    answer, moment = api_requested(world, zone, typed)
    assert answer.status_code == 422 and not moment
    assert first in told(answer) and second in told(answer)


@pytest.mark.parametrize(("zone", "typed", "first", "second"), UNCLEAR)
def test_a_program_is_told_what_a_field_could_mean(world, zone, typed, first, second):
    answer, moment = api_field(world, zone, typed)
    assert answer.status_code == 422 and not moment
    page = told(answer)
    for one in (first, second):
        assert one[11:16] in page
        assert "doesn't exist" in page or f"UTC{one[16:]}" in page


@pytest.mark.parametrize(("zone", "typed", "first", "second"), UNCLEAR)
@pytest.mark.parametrize("source", [file_start, file_field])
def test_a_check_of_a_file_says_how_to_write_them(world, source, zone, typed, first, second):
    run, job = source(world, zone, typed)
    assert job is None
    said = str(run.report["problems"])
    assert first in said and second in said


@pytest.mark.parametrize("chosen", ["2027-10-31T02:30+05:00", "2026-10-25T02:30+01:00", "nonsense", "1", "x" * 9000])
def test_what_was_chosen_for_another_time_counts_for_nothing(world, chosen):
    answer, moment = console_requested(world, BERLIN, "2027-10-31T02:30", chosen)
    assert not moment and len(offered(answer, "requested_start")) == 2
    assert console_requested(world, BERLIN, "2027-10-31T08:30", chosen)[1] == datetime.fromisoformat(
        "2027-10-31T08:30+01:00"
    )


# --- what lies there already


@pytest.mark.parametrize(("zone", "typed", "first", "second"), [row for row in UNCLEAR if row[1][11:] == row[2][11:16]])
@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_a_job_that_lies_there_is_saved_untouched(world, zone, typed, first, second, which):
    world.office_in(zone)
    moment = datetime.fromisoformat((first, second)[which])
    job = make_job(
        world.cast.acme, world.template, by=world.cast.dana, requested_start=moment,
        values={"ready_at": moment.isoformat()},
    )  # fmt: skip
    dana, page = world.sign_in(world.cast.dana), reverse("admin:jobs_job_change", args=[job.pk])
    shown = dana.get(page)
    data = filled(shown) | {"notes": "Mind the cat."} | as_ticked(shown)
    assert data["requested_start_which"] == data["value_ready_at_which"] == moment.isoformat(timespec="minutes")
    assert dana.post(page, data).status_code == 302
    kept = Job.objects.get(pk=job.pk)
    assert kept.notes == "Mind the cat." and kept.requested_start == moment
    assert kept.values == job.values
    assert "requested_start" not in str(kept.history.first().diff_against(kept.history.last()).changed_fields)


def as_ticked(response):
    """What a browser sends of the choices on a page."""
    found = re.findall(
        r'<input type="radio" name="(\w+_which)" value="([^"]+)"[^>]* checked>', response.content.decode()
    )
    return dict(found)


@pytest.mark.parametrize("moment", ["2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00"])
def test_cora_changes_something_else_of_hers(world, moment):
    job = make_job(
        world.cast.acme, world.template, by=world.cast.dana, requested_start=datetime.fromisoformat(moment),
        address="1 Mill Lane, 20095 Hamburg",
    )  # fmt: skip
    cora, address = world.sign_in(world.cast.cora), f"/jobs/{job.number}/edit/"
    page = cora.get(address)
    said = {
        "place": "new",
        "street": "1 Mill Lane",
        "city": "Hamburg",
        "contact_name": "Pat",
        "seen": page.context["seen"],
    }
    cora.post(address, said | {"requested_start": "2027-10-31T02:30"} | as_ticked(page))
    job.refresh_from_db()
    assert job.contact_name == "Pat" and job.requested_start == datetime.fromisoformat(moment)


def test_the_question_can_be_answered_by_keyboard_and_is_read_aloud(world):
    answer, _moment = console_requested(world, BERLIN, "2027-10-31T02:30")
    page = told(answer)
    group = page[page.index("<fieldset", page.index('name="requested_start"')) :].partition("</fieldset>")[0]
    assert re.search(r"<legend[^>]*>02:30 comes twice. Which one\?</legend>", group)
    for number, words in enumerate(("summer time (CEST, UTC+02:00)", "winter time (CET, UTC+01:00)")):
        assert f'id="id_requested_start_which_{number}"' in group
        assert f'for="id_requested_start_which_{number}"' in group and words in group


# --- moving


def move(world, job, start):
    data = {"job": job.number, "to": "slot", "worker": world.cast.theo.pk, "start": start, "seen": "", "address": ""}
    return world.sign_in(world.cast.dana).post("/admin/schedule/move/", data, headers={"HX-Request": "true"})


def test_a_job_dropped_on_such_a_time_stays_and_dana_is_told_where_to_choose(world):
    job = make_job(world.cast.acme, world.cast.exchange, by=world.cast.dana)
    page = told(move(world, job, "2027-10-31T02:30"))
    assert "02:30 comes twice on 31 October 2027." in page and "Open the job and choose there." in page
    assert Job.objects.get(pk=job.pk).planned_start is None


@pytest.mark.parametrize("moment", ["2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00"])
def test_a_job_given_to_another_worker_keeps_its_moment(world, moment):
    job = make_job(world.cast.acme, world.cast.exchange, by=world.cast.dana)
    start = datetime.fromisoformat(moment)
    schedule_job(job, by=world.cast.dana, start=start)
    board = told(world.sign_in(world.cast.dana).get("/admin/schedule/?view=day&day=2027-10-31"))
    [said] = re.findall(r'data-start="([^"]+)"', board)
    assert said.startswith("2027-10-31T02:30:00") and datetime.fromisoformat(said) == start
    move(world, job, said)
    kept = Job.objects.get(pk=job.pk)
    assert (kept.planned_start, kept.worker) == (start, world.cast.theo)


# --- an address


@pytest.mark.parametrize("which", [0, 1], ids=["first", "second"])
def test_the_moment_in_an_address_is_asked_about_as_well(world, time_machine, which):
    time_machine.move_to("2026-11-01T09:00:00Z", tick=False)
    olivia, person = world.sign_in(world.cast.olivia), world.cast.cora
    page, (_zone, typed, *moments) = reverse("admin:accounts_portaluser_rights", args=[person.pk]), UNCLEAR[1]
    shown = olivia.get(page, {"at": typed})
    assert offered(shown, "at") == moments and "02:30 comes twice on 25 October 2026" in told(shown)
    answer = olivia.get(page, {"at": typed, "at_which": moments[which]})
    assert answer.context["at"] == datetime.fromisoformat(moments[which])
