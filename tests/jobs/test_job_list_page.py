from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.choices import JobStatus
from jobs.models import Job
from jobs.services import complete_job
from tests.console.people import narrow
from tests.factories import make_job

LIST = "/admin/jobs/job/"


def shown(client, **query):
    return {job.number for job in client.get(LIST, query).context["cl"].result_list}


def test_it_finds_every_word_in_number_customer_address_and_contact(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, address="Mill Lane 7b", contact_name="Zoe")
    make_job(cast.birch, cast.exchange, address="Mill Lane 9")
    dana = sign_in(cast.dana)
    for words in (job.number, "acme", "lane mill 7b", "zoe ACME"):
        assert shown(dana, q=words) == {job.number}, words


def test_its_search_crosses_no_join(cast, sign_in):
    with CaptureQueriesContext(connection) as caught:
        sign_in(cast.dana).get(LIST, {"q": "acme"})
    searching = [query["sql"] for query in caught if "search_text" in query["sql"] and "LIKE" in query["sql"]]
    assert searching and all("name" not in sql.split("WHERE")[1].split("ORDER")[0] for sql in searching)


def test_it_costs_the_same_however_many_jobs_there_are(cast, sign_in):
    dana = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            dana.get(LIST)
        return len(caught)

    make_job(cast.acme, cast.exchange, worker=cast.theo)
    make_job(cast.birch, cast.inspection)
    queries()
    few = queries()
    for n in range(45):
        make_job((cast.acme, cast.birch, cast.cedar)[n % 3], (cast.exchange, cast.inspection)[n % 2], worker=cast.theo)
    assert queries() == few


def test_a_narrowed_dispatcher_sees_her_customers_jobs_only(cast, sign_in):
    theirs, other = make_job(cast.acme, cast.exchange), make_job(cast.cedar, cast.exchange)
    narrow(cast.dana, cast.acme)
    dana = sign_in(cast.dana)
    assert shown(dana) == {theirs.number}
    assert shown(dana, q="cedar") == set()
    assert dana.get(f"{LIST}{other.pk}/change/").status_code == 404
    assert dana.get(f"{LIST}{other.pk}/sheet/").status_code == 404
    assert dana.get(f"{LIST}{other.pk}/live/").status_code == 404


def test_the_filter_of_templates_names_only_those_she_may_see(cast, sign_in):
    make_job(cast.acme, cast.exchange)
    cast.dana.only_granted_templates = True
    cast.dana.save()
    page = sign_in(cast.dana).get(LIST).content.decode()
    assert cast.inspection.name not in page


def test_nell_is_refused_and_a_customer_is_sent_to_sign_in(cast, sign_in):
    assert sign_in(cast.nell).get(LIST).status_code == 403
    assert sign_in(cast.carl).get(LIST).status_code == 302


# --- many at once


def ticked(action, *jobs, **answers):
    data = {"action": action, "index": "0", "select_across": "0", "_selected_action": [str(job.pk) for job in jobs]}
    return data | ({"_form_submitted": "1", **answers} if answers else {})


@pytest.fixture
def start():
    return (timezone.localtime() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)


def test_it_says_in_numbers_what_scheduling_many_will_do(cast, sign_in, start):
    free, planned, done = (make_job(cast.acme, cast.exchange) for _ in range(3))
    complete_job(done, by=cast.dana)
    Job.objects.filter(pk=planned.pk).update(status=JobStatus.SCHEDULED, planned_start=start)
    page = sign_in(cast.dana).post(LIST, ticked("schedule_many", free, planned, done)).content.decode()
    assert "1 job gets a start." in page and "1 is moved." in page and "1 is past that and stays." in page
    assert Job.objects.get(pk=free.pk).planned_start is None


def test_many_are_scheduled_one_after_another(cast, sign_in, start):
    jobs = [make_job(cast.acme, cast.exchange, duration_minutes=30) for _ in range(3)]
    answers = {"start": start.strftime("%Y-%m-%dT%H:%M"), "worker": str(cast.theo.pk), "in_a_row": "on"}
    page = sign_in(cast.dana).post(LIST, ticked("schedule_many", *jobs, **answers), follow=True)
    assert "3 jobs are scheduled." in page.content.decode()
    starts = sorted(Job.objects.values_list("planned_start", flat=True))
    assert starts == [start, start + timedelta(minutes=30), start + timedelta(minutes=60)]
    assert set(Job.objects.values_list("worker", flat=True)) == {cast.theo.pk}


def test_those_a_service_refuses_are_named_and_the_others_are_done(cast, sign_in):
    good, over = make_job(cast.acme, cast.exchange), make_job(cast.acme, cast.exchange)
    complete_job(over, by=cast.dana)
    answer = sign_in(cast.dana).post(LIST, ticked("assign_many", good, over, worker=str(cast.theo.pk)), follow=True)
    page = answer.content.decode()
    assert "1 job is assigned." in page and f"{over.number} is over" in page
    assert Job.objects.get(pk=good.pk).worker == cast.theo


def test_a_narrowed_dispatcher_cannot_reach_others_by_their_keys(cast, sign_in):
    other = make_job(cast.cedar, cast.exchange)
    narrow(cast.dana, cast.acme)
    sign_in(cast.dana).post(LIST, ticked("assign_many", other, worker=str(cast.theo.pk)))
    assert Job.objects.get(pk=other.pk).worker is None


def test_who_may_see_but_not_change_a_customer_cannot_either(cast, sign_in):
    other = make_job(cast.acme, cast.exchange)
    narrow(cast.dana, cast.acme, action="view")
    dana = sign_in(cast.dana)
    assert shown(dana) == {other.number}
    dana.post(LIST, ticked("assign_many", other, worker=str(cast.theo.pk)))
    assert Job.objects.get(pk=other.pk).worker is None


@pytest.mark.parametrize("person", ["sam", "bill", "ines"])
def test_who_may_not_schedule_does_not_schedule_many(cast, sign_in, person):
    job = make_job(cast.acme, cast.exchange)
    sign_in(getattr(cast, person)).post(LIST, ticked("assign_many", job, worker=str(cast.theo.pk)))
    assert Job.objects.get(pk=job.pk).worker is None


def test_djangos_own_deletion_of_many_is_not_offered(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    olivia = sign_in(cast.olivia)
    assert "delete_selected" not in olivia.get(LIST).content.decode()
    olivia.post(LIST, ticked("delete_selected", job, post="yes"))
    assert Job.objects.filter(pk=job.pk).exists()


def test_a_time_of_another_year_is_read_with_its_year(cast, sign_in, time_machine):
    time_machine.move_to("2026-03-02T08:00:00+00:00", tick=False)
    make_job(cast.acme, cast.exchange, requested_start=datetime(2014, 5, 27, 13, 31, tzinfo=UTC))
    make_job(cast.acme, cast.exchange, planned_start=datetime(2027, 1, 4, 8, 0, tzinfo=UTC))
    make_job(cast.acme, cast.exchange, planned_start=datetime(2026, 3, 9, 8, 0, tzinfo=UTC))
    dana = sign_in(cast.dana)
    page = dana.get(LIST).content.decode()
    assert "asked for Tue 27 May 2014, 15:31" in page
    assert "Mon 4 Jan 2027, 09:00" in page
    assert "Mon 9 Mar, 09:00" in page
    assert "Tue 27 May 2014, 15:31" in dana.get("/admin/schedule/").content.decode()
