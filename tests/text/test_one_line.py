"""A one-line field takes one line, by every source: line breaks become spaces."""

from __future__ import annotations

import pytest

from accounts.models import Customer
from audit.one_line import one_line
from jobs.models import Job
from jobs.services import update_job
from templates_app.choices import FieldKind
from templates_app.definitions import FieldDefinition
from templates_app.values import clean_value
from tests.factories import make_job

BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("sign", BREAKS, ids=ascii)
def test_every_break_is_a_space(sign):
    assert one_line(f"Mill Lane 7{sign}{sign} Hamburg{sign}") == "Mill Lane 7 Hamburg"


@pytest.mark.parametrize("text", ["", " ", "a", " a  b\t", "ä²"])
def test_a_line_stays_as_it_is(text):
    assert one_line(text) is text


@pytest.mark.parametrize("kind", [FieldKind.TEXT, FieldKind.LOCATION])
def test_a_value_of_a_template_field(kind):
    assert clean_value(FieldDefinition("it", "It", kind), "a\n" * 4000) == " ".join("a" * 4000)


def _saved(cast):
    return make_job(cast.acme, cast.exchange, address="a\u2028b")


def _service(cast):
    job = make_job(cast.acme, cast.exchange)
    update_job(job, {"address": "a\nb"}, by=cast.dana)
    return job


def _update(cast):
    job = make_job(cast.acme, cast.exchange)
    Job.objects.filter(pk=job.pk).update(address="a\vb")
    return job


def _bulk(cast):
    job = make_job(cast.acme, cast.exchange)
    job.address = "a\r\nb"
    Job.objects.bulk_update([job], ["address"])
    return job


@pytest.mark.parametrize("source", [_saved, _service, _update, _bulk])
def test_the_address_of_a_job(cast, source):
    job = source(cast)
    assert Job.objects.get(pk=job.pk).address == "a b"


def test_history_says_what_was_saved(cast):
    assert _saved(cast).history.first().address == "a b"


def test_rows_written_together(db):
    Customer.objects.bulk_create([Customer(name="Acme\nNorth")])
    assert Customer.objects.get().name == "Acme North"
