"""Ines starts an import and goes on with her day; the next page she opens says how it ended, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from imports.choices import RunState
from imports.models import ImportRun
from tests.imports.conftest import GOOD

SOMEWHERE = "admin:accounts_customer_changelist"
FINISHED = "The import of jobs.csv is finished: 2 made, 1 failed."


def page_of(run):
    return reverse("admin:imports_importrun_change", args=[run.pk])


def told(client, address=None, **headers):
    answer = client.get(address or reverse(SOMEWHERE), **headers)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture
def run(cast, imported):
    return imported(GOOD, by=cast.ines)


def test_the_next_page_says_so_with_numbers_and_a_way_there(cast, run, sign_in):
    client = sign_in(cast.ines)
    [said] = told(client)
    assert FINISHED in said and f'href="{page_of(run)}"' in said and "Look at it" in said
    assert told(client) == []


def test_it_is_said_once_whichever_window_and_whenever_she_signs_in(cast, run, sign_in):
    assert len(told(sign_in(cast.ines))) == 1
    assert told(sign_in(cast.ines)) == []


def test_what_she_waited_for_is_not_said_again(cast, run, sign_in):
    client = sign_in(cast.ines)
    assert told(client, page_of(run)) == []
    assert told(client) == []


def test_one_import_is_looked_at_and_the_other_is_told_of(cast, run, imported, sign_in):
    other = imported(GOOD.replace("A-", "B-"), by=cast.ines)
    [said] = told(sign_in(cast.ines), page_of(other))
    assert page_of(run) in said


def test_nothing_is_said_before_it_is_over(cast, checked, sign_in):
    from imports.services import commit_run, work_on_run

    run = commit_run(checked(GOOD, by=cast.ines), by=cast.ines)
    client = sign_in(cast.ines)
    assert told(client) == []
    work_on_run(run.pk)
    assert len(told(client)) == 1


def test_a_run_that_stopped_says_why(cast, run, sign_in):
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.FAILED, problem="The file is no longer there.")
    [said] = told(sign_in(cast.ines))
    assert "The import of jobs.csv has stopped: The file is no longer there." in said


def test_the_name_of_a_file_is_text(cast, run, sign_in):
    ImportRun.objects.filter(pk=run.pk).update(file_name="<b>100%d</b>.csv")
    [said] = told(sign_in(cast.ines))
    assert "&lt;b&gt;100%d&lt;/b&gt;.csv" in said and "<b>" not in said


def test_a_part_of_a_page_takes_the_news_from_no_page(cast, run, sign_in):
    client = sign_in(cast.ines)
    client.get(reverse("admin:imports_importrun_progress", args=[run.pk]), headers={"HX-Request": "true"})
    client.get(reverse("admin:imports_importrun_file", args=[run.pk]))
    assert len(told(client)) == 1


def test_yesterdays_news_is_none(cast, run, sign_in):
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert told(sign_in(cast.ines)) == []


def test_many_are_three_and_a_number(cast, run, sign_in):
    for _n in range(4):
        run.pk, run._state.adding = None, True
        run.save()
    said = told(sign_in(cast.ines))
    assert len(said) == 4 and "2 more of your imports are over." in said[-1]


@pytest.mark.parametrize("who", ["olivia", "dana", "sam", "nell"])
def test_it_is_nobody_elses_news(cast, run, sign_in, who):
    assert told(sign_in(getattr(cast, who)), reverse("admin:index")) == []


def test_carl_hears_nothing_on_his_side(cast, run, sign_in):
    assert "jobs.csv" not in sign_in(cast.carl).get(reverse("portal_site:home"), follow=True).content.decode()


def test_looking_writes_nothing(cast, run, sign_in):
    client = sign_in(cast.ines)
    # Her first page notes in the session when she came; this one takes no news.
    client.get(reverse("admin:imports_importrun_file", args=[run.pk]))
    with CaptureQueriesContext(connection) as caught:
        assert len(told(client)) == 1
    assert not [q["sql"] for q in caught if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
