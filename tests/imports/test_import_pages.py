"""The importer's way through the console, and everybody's who may not go it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from imports.choices import RunState
from imports.models import ImportMapping, ImportRun
from imports.services import work_on_run
from jobs.models import Job
from jobs.services import update_job
from tests.imports.conftest import GOOD

DIALOG = {"HX-Request": "true"}
UPLOAD = "admin:imports_importrun_upload"


def page(name, *args):
    return reverse(f"admin:imports_importrun_{name}", args=args)


def send(client, text, name="jobs.csv"):
    data = text.encode() if isinstance(text, str) else text
    return client.post(reverse(UPLOAD), {"kind": "jobs", "file": SimpleUploadedFile(name, data)})


def choose(client, run, **changes):
    """Posts the mapping page as it stands, with changes."""
    form = client.get(page("mapping", run.pk)).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    return client.post(page("mapping", run.pk), data | changes)


def test_ines_goes_the_whole_way(cast, sign_in):
    client = sign_in(cast.ines)
    answer = send(client, GOOD)
    run = ImportRun.objects.get()
    assert answer.url == page("mapping", run.pk)
    answer = choose(client, run, save_as="Dispatch sheet")
    checked = client.get(answer.url).content.decode()
    assert "not a date" in checked and "Planned start" in checked and not Job.objects.exists()
    assert client.get(page("commit", run.pk), headers=DIALOG).status_code == 200 and not Job.objects.exists()
    client.post(page("commit", run.pk), {"_form_submitted": "True", "announce": "1"})
    assert "Waiting for the worker" in client.get(answer.url).content.decode()
    work_on_run(run.pk)
    result = client.get(answer.url).content.decode()
    assert Job.objects.count() == 2 and "J-000001" in result and "not a date" in result
    failed = b"".join(client.get(page("failed", run.pk)).streaming_content).decode()
    assert "A-3" in failed and "What is wrong" in failed and "is not a date" in failed
    assert ImportMapping.objects.get().name == "Dispatch sheet"


def test_the_corrected_file_of_failed_rows_goes_in_by_itself(cast, sign_in, imported):
    run = imported(GOOD, by=cast.ines)
    client = sign_in(cast.ines)
    failed = b"".join(client.get(page("failed", run.pk)).streaming_content).decode()
    send(client, failed.replace("A-3,Skip exchange,New Bakery,,not a date", "A-3,Skip exchange,New Bakery,,2026-12-05"))
    again = ImportRun.objects.latest("id")
    choose(client, again)
    again.refresh_from_db()
    assert again.report["counts"] == {"made": 1, "changed": 0, "skipped": 0, "failed": 0}


def test_undo_is_a_button_that_asks_first(cast, sign_in, imported):
    run = imported(GOOD, by=cast.ines)
    client = sign_in(cast.ines)
    assert "Removes 2 records" in client.get(page("undo", run.pk), headers=DIALOG).content.decode()
    assert Job.objects.count() == 2
    client.post(page("undo", run.pk), {"_form_submitted": "True"})
    assert not Job.objects.exists()
    assert "2 removed" in client.get(page("change", run.pk)).content.decode()


def test_the_question_counts_what_would_stay(cast, sign_in, imported):
    run = imported(GOOD, by=cast.ines)
    update_job(Job.objects.get(external_id="A-2"), {"notes": "Ring twice"}, by=cast.dana)
    assert (
        "1 record was touched and would stay."
        in sign_in(cast.ines).get(page("undo", run.pk), headers=DIALOG).content.decode()
    )


def test_the_progress_bar_asks_for_the_whole_page_when_it_is_over(cast, sign_in, imported):
    run = imported(GOOD, by=cast.ines)
    assert sign_in(cast.ines).get(page("progress", run.pk)).headers["HX-Refresh"] == "true"


def test_a_mapping_that_cannot_work_is_told_at_once(cast, sign_in, upload):
    run = upload(GOOD, by=cast.ines)
    answer = choose(sign_in(cast.ines), run, **{"from:customer": ""})
    assert "Say for whom the jobs are" in answer.content.decode()


def test_how_the_file_is_read_can_be_corrected(cast, sign_in, upload):
    run = upload("Report of today;;\nid;template;customer\n1;Skip exchange;Acme Builders\n", by=cast.ines)
    client = sign_in(cast.ines)
    client.post(page("mapping", run.pk), {"do": "read", "encoding": "utf-8", "delimiter": ";", "header_row": "1"})
    run.refresh_from_db()
    assert run.reading["header"][0] == "Report of today"


BAD = {
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\x00" * 200, "PNG"),
    "a PDF": (b"%PDF-1.7 ...", "PDF"),
    "nothing": (b"", "empty"),
    "blanks": (b"\n\n  \n", "empty"),
    "10,000 columns": ((",".join(map(str, range(10_000))) + "\n1\n").encode(), "columns"),
    "zeros": (b"\x00" * 5000, "not a text file"),
    "a broken archive": (b"PK\x03\x04 rubbish", "damaged"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_table_gets_a_sentence(cast, sign_in, what):
    data, sentence = BAD[what]
    answer = send(sign_in(cast.ines), data, "data.csv")
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert not ImportRun.objects.exists()


def test_a_header_without_rows_is_told_at_the_check(cast, sign_in, upload):
    run = upload("id,template,customer\n", by=cast.ines)
    answer = choose(sign_in(cast.ines), run)
    assert "no row" in answer.content.decode()


def test_html_in_a_cell_stays_text(cast, sign_in, checked):
    run = checked("id,template,customer\n1,<script>alert(1)</script>,Acme Builders\n", by=cast.ines)
    html = sign_in(cast.ines).get(page("change", run.pk)).content.decode()
    assert "<script>alert" not in html and "&lt;script&gt;alert" in html


@pytest.mark.parametrize(
    "name", ["change", "mapping", "commit", "undo", "discard", "cancel", "failed", "file", "progress"]
)
@pytest.mark.parametrize("who", ["nell", "carl", "cora"])
def test_strangers_find_nothing(cast, sign_in, imported, who, name):
    run = imported(GOOD, by=cast.ines)
    assert sign_in(getattr(cast, who)).get(page(name, run.pk)).status_code in (302, 404)
    run.refresh_from_db()
    assert run.state == RunState.FINISHED


@pytest.mark.parametrize("name", ["mapping", "commit", "undo", "discard", "cancel", "remedy", "try"])
def test_sam_sees_the_run_and_is_refused_every_change(cast, sign_in, imported, name):
    run = imported(GOOD, by=cast.ines)
    client = sign_in(cast.sam)
    assert client.get(page("change", run.pk)).status_code == 200
    assert client.post(page(name, run.pk), {"_form_submitted": "True"}).status_code == 403
    assert client.get(reverse(UPLOAD)).status_code == 403
    assert Job.objects.count() == 2


def test_a_narrowed_importer_sees_her_own_runs_only(cast, sign_in, imported):
    run = imported(GOOD, by=cast.olivia)
    cast.ines.only_granted_customers = True
    cast.ines.save()
    assert sign_in(cast.ines).get(page("change", run.pk)).status_code == 404


def test_no_page_changes_anything_on_get(cast, sign_in, checked):
    run = checked(GOOD, by=cast.ines)
    client = sign_in(cast.ines)
    for name in (
        "change",
        "mapping",
        "commit",
        "undo",
        "discard",
        "cancel",
        "progress",
        "failed",
        "file",
        "remedy",
        "rows",
        "try",
    ):
        client.get(page(name, run.pk), headers=DIALOG)
    run.refresh_from_db()
    assert run.state == RunState.CHECKED and not Job.objects.exists()


def test_the_list_costs_the_same_for_two_runs_and_for_twenty(cast, sign_in, upload):
    client = sign_in(cast.ines)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            client.get(page("changelist"))
        return len(caught)

    upload(GOOD, by=cast.ines)
    upload(GOOD, by=cast.ines)
    queries()
    few = queries()
    for _ in range(18):
        upload(GOOD, by=cast.ines)
    assert queries() == few


def test_a_wrong_template_is_mended_for_all_its_rows_at_once(cast, sign_in, checked):
    text = "id,template,customer\n" + "".join(f"{n},Skip hire,Acme Builders\n" for n in range(12))
    run = checked(text, by=cast.ines)
    client = sign_in(cast.ines)
    html = client.get(page("change", run.pk)).content.decode()
    assert "<strong>12</strong>" in html and "Skip hire" in html
    client.post(page("remedy", run.pk), {"column": "template", "theirs": "Skip hire", "ours": "Skip exchange"})
    run.refresh_from_db()
    assert run.report["counts"]["made"] == 12


def test_an_unclear_date_asks_how_the_file_writes_dates(cast, sign_in, checked):
    text = "id,template,customer,start\n1,Skip exchange,Acme Builders,03/04/2026\n"
    run = checked(text, by=cast.ines)
    client = sign_in(cast.ines)
    assert "Say how the file writes it" in client.get(page("change", run.pk)).content.decode()
    choose(client, run, dates="mdy")
    run.refresh_from_db()
    assert run.report["samples"][0]["cells"]["planned_start"] == "2026-03-04 08:00"


def test_an_empty_list_says_how_to_begin(cast, sign_in):
    html = sign_in(cast.ines).get(page("changelist")).content.decode()
    assert "Import a file" in html


def test_the_blank_file_has_every_column(cast, sign_in):
    blank = b"".join(sign_in(cast.ines).get(page("blank", "jobs")).streaming_content).decode()
    assert "External ID" in blank and "Planned start" in blank
