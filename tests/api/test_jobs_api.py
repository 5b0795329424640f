"""Jobs by API: as good as by hand, and no further than the person behind the token may go."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Customer
from audit.act import Source
from jobs.choices import EventKind
from jobs.models import Job
from jobs.services import cancel_job, create_series
from permissions.models import CustomerGrant
from tests.factories import make_job, make_template

NEW = {"template": "skip-exchange", "customer": {"name": "Acme Builders"}}


def problem(answer, status):
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    return body


class TestMaking:
    def test_a_template_and_a_name_are_enough(self, cast, danas):
        answer = danas.post("/jobs", NEW)
        assert answer.status_code == 201, answer.content
        job = Job.objects.get()
        assert answer.json()["number"] == job.number == "J-000001"
        assert (job.customer, job.template, job.source, job.created_by) == (
            cast.acme, cast.exchange, Source.API, cast.dana,
        )  # fmt: skip
        row = job.history.get()
        assert (row.history_source, row.history_user, row.actor) == (Source.API, cast.dana, "Dana")
        assert [event.kind for event in job.events.all()] == [EventKind.CREATED]
        assert job.portal_links.get().url in answer.json()["notes"]

    def test_a_new_name_makes_a_customer_with_the_jobs_contact(self, cast, danas):
        contact = {"name": "Zoe", "email": "zoe@new.example", "phone": "040 1"}
        answer = danas.post("/jobs", NEW | {"customer": {"name": "New Bakery"}, "contact": contact})
        assert answer.status_code == 201, answer.content
        customer = Customer.objects.get(name="New Bakery")
        site = customer.contacts.get()
        assert (site.name, site.email, site.is_site_contact) == ("Zoe", "zoe@new.example", True)
        assert customer.history.get().actor == "Dana"

    def test_an_existing_customer_is_used_and_not_changed(self, cast, danas):
        contact = {"name": "Zoe", "email": "zoe@other.example"}
        answer = danas.post("/jobs", NEW | {"customer": {"name": "ACME builders"}, "contact": contact})
        assert answer.json()["customer"] == {"id": str(cast.acme.pk), "name": "Acme Builders"}
        assert cast.acme.contacts.get().email == "site@acme.example"
        assert answer.json()["contact_email"] == "zoe@other.example"

    def test_customers_are_found_by_external_id(self, cast, danas):
        Customer.objects.filter(pk=cast.birch.pk).update(external_id="B-7")
        answer = danas.post("/jobs", NEW | {"customer": {"external_id": "B-7"}})
        assert answer.json()["customer"]["id"] == str(cast.birch.pk)
        made = danas.post("/jobs", NEW | {"customer": {"external_id": "N-1", "name": "Next Ltd"}})
        assert Customer.objects.get(external_id="N-1").name == made.json()["customer"]["name"] == "Next Ltd"

    def test_a_name_that_several_bear_is_not_guessed(self, cast, danas):
        Customer.objects.create(name="acme builders")
        assert "Several" in problem(danas.post("/jobs", NEW), 409)["detail"]

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"customer": {"name": "Acme Builders"}, "template": "nothing"}, "template"),
            ({"template": "skip-exchange"}, "customer"),
            (NEW | {"customer": {}}, "customer"),
            (NEW | {"customer": {"id": "99999"}}, "customer"),
            (NEW | {"color": "red"}, "color"),
            (NEW | {"notes": "a\0b"}, "notes"),
            (NEW | {"notes": "\ud800"}, "notes"),
            (NEW | {"planned_start": "0001-01-01T00:00:00Z"}, "planned_start"),
            (NEW | {"amount": "1.234"}, "amount"),
            (NEW | {"amount": "NaN"}, "amount"),
            (NEW | {"values": {"colour": "red"}}, "colour"),
            (NEW | {"worker": "4711"}, "worker"),
            (NEW | {"contact": {"email": "nobody"}}, "contact.email"),
            (NEW | {"duration_minutes": -1}, "duration_minutes"),
        ],
    )
    def test_what_is_wrong_is_named_by_field(self, cast, danas, body, field):
        errors = problem(danas.post("/jobs", body), 422)["errors"]
        assert any(field in error["field"] for error in errors), errors
        assert not Job.objects.exists()

    def test_no_json_is_said_to_be_none(self, danas):
        answer = danas.client.post(
            "/api/v1/jobs", "{", content_type="application/json", headers={"Authorization": f"Bearer {danas.plain}"}
        )
        problem(answer, 400)

    def test_the_same_external_id_twice_is_refused(self, danas):
        assert danas.post("/jobs", NEW | {"external_id": "A-1"}).status_code == 201
        problem(danas.post("/jobs", NEW | {"external_id": "A-1"}), 422)
        assert Job.objects.count() == 1

    def test_without_administrator_rights_a_template_is_needed(self, cast, danas, program):
        problem(danas.post("/jobs", {"customer": {"name": "Acme Builders"}}), 409)
        assert program(cast.olivia).post("/jobs", {"customer": {"name": "Acme Builders"}}).status_code == 201


class TestIdempotency:
    def test_the_same_key_makes_one_job_and_gives_one_answer(self, danas):
        first = danas.post("/jobs", NEW, **{"Idempotency-Key": "k1"})
        again = danas.post("/jobs", NEW, **{"Idempotency-Key": "k1"})
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json() == again.json()
        assert Job.objects.count() == 1

    def test_another_request_under_the_same_key_is_refused(self, danas):
        danas.post("/jobs", NEW, **{"Idempotency-Key": "k1"})
        problem(danas.post("/jobs", NEW | {"notes": "other"}, **{"Idempotency-Key": "k1"}), 409)

    def test_keys_of_different_programs_do_not_meet(self, cast, danas, program):
        danas.post("/jobs", NEW, **{"Idempotency-Key": "k1"})
        program(cast.olivia).post("/jobs", NEW, **{"Idempotency-Key": "k1"})
        assert Job.objects.count() == 2

    def test_what_failed_may_be_tried_again(self, danas):
        problem(danas.post("/jobs", NEW | {"template": "nothing"}, **{"Idempotency-Key": "k1"}), 422)
        assert danas.post("/jobs", NEW, **{"Idempotency-Key": "k1"}).status_code == 201


class TestReading:
    def test_by_number_and_by_external_id(self, cast, danas):
        job = make_job(cast.acme, cast.exchange, external_id="A 1")
        assert danas.get(f"/jobs/{job.number}").json()["number"] == job.number
        assert danas.get("/jobs/external:A%201").json()["number"] == job.number
        for nothing in ("J-999999", "external:", "external:x", "%00", "0"):
            problem(danas.get(f"/jobs/{nothing}"), 404)

    def test_page_by_page_until_the_end(self, cast, danas):
        numbers = [make_job(cast.acme, cast.exchange).number for _ in range(5)]
        seen, after = [], ""
        while True:
            page = danas.get(f"/jobs?limit=2{after}").json()
            seen += [job["number"] for job in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert seen == numbers[::-1]

    @pytest.mark.parametrize(
        "query",
        [
            "limit=0",
            "limit=201",
            "after=x",
            "after=-1",
            "status=gone",
            "planned_from=x",
            "planned_from=2026-12-24T00:00:00Z&planned_until=2026-12-01T00:00:00Z",
        ],
    )
    def test_nonsense_in_the_address_is_refused(self, danas, query):
        problem(danas.get(f"/jobs?{query}"), 422)

    def test_filters(self, cast, danas):
        ours, other = make_job(cast.acme, cast.exchange), make_job(cast.birch, cast.inspection, worker=cast.theo)
        cancel_job(other, by=None, reason="rain")
        for query, job in {
            "status=cancelled": other,
            f"customer={cast.acme.pk}": ours,
            "template=site-inspection": other,
            f"worker={cast.theo.pk}": other,
            "q=acme": ours,
        }.items():
            assert [one["number"] for one in danas.get(f"/jobs?{query}").json()["items"]] == [job.number], query

    def test_a_page_costs_the_same_whatever_is_on_it(self, cast, danas):
        def queries():
            with CaptureQueriesContext(connection) as caught:
                assert danas.get("/jobs?limit=100").status_code == 200
            return len(caught)

        make_job(cast.acme, cast.exchange)
        queries()
        few = queries()
        for _ in range(15):
            make_job(cast.birch, cast.inspection, worker=cast.theo)
        assert queries() == few

    def test_its_events(self, cast, danas):
        number = danas.post("/jobs", NEW).json()["number"]
        assert [
            (event["kind"], event["by"], event["source"])
            for event in danas.get(f"/jobs/{number}/events").json()["items"]
        ] == [("job.created", "Dana", "api")]


class TestChanging:
    def test_what_is_sent_changes_and_the_rest_stays(self, cast, danas):
        template = make_template(fields=({"label": "Size"}, {"label": "Gate"}))
        job = make_job(cast.acme, template, values={"size": "9", "gate": "4"}, asset_id="BIN-1")
        answer = danas.patch(f"/jobs/{job.number}", {"notes": "Ring", "values": {"gate": None}})
        body = answer.json()
        assert (body["notes"], body["values"], body["asset_id"]) == ("Ring", {"size": "9"}, "BIN-1")
        assert job.events.last().by == cast.dana

    def test_its_whole_life(self, cast, danas):
        number = danas.post("/jobs", NEW).json()["number"]
        start = (timezone.now() + timedelta(days=1)).isoformat()

        def move(step, **more):
            answer = danas.post(f"/jobs/{number}/transitions", {"step": step, **more})
            assert answer.status_code == 200, answer.content
            return answer.json()["status"]

        assert move("schedule", start=start, worker=str(cast.theo.pk)) == "scheduled"
        assert move("postpone", reason="rain") == "postponed"
        assert move("schedule", start=start) == "scheduled"
        assert move("cancel", reason="no need") == "cancelled"
        assert move("undo_cancel") == "scheduled"
        step = Job.objects.get().steps()[0].key
        assert danas.post(f"/jobs/{number}/steps/{step}").json()["status"] == "started"
        assert move("pause") == "paused"
        assert move("resume") == "started"
        assert move("complete") == "completed"
        refused = problem(danas.post(f"/jobs/{number}/transitions", {"step": "start"}), 409)
        assert refused["detail"] == f"{number} is completed: it cannot be started."

    def test_what_a_step_needs_is_asked_for(self, danas):
        number = danas.post("/jobs", NEW).json()["number"]
        for step, field in (("schedule", "start"), ("cancel", "reason")):
            errors = problem(danas.post(f"/jobs/{number}/transitions", {"step": step}), 422)["errors"]
            assert errors[0]["field"] == field

    def test_giving_it_to_a_worker_and_to_nobody(self, cast, danas):
        number = danas.post("/jobs", NEW).json()["number"]
        assert danas.put(f"/jobs/{number}/worker", {"worker": str(cast.theo.pk)}).json()["worker"]["name"] == "Theo"
        assert danas.put(f"/jobs/{number}/worker", {"worker": None}).json()["worker"] is None


class TestWhoMay:
    @pytest.fixture
    def job(self, cast):
        return make_job(cast.acme, cast.exchange)

    def test_sam_reads_and_changes_nothing(self, cast, program, job):
        sams = program(cast.sam)
        assert sams.get(f"/jobs/{job.number}").status_code == 200
        problem(sams.post("/jobs", NEW), 403)
        problem(sams.patch(f"/jobs/{job.number}", {"notes": "x"}), 403)
        problem(sams.post(f"/jobs/{job.number}/transitions", {"step": "cancel", "reason": "x"}), 403)
        problem(sams.post(f"/jobs/{job.number}/steps/drive_there"), 403)
        problem(sams.get("/links"), 403)

    def test_nell_has_no_role_and_no_jobs(self, cast, program, job):
        nells = program(cast.nell)
        problem(nells.get("/jobs"), 403)
        problem(nells.patch(f"/jobs/{job.number}", {"notes": "x"}), 404)

    def test_a_token_is_good_for_its_scopes_only(self, cast, program, job):
        reads = program(cast.dana, scopes=("jobs.read",))
        assert reads.get(f"/jobs/{job.number}").status_code == 200
        assert "jobs.write" in problem(reads.post("/jobs", NEW), 403)["detail"]
        problem(reads.get("/customers"), 403)
        problem(reads.get("/series"), 403)

    def test_object_grants_hold_as_in_the_console(self, cast, program, job):
        from django.contrib.auth.models import Permission

        cast.dana.only_granted_customers = True
        cast.dana.save()
        danas = program(cast.dana)
        problem(danas.get(f"/jobs/{job.number}"), 404)
        assert danas.get("/jobs").json()["items"] == []
        view = Permission.objects.get(codename="view_customer")
        CustomerGrant.objects.create(user=cast.dana, permission=view, content_object=cast.acme)
        danas = program(cast.dana)
        assert danas.get(f"/jobs/{job.number}").status_code == 200
        problem(danas.patch(f"/jobs/{job.number}", {"notes": "x"}), 403)
        problem(danas.post("/jobs", NEW | {"customer": {"name": "Cedar School"}}), 403)
        assert Customer.objects.filter(name="Cedar School").count() == 1

    def test_making_one_with_a_time_needs_the_right_to_schedule(self, cast, program):
        inesses = program(cast.ines)
        problem(inesses.post("/jobs", NEW | {"planned_start": "2026-12-01T08:00:00Z"}), 403)
        assert inesses.post("/jobs", NEW).status_code == 201


def test_links_are_read_revoked_and_replaced(cast, danas):
    number = danas.post("/jobs", NEW).json()["number"]
    (link,) = danas.get(f"/jobs/{number}/links").json()["items"]
    assert link["is_alive"]
    fresh = danas.post(f"/links/{link['id']}/reissue")
    assert fresh.status_code == 201
    assert fresh.json()["url"] in danas.get(f"/jobs/{number}").json()["notes"]
    dead = danas.post(f"/links/{fresh.json()['id']}/revoke", {"reason": "lost phone"}).json()
    assert (dead["is_alive"], dead["dead_by"]) == (False, "revoked")
    assert len(danas.get("/links").json()["items"]) == 2


def test_a_worker_does_her_own_jobs_and_no_others(cast, danas, program):
    mine, other = make_job(cast.acme, cast.exchange, worker=cast.theo), make_job(cast.acme, cast.exchange)
    theos = program(cast.theo)
    assert [job["number"] for job in theos.get("/worker/jobs").json()] == [mine.number]
    answer = theos.post(f"/worker/jobs/{mine.number}/transitions", {"step": "start"})
    assert answer.json()["status"] == "started"
    assert mine.events.last().actor == "Theo"
    key = mine.steps()[0].key
    assert theos.post(f"/worker/jobs/{mine.number}/steps/{key}").status_code == 200
    problem(theos.post(f"/worker/jobs/{other.number}/transitions", {"step": "start"}), 404)
    problem(theos.post(f"/worker/jobs/{mine.number}/transitions", {"step": "cancel", "reason": "x"}), 403)
    for path in ("/jobs", "/customers", "/workers"):
        problem(theos.get(path), 403)
    assert theos.post("/worker/position", {"latitude": 53.55, "longitude": "9.99"}).status_code == 201
    assert danas.get("/workers").json()["items"][0]["position"]["latitude"] == "53.550000"
    problem(theos.post("/worker/position", {"latitude": 91, "longitude": 0}), 422)
    problem(danas.post("/worker/position", {"latitude": 1, "longitude": 0}), 403)


def test_series_by_api(cast, danas):
    body = {
        "name": "Weekly",
        "customer": {"id": str(cast.acme.pk)},
        "template": "skip-exchange",
        "rules": [{"kind": "week", "every": 1, "on": ["mo"]}],
        "starts_on": timezone.localdate().isoformat(),
        "create_days_ahead": 10,
    }
    answer = danas.post("/series", body)
    assert answer.status_code == 201, answer.content
    series = answer.json()
    assert series["sentence"].startswith("Every Monday, at 08:00")
    assert Job.objects.filter(source=Source.SERIES).exists()
    path = f"/series/{series['id']}"
    assert danas.patch(path, {"is_paused": True}).json()["state"] == "paused"
    assert danas.patch(path, {"is_paused": False, "name": "Mondays"}).json()["name"] == "Mondays"
    later = danas.get(path).json()["next_dates"][5]
    assert later not in danas.post(f"{path}/skips", {"day": later}).json()["next_dates"]
    problem(danas.post("/series", body | {"rules": [{"kind": "week", "on": []}]}), 422)
    assert len(danas.get("/series").json()["items"]) == 1


def test_customers_by_api(cast, danas):
    contact = {"name": "Zoe", "email": "zoe@new.example"}
    made = danas.post("/customers", {"name": "New Bakery", "external_id": "N-1", "site_contact": contact})
    assert made.status_code == 201, made.content
    assert made.json()["contacts"][0]["email"] == "zoe@new.example"
    path = "/customers/external:N-1"
    assert danas.patch(path, {"name": "Newer Bakery"}).json()["name"] == "Newer Bakery"
    assert danas.get("/customers?q=newer").json()["items"][0]["external_id"] == "N-1"
    problem(danas.post("/customers", {"name": "x", "external_id": "N-1"}), 422)
    problem(danas.post("/customers", {"name": "x", "site_contact": {"email": "nobody"}}), 422)
    assert "notes" not in danas.get(path).json()


def test_templates_by_api(cast, danas):
    slugs = {template["slug"] for template in danas.get("/templates").json()["items"]}
    assert slugs == {"skip-exchange", "site-inspection"}
    assert len(danas.get("/templates/skip-exchange").json()["steps"]) == 3
    problem(danas.get("/templates/nothing"), 404)


def test_series_made_elsewhere_are_listed_in_few_queries(cast, danas):
    facts = {"customer": cast.acme, "template": cast.exchange, "starts_on": timezone.localdate()}
    for n in range(3):
        create_series(facts | {"name": str(n), "rules": [{"kind": "weekday"}], "create_days_ahead": 0}, by=None)
    assert len(danas.get("/series?limit=3").json()["items"]) == 3


def test_a_worker_sees_and_fills_in_what_the_template_gives_her(cast, program):
    fields = (
        {"label": "Weight", "kind": "number", "worker_use": "required"},
        {"label": "Margin", "kind": "number", "worker_use": "hidden"},
        {"label": "Gate code", "kind": "text", "worker_use": "read_only"},
    )
    values = {"margin": "12", "gate_code": "4711"}
    job = make_job(cast.acme, make_template("Collect", fields=fields), worker=cast.theo, values=values)
    theos = program(cast.theo)
    assert set(theos.get(f"/worker/jobs/{job.number}").json()["values"]) == {"gate_code"}
    answer = theos.patch(f"/worker/jobs/{job.number}", {"values": {"weight": "340", "gate_code": "x", "margin": "0"}})
    assert answer.status_code == 200, answer.content
    job.refresh_from_db()
    assert job.values["gate_code"] == "4711"
    assert str(job.values["weight"]) == "340"
    assert str(job.values["margin"]) == "12"
    assert job.events.last().actor == "Theo"
    problem(theos.patch(f"/worker/jobs/{job.number}", {"values": {"weight": "heavy"}}), 422)
    cancel_job(job, by=None, reason="rain")
    problem(theos.patch(f"/worker/jobs/{job.number}", {"values": {"weight": "1"}}), 409)
