"""The mapping page: how the file was read, corrected by hand; what the choices mean, said while they are made."""

from __future__ import annotations

import pytest
from django.urls import reverse

from imports.models import ImportRun
from tests.imports.conftest import GOOD


def page(name, run):
    return reverse(f"admin:imports_importrun_{name}", args=[run.pk])


def filled(client, run, **changes):
    form = client.get(page("mapping", run)).context["form"]
    return {name: form[name].value() or "" for name in form.fields} | changes


@pytest.fixture
def run(cast, upload):
    return upload(GOOD, by=cast.ines)


def test_it_says_how_the_file_was_read(cast, run, sign_in):
    html = sign_in(cast.ines).get(page("mapping", run)).content.decode()
    for words in ("UTF-8", "Comma ,", "Double quotation marks", "in row 1", "names here"):
        assert words in html


@pytest.mark.parametrize(
    ("text", "correction", "header"),
    [
        ("a^b\n1^2\n", {"delimiter": "other", "other": "^", "quote": '"', "header_row": "1"}, ["a", "b"]),
        ("a,b\n'x,y',2\n", {"delimiter": ",", "quote": "'", "header_row": "1"}, ["a", "b"]),
        ('a,"b\nc,d\n', {"delimiter": ",", "quote": "none", "header_row": "1"}, ["a", '"b']),
        ("Title\na,b\n1,2\n", {"delimiter": ",", "quote": '"', "header_row": "2"}, ["a", "b"]),
        ("1,2\n3,4\n", {"delimiter": ",", "quote": '"', "header_row": "0"}, ["Column A", "Column B"]),
    ],
)
def test_ines_corrects_it(cast, upload, sign_in, text, correction, header):
    run = upload(text, by=cast.ines)
    sign_in(cast.ines).post(page("mapping", run), {"do": "read", "encoding": "utf-8"} | correction)
    run.refresh_from_db()
    assert run.reading["header"] == header


@pytest.mark.parametrize(
    "wrong", [{"delimiter": "other", "other": ""}, {"delimiter": "other", "other": '"', "quote": '"'}]
)
def test_what_cannot_be_read_so_is_a_sentence(cast, run, sign_in, wrong):
    answer = sign_in(cast.ines).post(page("mapping", run), {"do": "read", "delimiter": "other"} | wrong, follow=True)
    assert "not a way the file can be read" in answer.content.decode()


def test_the_page_says_at_once_whether_it_can_work(cast, run, sign_in):
    client = sign_in(cast.ines)
    html = client.post(page("try", run), filled(client, run)).content.decode()
    assert "This can work. Of the first 3 rows, 2 are good." in html and "is not a date" in html
    html = client.post(page("try", run), filled(client, run, **{"from:customer": ""})).content.decode()
    assert "Say for whom the jobs are" in html
    html = client.post(page("try", run), filled(client, run, **{"from:planned_start": ""})).content.decode()
    assert "Of the first 3 rows, 3 are good." in html and "Ignored columns of the file:" in html and "Start" in html


def test_to_try_keeps_nothing(cast, run, sign_in):
    client = sign_in(cast.ines)
    client.post(page("try", run), filled(client, run))
    run.refresh_from_db()
    assert run.columns == {} and run.report == {} and ImportRun.objects.count() == 1


def test_what_values_mean_can_be_written_down(cast, upload, sign_in):
    run = upload("id,template,customer\n1,Hire,Acme Builders\n2,Old,Acme Builders\n", by=cast.ines)
    client = sign_in(cast.ines)
    values = "Hire = Skip exchange\nOld = (leave the row out)\n\n"
    client.post(page("mapping", run), filled(client, run, **{"values:template": values}))
    run.refresh_from_db()
    assert run.columns["template"]["values"] == {"Hire": "Skip exchange", "Old": None}
    assert run.report["counts"] == {"made": 1, "changed": 0, "skipped": 1, "failed": 0}
    html = client.get(page("mapping", run)).content.decode()
    assert "Hire = Skip exchange" in html and "Old = (leave the row out)" in html


def test_a_line_without_a_sign_is_said(cast, run, sign_in):
    client = sign_in(cast.ines)
    for name in ("mapping", "try"):
        answer = client.post(page(name, run), filled(client, run, **{"values:template": "Hire"}))
        assert "theirs = ours" in answer.content.decode()


def test_the_column_with_the_reason_is_passed_over(cast, imported, upload, sign_in):
    run = imported(GOOD, by=cast.ines)
    client = sign_in(cast.ines)
    failed = b"".join(client.get(page("failed", run)).streaming_content)
    again = upload(failed, by=cast.ines)
    html = client.post(page("try", again), filled(client, again)).content.decode()
    assert "Ignored columns of the file: What is wrong" in html


def test_sam_and_nell_try_nothing(cast, run, sign_in):
    assert sign_in(cast.sam).post(page("try", run), {}).status_code == 403
    assert sign_in(cast.nell).post(page("try", run), {}).status_code == 404
    assert sign_in(cast.carl).post(page("try", run), {}).status_code == 302


def test_what_nothing_is_taken_from_stays_closed(cast, run, sign_in):
    groups = {g.heading: g for g in sign_in(cast.ines).get(page("mapping", run)).context["form"].groups()}
    assert groups["Needed"].open and groups["When"].open and not groups["More"].open
