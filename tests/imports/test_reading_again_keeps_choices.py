"""Ines corrects how her file is read and keeps the columns she has chosen: those the file still has."""

from __future__ import annotations

import pytest
from django.urls import reverse

TEXT = "Ref,What,Who,Start\nA-1,Skip exchange,Acme Builders,2026-12-01 08:30\n"
CHOSEN = {"from:external_id": "Ref", "from:template": "What", "from:customer": "Who", "values:template": "Old = Hire"}


def page(run):
    return reverse("admin:imports_importrun_mapping", args=[run.pk])


def filled(client, run, **changes):
    form = client.get(page(run)).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


def read_again(client, run, sent, **how):
    return client.post(page(run), sent | {"do": "read", "encoding": "utf-8", "delimiter": ",", "quote": '"'} | how)


@pytest.fixture
def run(cast, upload):
    return upload(TEXT, by=cast.ines)


def test_ines_keeps_what_she_has_chosen(cast, run, sign_in):
    client = sign_in(cast.ines)
    sent = filled(client, run, **CHOSEN, dates="dmy", save_as="Dispatch sheet")
    read_again(client, run, sent, encoding="cp1252", header_row="1")
    again = filled(client, run)
    assert again.items() >= (CHOSEN | {"dates": "dmy", "save_as": "Dispatch sheet"}).items()
    run.refresh_from_db()
    assert run.reading["encoding"] == "cp1252" and run.columns["template"]["values"] == {"Old": "Hire"}


def test_a_column_she_emptied_stays_empty(cast, run, sign_in):
    client = sign_in(cast.ines)
    read_again(client, run, filled(client, run, **CHOSEN, **{"from:planned_start": ""}), header_row="1")
    assert filled(client, run)["from:planned_start"] == ""


def test_what_the_file_has_no_more_goes_and_new_names_are_filled_in(cast, upload, sign_in):
    run = upload("Ref,Who,What,Sum\nOrder number,Customer,What,Sum\nA-1,Acme Builders,Skip exchange,3\n", by=cast.ines)
    client = sign_in(cast.ines)
    read_again(client, run, {}, header_row="1")
    read_again(client, run, filled(client, run, **CHOSEN), header_row="2")
    again = filled(client, run)
    assert again["from:template"] == "What"
    assert again["from:external_id"] == "Order number" and again["from:customer"] == "Customer"


def test_what_was_chosen_at_the_check_is_kept_without_scripts_too(cast, checked, sign_in):
    columns = {"external_id": {"from": ["Ref"]}, "template": {"from": ["What"]}, "customer": {"from": ["Who"]}}
    run = checked(TEXT, by=cast.ines, columns=columns)
    read_again(sign_in(cast.ines), run, {}, header_row="1")
    run.refresh_from_db()
    assert run.columns == columns and run.state == "uploaded" and run.report == {}


def test_a_choice_that_cannot_be_read_costs_nothing(cast, run, sign_in):
    client = sign_in(cast.ines)
    sent = filled(client, run, **CHOSEN | {"values:template": "no sign"})
    assert read_again(client, run, sent, header_row="1").status_code == 302
    run.refresh_from_db()
    assert run.columns == {}


def test_sam_and_nell_change_nothing(cast, run, sign_in):
    assert read_again(sign_in(cast.sam), run, CHOSEN).status_code == 403
    assert read_again(sign_in(cast.nell), run, CHOSEN).status_code == 404
    run.refresh_from_db()
    assert run.columns == {}
