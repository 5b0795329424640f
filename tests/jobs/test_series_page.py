"""Series in the console: a form that reads like a sentence, buttons, and who may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job, Series
from jobs.services import create_series
from tests.factories import make_template

ADD, LIST = "admin:jobs_series_add", "admin:jobs_series_changelist"


def page(series):
    return reverse("admin:jobs_series_change", args=[series.pk])


@pytest.fixture
def series(cast):
    facts = {"name": "Acme daily", "customer": cast.acme, "template": cast.exchange, "starts_on": timezone.localdate()}
    facts |= {"rules": [{"kind": "day", "every": 1}], "create_days_ahead": 1}
    return create_series(facts, by=cast.dana)


def filled_in(cast, **answers):
    today = timezone.localdate()
    return {
        "name": "Acme, Monday and Thursday",
        "customer": cast.acme.pk,
        "template": cast.exchange.pk,
        "rule1_kind": "week",
        "rule1_every": "2",
        "rule1_on": ["mo", "th"],
        "rule1_day": "1",
        "rule2_kind": "month",
        "rule2_every": "",
        "rule2_day": "-1",
        "rule3_kind": "",
        "start_time": "07:30",
        "starts_on": today.isoformat(),
        "create_days_ahead": "30",
    } | answers


def test_dana_makes_one_by_filling_in_a_sentence(cast, sign_in):
    answer = sign_in(cast.dana).post(reverse(ADD), filled_in(cast))
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    series = Series.objects.get()
    assert series.rules == [{"kind": "week", "every": 2, "on": ["mo", "th"]}, {"kind": "month", "every": 1, "day": -1}]
    assert (series.created_by, series.start_time.hour) == (cast.dana, 7)
    assert series.history.get().actor == "Dana"
    assert Job.objects.count() == series.occurrences.count() > 3


def test_what_is_missing_is_said_at_its_question(cast, sign_in):
    answer = sign_in(cast.dana).post(reverse(ADD), filled_in(cast, rule1_on=[]))
    assert "Tick at least one day of the week." in answer.content.decode()
    assert not Series.objects.exists()


def test_its_page_says_when_it_comes_and_shows_the_next_ten(cast, sign_in, series):
    text = sign_in(cast.dana).get(page(series)).content.decode()
    assert "Every day, at 08:00" in text
    assert text.count("<li>\n") >= 10 or text.count("<li>") >= 10
    assert "J-000001" in text


def test_changing_it_goes_through_the_service(cast, sign_in, series):
    answers = filled_in(cast, name="Acme weekdays", rule1_kind="weekday", rule2_kind="")
    assert sign_in(cast.dana).post(page(series), answers).status_code == 302
    series.refresh_from_db()
    assert (series.name, series.rules) == ("Acme weekdays", [{"kind": "weekday"}])
    assert series.history.first().actor == "Dana"


def test_the_fields_of_its_template_are_asked(cast, sign_in, series):
    template = make_template(fields=({"label": "Size", "kind": "pick", "choices": ["small", "large"]},))
    series.template = template
    series.save()
    client = sign_in(cast.dana)
    assert "value_size" in client.get(page(series)).content.decode()
    answers = filled_in(cast, template=template.pk, value_size="large", rule2_kind="")
    assert client.post(page(series), answers).status_code == 302
    series.refresh_from_db()
    assert series.values == {"size": "large"}


@pytest.mark.parametrize(
    ("button", "data", "expected"),
    [("pause", {}, "paused"), ("end", {"day": ""}, "running"), ("skip", {"ahead": 5}, "running")],
)
def test_its_buttons_ask_first_and_write_on_post(cast, sign_in, series, button, data, expected):
    client = sign_in(cast.dana)
    if "ahead" in data:
        data = {"day": (timezone.localdate() + timedelta(days=data["ahead"])).isoformat()}
    url = reverse(f"admin:jobs_series_{button}", args=[series.pk])
    before = Series.objects.filter(pk=series.pk).values().get()
    assert client.get(url).status_code == 200
    assert Series.objects.filter(pk=series.pk).values().get() == before
    assert client.post(url, {"_form_submitted": "on", **data}).status_code == 302
    series.refresh_from_db()
    assert series.state == expected
    if button == "skip":
        assert series.occurrences.filter(is_skipped=True).count() == 1
    if button == "end":
        assert series.ends_on == timezone.localdate()


def test_what_the_service_refuses_is_shown_in_the_dialog(cast, sign_in, series):
    url = reverse("admin:jobs_series_skip", args=[series.pk])
    answer = sign_in(cast.dana).post(url, {"_form_submitted": "on", "day": timezone.localdate().isoformat()})
    assert "is made already: J-000001" in answer.content.decode()


def test_sam_reads_it_and_changes_nothing(cast, sign_in, series):
    client = sign_in(cast.sam)
    text = client.get(page(series)).content.decode()
    assert "Every day, at 08:00" in text
    assert client.post(page(series), filled_in(cast)).status_code == 403
    assert client.post(reverse("admin:jobs_series_pause", args=[series.pk])).status_code == 403
    assert client.get(reverse(ADD)).status_code == 403


def test_nell_and_the_narrowed_see_nothing(cast, sign_in, series):
    assert sign_in(cast.nell).get(reverse(LIST)).status_code == 403
    cast.dana.only_granted_customers = True
    cast.dana.save()
    assert sign_in(cast.dana).get(page(series)).status_code in (302, 404)


def test_the_list_costs_the_same_for_two_and_for_twenty(cast, sign_in, series):
    client = sign_in(cast.dana)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(LIST)).status_code == 200
        return len(caught)

    queries()
    facts = {"customer": cast.birch, "template": cast.exchange, "starts_on": timezone.localdate()}
    facts |= {"rules": [{"kind": "weekday"}], "create_days_ahead": 0}
    create_series(facts | {"name": "one"}, by=cast.dana)
    few = queries()
    for n in range(18):
        create_series(facts | {"name": f"more {n}"}, by=cast.dana)
    assert queries() == few


def test_its_history_tells_the_rules_as_the_sentence_they_are(cast, sign_in, series):
    sign_in(cast.dana).post(page(series), filled_in(cast))
    text = sign_in(cast.sam).get(reverse("admin:jobs_series_history", args=[series.pk])).content.decode()
    assert "Every other week on Monday and Thursday" in text
    assert "&quot;kind&quot;" not in text
