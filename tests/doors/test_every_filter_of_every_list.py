"""Every filter of every list: what it does not understand stands beside it, dates have one class, no value is lost."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.core.checks import run_checks
from django.db import models
from django.http import QueryDict
from django.urls import reverse

from accounts.models import User
from alerts.models import Delivery
from console.addresses import read_day
from console.exporting.runs import table_of
from console.kit import ChoiceFilter, ConsoleModelAdmin, DayRangeFilter, FieldFilter
from console.kit.checks import ConsoleChecks
from console.kit.filters import MOST_VALUES
from jobs.models import Job, PortalLink
from tests.factories import make_job

JOBS = "/admin/jobs/job/"
PAGES: dict[str, Any] = {model._meta.label_lower: page for model, page in admin.site._registry.items()}


def filters() -> list[tuple[str, str, type]]:
    """(list, parameter, class) of every filter there is."""
    found: list[tuple[str, str, type]] = []
    for label, page in PAGES.items():
        for declared in page.list_filter:
            if isinstance(declared, tuple):
                path, kind = declared
                names = kind.names(get_fields_from_path(page.model, path)[-1], path)
            else:
                kind, names = declared, declared.own_names()
            found += [(label, str(name), kind) for name in names]
    return sorted(found, key=lambda one: one[:2])


FILTERS = filters()
BY_NAME = [(label, name) for label, name, _kind in FILTERS]
# An order's page is that of the job.
SEVERAL = [
    (label, name)
    for label, name, kind in FILTERS
    if getattr(kind, "most", 1) == MOST_VALUES and label != "billing.ordertobill"
]
NONSENSE = ["nonsense", "-7", "99999999999999999999", "2026-13-45", "1' OR 1=1", "⑦", "x" * 300]


def list_of(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def beside(answer: Any) -> list[str]:
    """The sentences that stand beside the filters of a page."""
    html = answer.content.decode()
    boxes = re.findall(r'<ul class="mt-2 text-red-600[^"]*" role="alert">(.*?)</ul>', html, re.S)
    return [unescape(sentence) for box in boxes for sentence in re.findall(r"<li>(.*?)</li>", box, re.S)]


def rows(answer: Any) -> list[int]:
    return [row.pk for row in answer.context["cl"].result_list]


def planned(cast, *moments):
    made = []
    for month, day, hour, minute in moments:
        job = make_job(cast.acme, cast.exchange)
        start = datetime(2026, month, day, hour, minute, tzinfo=ZoneInfo("Europe/Berlin"))
        Job.objects.filter(pk=job.pk).update(planned_start=start)
        made.append(job.pk)
    return made


# --- one class for dates


def test_every_filter_by_a_date_is_of_our_class():
    dates = []
    for label, page in PAGES.items():
        for declared in page.list_filter:
            if isinstance(declared, tuple):
                field = get_fields_from_path(page.model, declared[0])[-1]
                if isinstance(field, models.DateField):
                    dates.append((label, declared[0]))
                    assert issubclass(declared[1], DayRangeFilter), (label, declared)
        # Django's own way through a list by its dates reads the address by itself.
        assert not page.date_hierarchy, label
    assert len(dates) >= 5


class OtherDates(ConsoleModelAdmin):
    """What somebody might write."""

    list_filter = (("planned_start", ChoiceFilter),)


def test_a_page_with_another_filter_by_a_date_does_not_start():
    assert [error.id for error in ConsoleChecks().check(OtherDates(Job, admin.site))] == ["portico.E003"]


# --- days, as people write them


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-11-27", "2026-11-27"),
        ("27.11.2026", "2026-11-27"),
        (" 27.11.2026 ", "2026-11-27"),
        ("27.11.26", "2026-11-27"),
        ("7.1.2026", "2026-01-07"),
        ("27 Nov 2026", "2026-11-27"),
        ("27 November 2026", "2026-11-27"),
        ("November 27, 2026", "2026-11-27"),
        ("Nov. 27, 2026", "2026-11-27"),
        ("27. November 2026", "2026-11-27"),
        ("1. März 2026", "2026-03-01"),
        ("1. Mär. 2026", "2026-03-01"),
        ("3. Dez. 2026", "2026-12-03"),
        ("3 Dezember 2026", "2026-12-03"),
        ("5 May 2026", "2026-05-05"),
        ("5. Mai 2026", "2026-05-05"),
        ("3/4/2026", None),
        ("27/11/2026", None),
        ("2026-02-30", None),
        ("31. Februar 2026", None),
        ("27.11.2026 08:00", None),
        ("27.11.20266", None),
        ("tomorrow", None),
        ("1 1 2026", None),
        ("", None),
    ],
)
def test_a_day_is_read_as_pages_write_it_in_either_language(written, day):
    read = read_day(written)
    assert (read.isoformat() if read else None) == day


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("written", ["10.12.2026", "2026-12-10", "10 December 2026", "10. Dezember 2026"])
def test_from_a_day_to_the_same_day_is_that_whole_day_on_the_page_and_in_the_file(cast, sign_in, language, written):
    cast.dana.language = language
    cast.dana.save()
    planned(cast, (12, 9, 23, 59), (12, 11, 0, 0))
    inside = planned(cast, (12, 10, 0, 0), (12, 10, 8, 0), (12, 10, 23, 59))
    query = {"planned_start_from": written, "planned_start_to": written}
    answer = sign_in(cast.dana).get(JOBS, query)
    assert sorted(rows(answer)) == inside and said(answer) == [] and beside(answer) == []
    total, _rows = table_of(
        "jobs.job", cast.dana, QueryDict("&".join(f"{n}={w}" for n, w in query.items())), ["number"]
    )
    assert total == 3


def test_a_range_as_the_german_calendar_writes_it_narrows_the_list(cast, sign_in):
    """27.11.2026 to 29.11.2026: 20 of 50."""
    cast.dana.language = "de"
    cast.dana.save()
    planned(cast, *[(11, 20, 8, n) for n in range(30)])
    planned(cast, *[(11, 27 + n % 3, 8, n) for n in range(20)])
    dana = sign_in(cast.dana)
    for first, last in (("27.11.2026", "29.11.2026"), ("2026-11-27", "2026-11-29")):
        answer = dana.get(JOBS, {"planned_start_from": first, "planned_start_to": last})
        assert len(rows(answer)) == 20 and said(answer) == []


@pytest.mark.parametrize(("label", "path"), [(one[0], one[1][:-5]) for one in BY_NAME if one[1].endswith("_from")])
def test_every_list_with_dates_takes_the_last_day_whole(cast, sign_in, label, path):
    make_job(cast.acme, cast.exchange)
    Delivery.objects.create(channel="email", recipient="a@b.example", body="x")
    today = f"{datetime.now(ZoneInfo('Europe/Berlin')):%d.%m.%Y}"
    olivia = sign_in(cast.olivia)
    everything = rows(olivia.get(list_of(label)))
    for written in (today, "31.12.2999"):
        answer = olivia.get(list_of(label), {f"{path}_to": written})
        assert said(answer) == [] and beside(answer) == []
        if path.endswith("_at"):
            assert rows(answer) == everything


# --- what is not understood


@pytest.mark.parametrize(("label", "name"), BY_NAME)
def test_nonsense_in_a_filter_is_said_beside_it_and_above(cast, sign_in, label, name):
    make_job(cast.acme, cast.exchange)
    olivia = sign_in(cast.olivia)
    plain = rows(olivia.get(list_of(label)))
    for value in NONSENSE:
        answer = olivia.get(list_of(label), {name: value})
        assert len(said(answer)) == 1, value
        (sentence,) = said(answer)
        assert value[:20] in sentence and "left out" in sentence
        assert rows(answer) == plain
        # A filter with nothing to choose from is not drawn.
        drawn = any(name in spec.expected_parameters() for spec in answer.context["cl"].filter_specs)
        assert beside(answer) == ([sentence] if drawn else [])


@pytest.mark.parametrize(("label", "name"), BY_NAME)
def test_a_filter_that_came_several_times_says_which_counts(cast, sign_in, label, name):
    make_job(cast.acme, cast.exchange)
    address = f"{list_of(label)}?{name}=nonsense&{name}=rubbish"
    sentences = said(sign_in(cast.olivia).get(address))
    whole = " ".join(sentences)
    assert "rubbish" in whole and ("nonsense" in whole or "Only the last value" in whole)


def test_of_two_values_of_a_filter_that_holds_one_the_last_counts(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    answer = sign_in(cast.dana).get(f"{JOBS}?source__exact=import&source__exact={job.source}")
    assert rows(answer) == [job.pk]
    assert said(answer) == beside(answer) == ["Only the last value of “made by way of” was counted."]


@pytest.mark.parametrize(("label", "name"), BY_NAME)
def test_there_is_no_file_of_a_list_whose_filter_was_not_understood(cast, sign_in, label, name):
    address = reverse(f"admin:{label.replace('.', '_')}_export")
    answer = sign_in(cast.olivia).get(address, {name: "nonsense"}, follow=True)
    assert said(answer)[-1] == "Nothing was exported. Set the filters of the list again first."


def test_what_is_said_beside_a_filter_is_no_markup(cast, sign_in):
    answer = sign_in(cast.dana).get(JOBS, {"planned_start_from": "<b onclick=x>"})
    assert "<b onclick" not in answer.content.decode()
    assert beside(answer) == ["“<b onclick=x>” is not a date and was left out of “planned start”."]


def test_a_sentence_about_both_ends_stands_beside_a_filter_once(cast, sign_in):
    answer = sign_in(cast.dana).get(JOBS, {"planned_start_from": "3/4/2026", "planned_start_to": "3/4/2026"})
    assert beside(answer) == ["“3/4/2026” is not a date and was left out of “planned start”."]


# --- on the way back from a record

TWO = "status__exact=unassigned&status__exact=scheduled&planned_start_from=1.1.2026"


def kept(address: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(address).query)


def links_to_list(answer: Any, address: str) -> list[str]:
    links = re.findall(r'href="([^"]*)"', answer.content.decode())
    return [unescape(link) for link in links if link.startswith(f"{address}?")]


def record_of(dana: Any, job: Job) -> str:
    """The address that the list gives for a job."""
    links = re.findall(r'href="([^"]*)"', dana.get(f"{JOBS}?{TWO}").content.decode())
    return next(unescape(link) for link in links if f"/job/{job.pk}/change/" in link)


@pytest.fixture
def job(cast):
    job = make_job(cast.acme, cast.exchange)
    Job.objects.filter(pk=job.pk).update(planned_start=datetime(2026, 11, 28, 8, tzinfo=ZoneInfo("Europe/Berlin")))
    return job


def test_two_ticked_states_are_there_when_dana_comes_back_from_a_job(cast, sign_in, job):
    dana = sign_in(cast.dana)
    back = links_to_list(dana.get(record_of(dana, job)), JOBS)
    assert back and all(kept(link) == parse_qsl(TWO) for link in back)
    assert rows(dana.get(back[0])) == [job.pk]


def test_no_other_tags_of_templates_have_the_name_of_others():
    """The check that would say so is silenced for ours."""
    found = [str(one.msg) for one in run_checks(tags=["templates"]) if one.id == "templates.W003"]
    assert len(found) == 1 and "'admin_urls'" in found[0] and "console.kept_filters" in found[0]


def test_they_are_there_after_she_saved_it(cast, sign_in, job):
    dana = sign_in(cast.dana)
    address = record_of(dana, job)
    form = dana.get(address).context["adminform"].form
    typed = {name: "" if (value := form[name].value()) is None else value for name in form.fields}
    answer = dana.post(address, {**typed, "customer": cast.acme.pk, "_save": "1"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert answer.url.startswith(JOBS) and kept(answer.url) == parse_qsl(TWO)


def test_they_are_there_after_she_deleted_a_record(cast, sign_in):
    olivia = sign_in(cast.olivia)
    address = reverse("admin:accounts_label_changelist") if "accounts.label" in PAGES else ""
    if not address:
        pytest.skip("labels have no list of their own")
    from accounts.models import Label

    label = Label.objects.create(name="VIP")
    keep = "_changelist_filters=a%3D1%26a%3D2"
    answer = olivia.post(reverse("admin:accounts_label_delete", args=[label.pk]) + f"?{keep}", {"post": "yes"})
    assert kept(answer.url) == [("a", "1"), ("a", "2")]


def test_they_are_there_after_a_button_on_the_job(cast, sign_in, job):
    dana = sign_in(cast.dana)
    page = f"http://testserver{record_of(dana, job)}"
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = dana.post(f"{JOBS}{job.pk}/start_now/", {"_form_submitted": "1"}, headers=headers)
    stays = answer.headers["HX-Redirect"]
    assert parse_qs(urlsplit(stays).query) == {"_changelist_filters": [TWO]}
    assert all(kept(link) == parse_qsl(TWO) for link in links_to_list(dana.get(stays), JOBS))


@pytest.mark.parametrize("page", ["https://bad.example/?_changelist_filters=x", "http://[no address"])
def test_a_strange_page_does_not_say_where_a_button_leads(cast, sign_in, job, page):
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = sign_in(cast.dana).post(f"{JOBS}{job.pk}/start_now/", {"_form_submitted": "1"}, headers=headers)
    assert answer.headers["HX-Redirect"] == f"{JOBS}{job.pk}/change/"


@pytest.mark.parametrize(("label", "name"), SEVERAL)
def test_every_filter_that_takes_several_values_keeps_them_all(cast, sign_in, label, name):
    """On the page of any record, whatever the values are."""
    make_job(cast.acme, cast.exchange)
    Delivery.objects.create(channel="email", recipient="a@b.example", body="x")
    PortalLink.objects.first()
    address = list_of(label)
    record = PAGES[label].model._default_manager.order_by("pk").first()
    if record is None:
        pytest.skip("nothing to look at")
    page = reverse(f"admin:{label.replace('.', '_')}_change", args=[record.pk])
    answer = sign_in(cast.olivia).get(page, {"_changelist_filters": f"{name}=1&{name}=2&q=a"})
    back = links_to_list(answer, address)
    assert back and all(kept(link) == [(name, "1"), (name, "2"), ("q", "a")] for link in back)


def test_there_are_such_filters():
    assert ("jobs.job", "status__exact") in SEVERAL and ("jobs.job", "template__id__exact") in SEVERAL
    assert len(SEVERAL) >= 6 and len(BY_NAME) >= 25
    assert all(issubclass(kind, FieldFilter) for _label, name, kind in FILTERS if name.endswith("_from"))


# --- the companion site


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("status=lost", "“lost” is nothing to choose for “Where it stands” and was left out."),
        ("sort=password", "“password” is nothing to choose for “Order” and was left out."),
        ("when=never", "“never” is nothing to choose for “Which jobs” and was left out."),
        ("page=99", "There is no page “99” of this list. This is page 1."),
        (f"q={'a' * 101}", "The search was left out: it can have at most 100 characters."),
    ],
)
def test_cora_reads_what_her_address_asked_for_in_vain(cast, sign_in, query, sentence):
    make_job(cast.acme, cast.exchange)
    cora = sign_in(cast.cora)
    answer = cora.get(f"/jobs/?{query}")
    assert answer.context["left_out"] == [sentence] and sentence in unescape(answer.content.decode())
    assert len(answer.context["jobs"]) == 1
    if not query.startswith("page"):
        assert cora.get(f"{reverse('portal_site:export_jobs')}?{query}").url == f"/jobs/?{query}"


def test_what_she_can_choose_is_no_mistake(cast, sign_in):
    for query in ("", "?when=past", "?status=scheduled&sort=new&kind=&q=&page=1&when="):
        assert sign_in(cast.cora).get(f"/jobs/{query}").context["left_out"] == []


def test_nell_and_carl_read_nothing_of_it(cast, sign_in):
    assert sign_in(cast.nell).get(JOBS, {"status__exact": "nonsense"}).status_code == 403
    assert sign_in(cast.carl).get(JOBS, {"status__exact": "nonsense"}).status_code == 302
    assert User.objects.filter(pk=cast.nell.pk).exists()
