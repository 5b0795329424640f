from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.services import assign_worker, cancel_job, complete_job, complete_step, schedule_job
from permissions.models import PermissionOverride
from tests.factories import make_job, make_template

ALLOW, DENY = PermissionOverride.Effect.ALLOW, PermissionOverride.Effect.DENY


def override(person, permission, effect, customer=None):
    to = {"link": person.links.get(customer=customer)} if customer else {"portal_user": person}
    return PermissionOverride.objects.create(permission=permission, effect=effect, **to)


def numbers(response):
    return [job.number for job in response.context["page"].object_list]


@pytest.fixture
def jobs(cast):
    return {
        "acme": make_job(cast.acme, cast.exchange, by=cast.dana, address="1 Mill Lane"),
        "birch": make_job(cast.birch, cast.exchange, by=cast.dana, address="2 Harbour Road"),
        "cedar": make_job(cast.cedar, cast.exchange, by=cast.dana, address="3 School Street"),
        "inspection": make_job(cast.acme, cast.inspection, by=cast.dana),
    }


def test_cora_sees_the_jobs_of_her_customers_whose_templates_she_has(cast, jobs, sign_in):
    assert set(numbers(sign_in(cast.cora).get("/jobs/"))) == {jobs["acme"].number, jobs["birch"].number}
    assert numbers(sign_in(cast.carl).get("/jobs/")) == [jobs["cedar"].number]


def test_a_job_of_somebody_else_and_a_job_that_is_not_are_alike(cast, jobs, sign_in):
    client = sign_in(cast.cora)
    for number in (jobs["cedar"].number, jobs["inspection"].number, "J-999999", "nonsense"):
        assert client.get(f"/jobs/{number}/").status_code == 404


def test_without_the_right_an_insider_gets_a_403_and_a_stranger_still_a_404(cast, jobs, sign_in):
    override(cast.cora, "view_jobs", DENY, cast.acme)
    client = sign_in(cast.cora)
    assert client.get(f"/jobs/{jobs['acme'].number}/").status_code == 403
    assert client.get(f"/jobs/{jobs['cedar'].number}/").status_code == 404
    assert numbers(client.get("/jobs/")) == [jobs["birch"].number]


def test_without_the_right_anywhere_there_is_no_list(cast, jobs, sign_in):
    override(cast.cora, "view_jobs", DENY)
    client = sign_in(cast.cora)
    assert client.get("/jobs/").status_code == 403
    assert client.get("/").status_code == 200


def test_who_acts_for_everybody_sees_everybody(cast, jobs, sign_in):
    override(cast.carl, "any_customer", ALLOW)
    assert len(numbers(sign_in(cast.carl).get("/jobs/"))) == 3


def test_she_switches_to_one_account_and_back(cast, jobs, sign_in):
    client = sign_in(cast.cora)
    client.post("/accounts/switch/", {"account": cast.acme.pk, "next": "/jobs/"})
    assert numbers(client.get("/jobs/")) == [jobs["acme"].number]
    # A mail may lead her to a job of the other account: it opens.
    assert client.get(f"/jobs/{jobs['birch'].number}/").status_code == 200
    client.post("/accounts/switch/", {"account": "all"})
    assert len(numbers(client.get("/jobs/"))) == 2


@pytest.mark.parametrize("account", ["cedar", "nonsense", "", "-1", "99999999999999999999"])
def test_she_cannot_switch_to_an_account_that_is_not_hers(cast, sign_in, account):
    client = sign_in(cast.cora)
    chosen = cast.cedar.pk if account == "cedar" else account
    assert client.post("/accounts/switch/", {"account": chosen}).status_code == 404


def test_a_choice_is_worth_nothing_once_the_link_is_gone(cast, jobs, sign_in):
    client = sign_in(cast.cora)
    client.post("/accounts/switch/", {"account": cast.acme.pk})
    cast.cora.links.get(customer=cast.acme).delete()
    assert numbers(client.get("/jobs/")) == [jobs["birch"].number]


def test_upcoming_and_past(cast, jobs, sign_in):
    complete_job(jobs["acme"], by=cast.dana)
    client = sign_in(cast.cora)
    assert numbers(client.get("/jobs/")) == [jobs["birch"].number]
    assert numbers(client.get("/jobs/?when=past")) == [jobs["acme"].number]


def test_the_search_reads_address_and_number_and_stays_in_the_address(cast, jobs, sign_in):
    response = sign_in(cast.cora).get("/jobs/?q=mill")
    assert numbers(response) == [jobs["acme"].number]
    assert 'value="mill"' in response.content.decode()
    assert "?q=mill&amp;when=past" in response.content.decode()


def test_the_search_finds_nothing_of_others(cast, jobs, sign_in):
    response = sign_in(cast.cora).get("/jobs/?q=school")
    assert numbers(response) == []
    assert "Nothing found" in response.content.decode()


def test_htmx_gets_the_results_alone(cast, jobs, sign_in):
    page = sign_in(cast.cora).get("/jobs/", headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    assert "<html" not in page
    assert jobs["acme"].number in page


def test_page_by_page(cast, sign_in):
    for _ in range(25):
        make_job(cast.acme, cast.exchange, by=cast.dana)
    client = sign_in(cast.cora)
    assert len(numbers(client.get("/jobs/"))) == 20
    assert len(numbers(client.get("/jobs/?page=2"))) == 5
    assert client.get("/jobs/?page=nonsense").status_code == 200


def test_what_the_customer_must_not_see_never_leaves_the_server(cast, sign_in):
    template = make_template(
        "Wardrobe",
        fields=(
            {"label": "Gate code", "portal_use": "hidden"},
            {"label": "Colour", "portal_use": "read_only"},
            {"label": "Floor", "portal_use": "optional"},
        ),
    )
    template.steps.create(name="Load the van", position=0)
    template.steps.create(name="Carry it up", position=1, portal_use="read_only")
    values = {"gate_code": "0815", "colour": "Oak", "floor": "4"}
    job = make_job(cast.acme, template, by=cast.dana, values=values, notes="Ring twice.")
    complete_step(job, "load_the_van", by=cast.dana)
    page = sign_in(cast.cora).get(f"/jobs/{job.number}/").content.decode()
    for shown in ("Oak", "Carry it up", "Ring twice."):
        assert shown in page
    for hidden in ("0815", "Gate code", "Load the van", "/l/", job.portal_links.get().token):
        assert hidden not in page


def test_the_worker_is_shown_to_who_may_see_him(cast, jobs, sign_in):
    assign_worker(jobs["acme"], by=cast.dana, worker=cast.theo)
    assert "Theo" not in sign_in(cast.cora).get(f"/jobs/{jobs['acme'].number}/").content.decode()
    override(cast.cora, "view_worker", ALLOW)
    assert "Theo" in sign_in(cast.cora).get(f"/jobs/{jobs['acme'].number}/").content.decode()


def test_it_says_where_the_job_stands_in_her_words(cast, jobs, sign_in, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    start = timezone.make_aware(timezone.datetime(2026, 11, 25, 8, 30))
    schedule_job(jobs["acme"], by=cast.dana, start=start)
    client = sign_in(cast.cora)
    page = client.get(f"/jobs/{jobs['acme'].number}/").content.decode()
    assert "Planned for Wednesday, 25 November, 08:30" in page
    assert "unassigned" not in page.lower()
    cancel_job(jobs["acme"], by=cast.dana, reason="They never pay")
    page = client.get(f"/jobs/{jobs['acme'].number}/").content.decode()
    assert "Cancelled on" in page
    assert "They never pay" not in page


def test_home_shows_what_is_today_and_what_is_next(cast, jobs, sign_in, time_machine):
    time_machine.move_to("2026-11-23T09:00:00Z", tick=False)
    schedule_job(jobs["acme"], by=cast.dana, start=timezone.now() + timedelta(hours=2))
    schedule_job(jobs["birch"], by=cast.dana, start=timezone.now() + timedelta(days=2))
    response = sign_in(cast.cora).get("/")
    assert [row.job.number for row in response.context["today"]] == [jobs["acme"].number]
    assert [row.job.number for row in response.context["next_jobs"]] == [jobs["birch"].number]


def test_somebody_without_a_customer_is_told_what_happens_next(cast, sign_in):
    cast.carl.links.all().delete()
    client = sign_in(cast.carl)
    assert "not linked to an account yet" in client.get("/").content.decode()
    assert client.get("/jobs/").status_code == 403


def test_names_are_escaped(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, address="<script>alert(1)</script>")
    for path in ("/", "/jobs/", f"/jobs/{job.number}/"):
        assert "<script>alert" not in sign_in(cast.cora).get(path).content.decode()


def test_while_she_looks_steps_and_history_follow_too(cast, sign_in):
    cast.exchange.steps.update(portal_use="read_only")
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    client = sign_in(cast.cora)
    page = client.get(f"/jobs/{job.number}/").content.decode()
    assert 'id="steps-card"' in page
    assert "hx-swap-oob" not in page
    complete_step(job, "drive_there", by=cast.dana)
    part = client.get(f"/jobs/{job.number}/status/").content.decode()
    assert "<html" not in part
    assert part.count("hx-swap-oob") == 4
    assert "“Drive there” is done" in part


def test_while_she_looks_the_plan_and_what_she_can_do_follow_too(cast, sign_in):
    override(cast.cora, "view_worker", "allow")
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    client = sign_in(cast.cora)
    page = client.get(f"/jobs/{job.number}/").content.decode()
    assert "<dt>Planned</dt>" not in page
    assert ">Cancel this job<" in page
    schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(hours=2), worker=cast.theo)
    part = client.get(f"/jobs/{job.number}/status/").content.decode()
    assert "<dt>Planned</dt>" in part
    assert "<dt>Who comes</dt>" in part
    # So near to its start it is hers to ask for, no more to do.
    assert ">Ask us to cancel<" in part
    complete_job(job, by=cast.dana)
    part = client.get(f"/jobs/{job.number}/status/").content.decode()
    assert "to cancel<" not in part
    assert ">Book again<" in part
    assert sign_in(cast.carl).get(f"/jobs/{job.number}/status/").status_code == 404
