"""Whoever pastes the address of a portal link anywhere else than into notes saves no key.

Not in one-line texts, reasons, events or requests, nor in their histories.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from audit.keyless import may_hold_keys, without_keys
from audit.token_columns import new_token, token_columns
from jobs.choices import EventKind
from jobs.link_in_text import TOKEN_SIGNS
from jobs.models import ChangeRequest, Job, JobEvent, PortalLink
from jobs.services import cancel_job, postpone_job, schedule_job, undo_cancel_job, update_job
from permissions.services import set_override
from tests.factories import make_customer, make_job, make_template
from tests.jobs.test_no_table_holds_a_token import holders


def _cancelled(cast, job, words):
    undo_cancel_job(cancel_job(job, by=cast.dana, reason=words), by=cast.dana)


def _postponed(cast, job, words):
    postpone_job(schedule_job(job, by=cast.dana, start=timezone.now()), by=cast.dana, reason=words)


def _in_one_line(cast, job, words):
    update_job(job, {"asset_id": words[:80], "contact_name": words}, by=cast.dana)


def _in_a_column_of_many(cast, job, words):
    Job.objects.filter(pk=job.pk).update(cancellation_reason=words)


def _as_the_name_of_a_customer(cast, job, words):
    make_customer(words)


def _as_a_description(cast, job, words):
    make_template(description=words)


def _as_the_reason_of_an_override(cast, job, words):
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.olivia, reason=words)


def _as_a_request(cast, job, words):
    ChangeRequest.objects.create(job=job, kind="change", reason=words, answer=words)


def _in_an_event(cast, job, words):
    JobEvent.objects.create(job=job, kind=EventKind.CHANGED, data={"reason": words, "more": [words]})


WAYS = [
    _cancelled, _postponed, _in_one_line, _in_a_column_of_many, _as_the_name_of_a_customer, _as_a_description,
    _as_the_reason_of_an_override, _as_a_request, _in_an_event,
]  # fmt: skip


def _in_notes(cast, job, words):
    update_job(job, {"notes": words}, by=cast.dana)


def _in_the_address(cast, job, words):
    update_job(job, {"address": words}, by=cast.dana)


def _in_values(cast, job, words):
    job.values = {"plan": words, "more": [words]}
    job.save()


WRITTEN = {
    "in a safe link": "https://safe.example/?url=https%3A%2F%2Fhost%2Fl%2F{token}%2F&data=5",
    "in small letters": "https://safe.example/?url=https%3a%2f%2fhost%2fl%2f{token}%2f&data=5",
    "encoded twice": "https://safe.example/?url=https%253A%252F%252Fhost%252Fl%252F{token}%252F&data=5",
    "behind the sign-in page": "/login/?next=%2Fl%2F{token}%2F",
    "half encoded": "/login/?next=/l%2F{token}",
    "in JSON": r"https:\/\/host\/l\/{token}\/",
    "slanted": "_https://host/l/{token}_",
    "before dashes": "https://host/l/{token}-- gate",
    "before a line": "https://host/l/{token}" + "-" * 70,
    "before a word": "https://host/l/{token}_gate",
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("paste", [_cancelled, _in_notes, _in_the_address, _in_values, _in_an_event])
def test_a_link_that_is_written_otherwise_opens_nothing(cast, paste, written):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    link = PortalLink.objects.get()
    words = WRITTEN[written].format(token=link.token)
    paste(cast, job, words)
    assert holders(link.token) == []
    assert may_hold_keys(words) and may_hold_keys(repr({"it": words}))


def test_a_link_of_any_token_is_found_before_dashes(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    for end in ("-", "_", "a"):
        token = "a" * 31 + end
        link = PortalLink(job=job, **token_columns(PortalLink, token))
        link.save()
        assert without_keys(f"/l/{token}-- gate") == "/l/…-- gate"


def test_what_follows_the_link_in_notes_stays(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    url = PortalLink.objects.get().url
    update_job(job, {"notes": f"_{url.rstrip('/')}_ and {url.rstrip('/')}-- gate, {url}"}, by=cast.dana)
    job.refresh_from_db()
    assert job.notes == "_{portal_link}_ and {portal_link}-- gate, {portal_link}"


def test_looking_for_links_takes_one_query(cast, django_assert_num_queries):
    make_job(cast.acme, cast.exchange, by=cast.dana)
    token = PortalLink.objects.get().token
    with django_assert_num_queries(1):
        without_keys(" ".join(words.format(token=token) for words in WRITTEN.values()))


def test_tokens_have_the_length_that_is_looked_for():
    assert len(new_token(PortalLink.token_bytes)) == TOKEN_SIGNS


@pytest.mark.parametrize("paste", WAYS)
def test_a_pasted_link_opens_nothing(cast, paste):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    link = PortalLink.objects.get()
    paste(cast, job, f"See {link.url}")
    assert holders(link.token) == []


def test_another_sites_address_stays_as_it_was_typed(cast):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    words = f"See https://x.example/l/{'q' * 20}/"
    assert cancel_job(job, by=cast.dana, reason=words).cancellation_reason == words
