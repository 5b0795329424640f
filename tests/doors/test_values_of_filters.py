"""A filter says which values it could not read; one of a record that somebody may not see is like one there is not."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.contrib.messages import get_messages
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Label, PortalUser
from alerts.models import Delivery
from console.errors import Refused
from console.exporting.runs import table_of
from console.kit import FieldFilter
from jobs.models import Job
from permissions.services import grant
from tests.console.people import narrow
from tests.factories import make_job
from tests.permissions.matrix_world import World

JOBS = "/admin/jobs/job/"
NEVER = "987654321"


def related_filters() -> list[tuple[str, str]]:
    """(list, parameter) of every filter that takes the key of a record."""
    found = []
    for model, page in admin.site._registry.items():
        for declared in page.list_filter:
            if isinstance(declared, tuple) and issubclass(declared[1], FieldFilter):
                path, kind = declared
                field = get_fields_from_path(model, path)[-1]
                if field.is_relation:
                    found += [(model._meta.label_lower, name) for name in kind.names(field, path)]
    return sorted(found)


def list_of(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


def rows(answer: Any) -> list[Any]:
    return [row.pk for row in answer.context["cl"].result_list]


def said(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


@pytest.fixture
def world(cast):
    return World(cast)


@pytest.fixture
def narrowed(cast):
    """Dana, who reaches Acme and the template everybody has."""
    cast.dana.only_granted_templates = True
    narrow(cast.dana, cast.acme)
    grant(cast.dana, cast.exchange, change=True, by=cast.olivia)
    return cast.dana


# --- whose record it is


def test_there_are_such_filters():
    assert ("accounts.portaluser", "customers__id__exact") in related_filters()
    assert len(related_filters()) >= 8


@pytest.mark.parametrize(("label", "name"), related_filters())
def test_a_record_she_may_not_see_is_like_one_there_is_not(cast, world, narrowed, sign_in, label, name):
    model = next(model for model in admin.site._registry if model._meta.label_lower == label)
    related = get_fields_from_path(model, name.removesuffix("__id__exact"))[-1].related_model
    client = sign_in(narrowed)
    never = client.get(list_of(label), {name: NEVER})
    if never.status_code == 403:
        return
    mine = {str(pk) for pk, _words in choices_of(client, label, name, related, narrowed)}
    others = [str(pk) for pk in related._base_manager.values_list("pk", flat=True) if str(pk) not in mine]
    for key in others:
        answer = client.get(list_of(label), {name: key})
        assert answer.status_code == never.status_code and rows(answer) == rows(never)
        assert [words.replace(key, "?") for words in said(answer)] == [
            words.replace(NEVER, "?") for words in said(never)
        ]
        mine_, theirs = plain(answer).splitlines(), plain(never).splitlines()
        assert [pair for pair in zip(mine_, theirs, strict=False) if pair[0] != pair[1]] == []


def choices_of(client: Any, label: str, name: str, related: Any, user: Any) -> list[tuple[Any, str]]:
    from console.kit import shown_to

    return [(row.pk, str(row)) for row in shown_to(related._default_manager.all(), user)]


def plain(answer: Any) -> str:
    """A page without what differs each time, and without the keys that were typed."""
    text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r'(=|%3D|“|=")\d+', r"\1?", text)


def test_sharing_a_person_with_another_customer_is_no_answer(cast, narrowed, sign_in):
    """Cora acts for Acme and for Birch: whoever sees Acme only learns nothing of Birch."""
    dana = sign_in(narrowed)
    answer = dana.get("/admin/accounts/portaluser/", {"customers__id__exact": cast.birch.pk})
    assert said(answer) == [f"“{cast.birch.pk}” is nothing to choose for “customers” and was left out."]
    assert set(rows(answer)) == set(rows(dana.get("/admin/accounts/portaluser/")))
    assert set(rows(dana.get("/admin/accounts/portaluser/", {"customers__id__exact": cast.acme.pk}))) == {
        cast.cora.pk,
        cast.colm.pk,
    }


def test_the_name_of_a_foreign_record_does_not_stand_in_the_box(cast, narrowed, sign_in):
    answer = sign_in(narrowed).get("/admin/accounts/customerlink/", {"customer__id__exact": cast.cedar.pk})
    assert answer.status_code == 200 and cast.cedar.name not in answer.content.decode()


def test_of_several_keys_those_she_may_see_count(cast, narrowed, sign_in):
    query = {"customers__id__exact": [cast.acme.pk, cast.cedar.pk]}
    answer = sign_in(narrowed).get("/admin/accounts/portaluser/", query)
    assert set(rows(answer)) == {cast.cora.pk, cast.colm.pk} and len(said(answer)) == 1


@pytest.mark.parametrize("address", ["/admin/schedule/", "/admin/map/"])
def test_a_foreign_template_of_a_day_is_like_one_there_is_not(cast, narrowed, sign_in, address):
    make_job(cast.acme, cast.inspection)
    dana = sign_in(narrowed)
    foreign, never = (dana.get(address, {"template": slug}) for slug in (cast.inspection.slug, "never"))
    assert said(foreign) == [words.replace("never", cast.inspection.slug) for words in said(never)] != []
    assert cast.inspection.name not in foreign.content.decode()


def test_a_foreign_customer_of_the_log_is_like_one_there_is_not(cast, narrowed, sign_in):
    dana = sign_in(narrowed)
    answers = [dana.get("/admin/changelog/", {"customer": key}) for key in (cast.cedar.pk, NEVER)]
    keys = [[(entry.model, entry.history_id) for entry in answer.context["entries"]] for answer in answers]
    assert keys[0] == keys[1]
    assert [len(said(answer)) for answer in answers] == [1, 1]
    assert cast.cedar.name not in answers[0].content.decode()


def test_an_address_fills_no_foreign_record_into_a_form(cast, narrowed, sign_in):
    dana = sign_in(narrowed)
    answers = [dana.get("/admin/jobs/series/add/", {"customer": key}) for key in (cast.cedar.pk, NEVER, "x")]
    assert {answer.status_code for answer in answers} == {200}
    assert not any("customer" in answer.context["adminform"].form.initial for answer in answers)
    assert all(len(said(answer)) == 1 and cast.cedar.name not in answer.content.decode() for answer in answers)
    mine = dana.get("/admin/jobs/series/add/", {"customer": cast.acme.pk})
    assert mine.context["adminform"].form.initial["customer"] == cast.acme and not said(mine)


# --- what could not be read


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("planned_start_from=28.11.20266", "“28.11.20266” is not a date and was left out of “planned start”."),
        ("planned_start_to=9999-12-31", "“9999-12-31” is not a date and was left out of “planned start”."),
        ("planned_start_from=3/4/2026", "“3/4/2026” is not a date and was left out of “planned start”."),
        ("status__exact=lost", "“lost” is nothing to choose for “status” and was left out."),
        ("when=yesterday", "“yesterday” is nothing to choose for “list” and was left out."),
        ("worker__id__exact=x", "“x” is nothing to choose for “worker” and was left out."),
        ("p=1000000000000", "There is no page “1000000000000” of this list. This is the first."),
        ("p=-1", "There is no page “-1” of this list. This is the first."),
        ("p=x", "There is no page “x” of this list. This is the first."),
        ("o=99", "The list cannot be sorted by column “99”."),
        (f"q={'a+' * 150}", "The search was left out: it can have at most 200 characters."),
    ],
)
def test_dana_reads_what_was_left_out(cast, sign_in, query, sentence):
    job = make_job(cast.acme, cast.exchange)
    answer = sign_in(cast.dana).get(f"{JOBS}?{query}")
    assert said(answer) == [sentence] and rows(answer) == [job.pk]


def test_she_reads_it_once_and_not_on_the_next_page(cast, sign_in):
    dana = sign_in(cast.dana)
    assert len(said(dana.get(f"{JOBS}?planned_start_from=x&_facets=True"))) == 1
    assert said(dana.get(JOBS)) == []


def test_what_could_not_be_read_stays_in_its_box(cast, sign_in):
    assert 'value="28.11.20266"' in sign_in(cast.dana).get(f"{JOBS}?planned_start_from=28.11.20266").content.decode()


def test_the_empty_fields_of_the_form_are_nobodys_mistake(cast, sign_in):
    query = "when=&status__exact=&template__id__exact=&worker__id__exact=&planned_start_from=&source__exact=&q=&o="
    assert said(sign_in(cast.dana).get(f"{JOBS}?{query}")) == []


def test_too_many_values_are_cut(cast, sign_in):
    for n in range(110):
        Label.objects.create(name=f"Label {n:03}")
    keys = "&".join(f"labels__id__exact={key}" for key in Label.objects.values_list("pk", flat=True))
    answer = sign_in(cast.olivia).get(f"/admin/accounts/customer/?{keys}")
    assert said(answer) == ["Only the first 100 values of “labels” were counted."]


# --- days


def planned(cast, *moments):
    zone = ZoneInfo("Europe/Berlin")
    jobs = [make_job(cast.acme, cast.exchange) for _ in moments]
    for job, (month, day, hour, minute) in zip(jobs, moments, strict=True):
        start = datetime(2026, month, day, hour, minute, tzinfo=zone)
        Job.objects.filter(pk=job.pk).update(planned_start=start)
    return [job.pk for job in jobs]


@pytest.mark.parametrize("written", ["2026-11-28", "28.11.2026", "28 Nov 2026", "28 November 2026"])
def test_to_a_day_means_all_of_it(cast, sign_in, written):
    before, morning, night, after = planned(cast, (11, 27, 23, 59), (11, 28, 0, 0), (11, 28, 23, 59), (11, 29, 0, 0))
    dana = sign_in(cast.dana)
    assert set(rows(dana.get(JOBS, {"planned_start_to": written}))) == {before, morning, night}
    assert set(rows(dana.get(JOBS, {"planned_start_from": written}))) == {morning, night, after}
    both = {"planned_start_from": written, "planned_start_to": written}
    assert set(rows(dana.get(JOBS, both))) == {morning, night}


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_day_means_the_same_in_each_language(cast, sign_in, language):
    _eve, morning = planned(cast, (11, 27, 23, 59), (11, 28, 0, 0))
    cast.dana.language = language
    cast.dana.save()
    answer = sign_in(cast.dana).get(JOBS, {"planned_start_from": "28.11.2026"})
    assert rows(answer) == [morning] and said(answer) == []


def test_the_day_the_clock_changes_is_a_whole_day_too(cast, sign_in):
    inside = planned(cast, (10, 25, 0, 0), (10, 25, 23, 59))
    planned(cast, (10, 24, 23, 59), (10, 26, 0, 0))
    query = {"planned_start_from": "2026-10-25", "planned_start_to": "2026-10-25"}
    assert set(rows(sign_in(cast.dana).get(JOBS, query))) == set(inside)


def test_the_ledger_and_the_register_read_days_as_the_jobs_do(cast, sign_in):
    make_job(cast.acme, cast.exchange)
    Delivery.objects.create(channel="email", recipient="a@b.example", body="x")
    today = f"{datetime.now(ZoneInfo('Europe/Berlin')):%d.%m.%Y}"
    for label, column in (("alerts.delivery", "created_at"), ("jobs.portallink", "made_at")):
        answer = sign_in(cast.olivia).get(list_of(label), {f"{column}_from": today, f"{column}_to": today})
        assert rows(answer) and not said(answer)


# --- files


@pytest.mark.parametrize(
    "query", ["planned_start_from=28.11.20266", "worker__id__exact=x", "o=99", "status__exact=lost"]
)
def test_there_is_no_file_of_a_list_that_left_something_out(cast, sign_in, query):
    make_job(cast.acme, cast.exchange)
    dana = sign_in(cast.dana)
    address = f"{reverse('admin:jobs_job_export')}?{query}"
    for answer in (dana.get(address, follow=True), dana.post(address, {"format": "0"}, follow=True)):
        assert answer.redirect_chain == [(JOBS, 302)]
        assert said(answer)[-1] == "Nothing was exported. Set the filters of the list again first."
        assert len(said(answer)) == 2


def test_the_worker_writes_no_file_by_a_filter_that_no_longer_counts(cast):
    narrow(cast.dana, cast.acme)
    with pytest.raises(Refused, match="no longer possible"):
        table_of("accounts.portaluser", cast.dana, QueryDict(f"customers__id__exact={cast.cedar.pk}"), ["state"])


@pytest.mark.parametrize(
    "query", ["since=28.11.20266", "customer=x", "model=nonsense", "request=x", "words=" + "a" * 201]
)
def test_the_log_is_no_file_either(cast, sign_in, query):
    answer = sign_in(cast.sam).get(f"/admin/changelog/?{query}&export=csv")
    assert answer.status_code == 200 and "attachment" not in answer.headers.get("Content-Disposition", "")
    assert len(said(answer)) == 1
    with pytest.raises(Refused, match="no longer possible"):
        table_of("changelog", cast.sam, QueryDict(query), [])


# --- other pages


@pytest.mark.parametrize(
    ("address", "query", "sentence"),
    [
        ("/admin/schedule/", "day=31.2.2026", "“31.2.2026” is not a date."),
        ("/admin/map/", "day=9999-12-31", "“9999-12-31” is not a date."),
        ("/admin/map/", "colour=green", "“green” is nothing to choose for “Colour” and was left out."),
        ("/admin/schedule/", "worker=x", "“x” is nothing to choose for “worker” and was left out."),
        ("/admin/changelog/", "since=28.11.20266", "“28.11.20266” was left out of “From”. Enter a valid date."),
        ("/admin/changelog/", "after=x", "There is no such page of the log. This is the newest."),
    ],
)
def test_pages_of_their_own_say_it_too(cast, sign_in, address, query, sentence):
    assert said(sign_in(cast.dana).get(f"{address}?{query}")) == [sentence]


def test_nobody_else_reads_what_dana_typed(cast, sign_in):
    sign_in(cast.dana).get(f"{JOBS}?planned_start_from=x")
    answer = sign_in(cast.sam).get(JOBS)
    assert said(answer) == [] and not list(get_messages(answer.wsgi_request))


def test_a_person_of_two_customers_stands_in_a_list_once(cast, sign_in):
    query = {"customers__id__exact": [cast.acme.pk, cast.birch.pk]}
    found = rows(sign_in(cast.olivia).get("/admin/accounts/portaluser/", query))
    assert sorted(found) == sorted(
        PortalUser.objects.filter(customers__in=[cast.acme, cast.birch]).distinct().values_list("pk", flat=True)
    )
