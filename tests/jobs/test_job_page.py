from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.admin.panels import EXTRA_PANELS, Panel
from jobs.choices import EventKind, JobStatus
from jobs.models import CancellationReason, ChangeRequest, Job
from jobs.services import ask_for_change, cancel_job, complete_job, complete_step, schedule_job, start_job
from tests.console.forms import filled
from tests.factories import make_job, make_template


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, address="Mill Lane 7")


def page_of(job):
    return reverse("admin:jobs_job_change", args=[job.pk])


def click(client, job, button, **answers):
    return client.post(reverse(f"admin:jobs_job_{button}", args=[job.pk]), {"_form_submitted": "1", **answers})


def fresh(job):
    return Job.objects.get(pk=job.pk)


SOON = "2031-05-05T09:30"


def test_dana_schedules_it(cast, sign_in, job):
    click(sign_in(cast.dana), job, "schedule", start=SOON, worker=str(cast.theo.pk), duration_minutes="45")
    job = fresh(job)
    assert (job.status, job.worker, job.duration_minutes) == (JobStatus.SCHEDULED, cast.theo, 45)
    assert timezone.localtime(job.planned_start).strftime("%Y-%m-%dT%H:%M") == SOON
    assert job.events.last().actor == "Dana" and job.events.last().source == "console"


def test_she_is_told_of_a_clash(cast, sign_in, job):
    other = make_job(cast.birch, cast.exchange)
    start = timezone.make_aware(timezone.datetime(2031, 5, 5, 9, 0))
    schedule_job(other, by=cast.dana, start=start, worker=cast.theo, duration_minutes=60)
    dana = sign_in(cast.dana)
    click(dana, job, "schedule", start=SOON, worker=str(cast.theo.pk), duration_minutes="45")
    assert f"has another job at that time ({other.number})" in dana.get(page_of(job)).content.decode()


def test_its_life_by_buttons(cast, sign_in, job):
    dana = sign_in(cast.dana)
    for button, status in (
        ("start_now", JobStatus.STARTED),
        ("pause", JobStatus.PAUSED),
        ("resume", JobStatus.STARTED),
        ("complete", JobStatus.COMPLETED),
    ):
        click(dana, job, button)
        assert fresh(job).status == status, button


def test_steps_are_ticked_off_one_by_one_until_the_job_is_done(cast, sign_in, job):
    dana = sign_in(cast.dana)
    for step in fresh(job).steps():
        click(dana, job, "complete_step", step=step.key)
    assert fresh(job).status == JobStatus.COMPLETED


@pytest.mark.parametrize(("zone", "clock"), [("Europe/Berlin", "14:05"), ("America/New_York", "08:05")])
def test_a_step_was_done_when_the_clock_of_the_office_said_so(cast, sign_in, job, time_machine, settings, zone, clock):
    settings.TIME_ZONE = zone
    time_machine.move_to("2026-11-24T13:05:00Z", tick=False)
    complete_step(job, job.steps()[0].key, by=cast.dana)
    shown = _steps_on(sign_in(cast.dana).get(page_of(job)))
    assert clock in shown and "13:05" not in shown


def _steps_on(page):
    return page.content.decode().split('id="job-steps"')[1].split("</section>")[0]


def test_cancelling_needs_a_reason_and_takes_one_of_the_list(cast, sign_in, job):
    listed = CancellationReason.objects.create(text="Gate was locked")
    dana = sign_in(cast.dana)
    assert "Say why" in click(dana, job, "cancel").content.decode()
    click(dana, job, "cancel", listed=str(listed.pk), words="twice")
    assert (fresh(job).status, fresh(job).cancellation_reason) == (JobStatus.CANCELLED, "Gate was locked: twice")
    click(dana, job, "undo_cancellation")
    assert fresh(job).status == JobStatus.UNASSIGNED


def test_cancelling_says_how_many_links_die(cast, sign_in, job):
    page = sign_in(cast.dana).get(reverse("admin:jobs_job_cancel", args=[job.pk])).content.decode()
    assert "1 portal link dies." in page


def test_postponing_and_taking_off_the_schedule(cast, sign_in, job):
    dana = sign_in(cast.dana)
    click(dana, job, "schedule", start=SOON)
    click(dana, job, "unschedule")
    assert (fresh(job).status, fresh(job).planned_start) == (JobStatus.UNASSIGNED, None)
    click(dana, job, "postpone", reason="Customer is away")
    assert fresh(job).status == JobStatus.POSTPONED
    assert "Postponed: Customer is away" in dana.get(page_of(job)).content.decode()


def test_looking_at_a_button_changes_nothing(cast, sign_in, job):
    dana = sign_in(cast.dana)
    for button in ("schedule", "start_now", "complete", "cancel", "postpone", "assign", "complete_step"):
        assert dana.get(reverse(f"admin:jobs_job_{button}", args=[job.pk])).status_code == 200
    assert fresh(job).status == JobStatus.UNASSIGNED and job.events.count() == 1


def test_what_its_state_rules_out_leads_back_with_a_sentence(cast, sign_in, job):
    complete_job(job, by=cast.dana)
    dana = sign_in(cast.dana)
    page = click(dana, job, "start_now")
    assert "has changed meanwhile" in dana.get(page.headers.get("Location") or page_of(job)).content.decode()
    assert fresh(job).status == JobStatus.COMPLETED


def test_changing_it_writes_an_event_that_names_the_fields(cast, sign_in, job):
    dana = sign_in(cast.dana)
    dana.post(page_of(job), filled(dana.get(page_of(job))) | {"asset_id": "SKIP-7"})
    event = fresh(job).events.last()
    assert (event.kind, event.data["fields"]) == (EventKind.CHANGED, ["asset_id"])
    assert fresh(job).history.first().history_user == cast.dana
    assert "SKIP-7".lower() in fresh(job).search_text


def test_saving_without_a_change_leaves_no_trace(cast, sign_in, job):
    dana = sign_in(cast.dana)
    dana.post(page_of(job), filled(dana.get(page_of(job))))
    assert fresh(job).events.count() == 1 and job.history.count() == 1


def test_the_templates_fields_are_checked_like_everywhere(cast, sign_in):
    template = make_template(fields=({"label": "Tonnes", "kind": "number", "maximum": 10},))
    job = make_job(cast.acme, template, values={"tonnes": 4})
    dana = sign_in(cast.dana)
    data = filled(dana.get(page_of(job)))
    assert data["value_tonnes"] == "4"
    refused = dana.post(page_of(job), data | {"value_tonnes": "11"})
    assert "at most 10" in refused.content.decode()
    dana.post(page_of(job), data | {"value_tonnes": "7,5"})
    assert fresh(job).values == {"tonnes": 7.5}


def test_a_location_of_another_customer_is_refused(cast, sign_in, job):
    from tests.factories import make_location

    other = make_location(cast.cedar)
    dana = sign_in(cast.dana)
    page = dana.post(page_of(job), filled(dana.get(page_of(job))) | {"location": str(other.pk)})
    assert page.status_code == 200 and fresh(job).location is None


def test_it_tells_what_happened_and_by_whom(cast, sign_in, job):
    start_job(job, by=cast.dana)
    ask_for_change(job, by=cast.cora.user, kind=ChangeRequest.Kind.CHANGE, reason="<b>A bigger skip</b>")
    page = sign_in(cast.sam).get(page_of(job)).content.decode()
    assert "Job started" in page and "Dana" in page
    assert "&lt;b&gt;A bigger skip" in page and "<b>A bigger skip" not in page


def test_the_link_is_copied_by_who_may_change_it_and_shown_to_nobody_else(cast, sign_in, job):
    Job.objects.filter(pk=job.pk).update(notes="")
    token = job.portal_links.get().token
    assert token in sign_in(cast.dana).get(page_of(job)).content.decode()
    assert token not in sign_in(cast.sam).get(page_of(job)).content.decode()


def test_other_rooms_add_a_card(cast, sign_in, job, monkeypatch):
    monkeypatch.setattr("jobs.admin.panels.EXTRA_PANELS", [lambda request, job: Panel("Messages", "none for it")])
    assert "none for it" in sign_in(cast.dana).get(page_of(job)).content.decode()
    assert EXTRA_PANELS is not None


def test_its_cards_cost_the_same_however_much_happened(cast, sign_in, job):
    dana = sign_in(cast.dana)
    live = reverse("admin:jobs_job_live", args=[job.pk])

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert dana.get(live).status_code == 200
        return len(caught)

    queries()
    few = queries()
    for n in range(10):
        schedule_job(job, by=cast.dana, start=timezone.now() + timedelta(days=n + 1))
    assert queries() == few


def test_the_open_page_follows_its_status(cast, sign_in, job):
    dana = sign_in(cast.dana)
    live = reverse("admin:jobs_job_live", args=[job.pk])
    assert f'hx-get="{live}"' in dana.get(page_of(job)).content.decode()
    cancel_job(job, by=cast.olivia, reason="Rain")
    page = dana.get(live).content.decode()
    assert "Cancelled: Rain" in page and 'hx-swap-oob="true"' in page


@pytest.mark.parametrize(
    "button", ["schedule", "assign", "start_now", "complete", "complete_step", "postpone", "cancel"]
)
@pytest.mark.parametrize("person", ["sam", "bill", "ines", "nell"])
def test_who_may_not_do_it_presses_no_button(cast, sign_in, job, person, button):
    answer = click(sign_in(getattr(cast, person)), job, button, start=SOON, words="x", step="drive_there")
    assert answer.status_code in (403, 404)
    assert fresh(job).status == JobStatus.UNASSIGNED and fresh(job).events.count() == 1


def test_only_an_administrator_deletes_for_good(cast, sign_in, job):
    url = reverse("admin:jobs_job_delete", args=[job.pk])
    assert sign_in(cast.dana).post(url, {"post": "yes"}).status_code == 403
    assert sign_in(cast.olivia).post(url, {"post": "yes"}).status_code == 302
    assert not Job.objects.filter(pk=job.pk).exists()


def test_a_job_that_does_not_exist_is_a_404(cast, sign_in):
    assert sign_in(cast.dana).get("/admin/jobs/job/999999/change/").status_code == 404
    assert sign_in(cast.dana).get("/admin/jobs/job/nonsense/change/").status_code == 404
