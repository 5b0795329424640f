"""A long list is written in the background: for whoever asked, by her rights, kept for a while, and found again."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Label
from audit.act import acting
from console.exporting import runs
from console.exporting.runs import sweep_exports, write_export
from console.models import ListExport
from permissions.services import grant, withdraw_grant
from tests.factories import make_job

LIST = "admin:console_listexport_changelist"
CUSTOMERS = "admin:accounts_customer_export"

pytestmark = pytest.mark.usefixtures("_two_rows_at_once")


@pytest.fixture
def _two_rows_at_once(settings):
    settings.EXPORT_ROWS_AT_ONCE = 2


def ask(client, name=CUSTOMERS, query="", kind="0"):
    form = client.get(reverse(name)).context["form"]
    data = {field: "on" for field in form.fields if field not in ("format", "resource", "export_items")}
    return client.post(reverse(name) + query, data | {"format": kind, "resource": "0"})


def file_of(client, export):
    return client.get(reverse("admin:console_listexport_file", args=[export.pk]))


def rows_of(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_page_says_so_and_dana_finds_the_file_under_exports(cast, sign_in):
    client = sign_in(cast.dana)
    assert "in the background" in client.get(reverse(CUSTOMERS)).content.decode()
    assert ask(client).url == reverse(LIST)
    export = ListExport.objects.get()
    html = client.get(reverse(LIST)).content.decode()
    assert "Waiting" in html and "follows them by itself" in html
    write_export(export.pk)
    html = client.get(reverse(LIST)).content.decode()
    assert "Ready" in html and "Download" in html and "follows them by itself" not in html
    answer = file_of(client, export)
    assert "customers-" in answer.headers["Content-Disposition"]
    assert sorted(row[1] for row in rows_of(answer)[1:]) == ["Acme Builders", "Birch Hotel", "Cedar School"]


def test_a_short_list_comes_at_once(cast, sign_in):
    answer = ask(sign_in(cast.dana), query="?q=Acme")
    assert "Acme Builders" in answer.getvalue().decode() and not ListExport.objects.exists()


def test_the_filters_of_the_list_hold_in_the_background_too(cast, sign_in):
    for name in ("Acme North", "Acme South"):
        Label.objects.create(name=name)
        cast.acme.pk = None
        cast.acme.name, cast.acme.external_id = name, None
        cast.acme.save()
    client = sign_in(cast.dana)
    ask(client, query="?q=Acme")
    export = write_export(ListExport.objects.get().pk)
    names = {row[1] for row in rows_of(file_of(client, export))[1:]}
    assert export.rows_total == len(names) == 3 and all("Acme" in name for name in names)


def test_a_workbook_has_a_sheet_with_headings(cast, sign_in):
    client = sign_in(cast.dana)
    ask(client, kind="1")
    export = write_export(ListExport.objects.get().pk)
    answer = file_of(client, export)
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert ".xlsx" in answer.headers["Content-Disposition"]
    assert sheet["B1"].value == "Name" and sheet.max_row == 4


def test_it_is_written_by_the_rights_she_has_when_it_is_written(cast, sign_in):
    client = sign_in(cast.dana)
    ask(client)
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.cedar, change=False, by=cast.olivia)
    export = write_export(ListExport.objects.get().pk)
    assert [row[1] for row in rows_of(file_of(client, export))[1:]] == ["Cedar School"]


def test_whoever_lost_the_list_loses_the_file(cast, sign_in):
    client = sign_in(cast.ines)
    ask(client)
    export = write_export(ListExport.objects.get().pk)
    cast.ines.groups.clear()
    cast.ines.user_permissions.add(*_rights_to_exports())
    answer = client.get(reverse("admin:console_listexport_file", args=[export.pk]), follow=True)
    assert "may not see this list any more" in answer.content.decode()


def _rights_to_exports():
    from django.contrib.auth.models import Permission

    return Permission.objects.filter(content_type__app_label="console", content_type__model="listexport")


@pytest.mark.parametrize("who", ["olivia", "sam", "nell", "carl"])
def test_nobody_else_gets_it_not_even_olivia(cast, sign_in, who):
    ask(sign_in(cast.dana))
    export = write_export(ListExport.objects.get().pk)
    client = sign_in(getattr(cast, who))
    assert file_of(client, export).status_code in (302, 403, 404)
    assert "Content-Disposition" not in file_of(client, export).headers
    assert client.get(reverse("admin:console_listexport_change", args=[export.pk])).status_code in (302, 403, 404)
    assert client.post(reverse("admin:console_listexport_remove", args=[export.pk])).status_code in (302, 403, 404)
    assert ListExport.objects.exists()


def test_without_the_right_to_long_files_one_narrows(cast, sign_in):
    from django.contrib.auth.models import Permission

    cast.nell.user_permissions.add(Permission.objects.get(codename="view_customer"))
    html = ask(sign_in(cast.nell)).content.decode()
    assert "Narrow this one" in html and not ListExport.objects.exists()


def test_an_impatient_person_does_not_fill_the_disk(cast, sign_in):
    client = sign_in(cast.dana)
    for _ in range(7):
        answer = ask(client)
    assert ListExport.objects.count() == runs.AT_A_TIME and "Wait for one of them" in answer.content.decode()


def test_it_is_deleted_when_it_was_kept_long_enough(cast, sign_in):
    client = sign_in(cast.dana)
    ask(client)
    export = write_export(ListExport.objects.get().pk)
    name = export.file.name
    assert default_storage.exists(name)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        client = sign_in(cast.dana)
        assert "Content-Disposition" not in file_of(client, export).headers
        sweep_exports()
    assert not ListExport.objects.exists()


def test_its_owner_removes_it_with_its_file(cast, sign_in, committed):
    client = sign_in(cast.dana)
    ask(client)
    export = write_export(ListExport.objects.get().pk)
    with committed():
        client.post(reverse("admin:console_listexport_remove", args=[export.pk]), {"_form_submitted": "True"})
    assert not ListExport.objects.exists() and not default_storage.exists(export.file.name)


def test_two_workers_write_it_once(cast, sign_in):
    ask(sign_in(cast.dana))
    pk = ListExport.objects.get().pk
    assert write_export(pk).state == ListExport.State.READY and write_export(pk) is None


def test_a_worker_that_died_is_followed_by_another_and_in_the_end_by_a_sentence(cast, sign_in, monkeypatch):
    ask(sign_in(cast.dana))
    pk = ListExport.objects.get().pk

    def dies(*args):
        raise OperationalError

    monkeypatch.setattr(runs, "write_rows", dies)
    for later in range(3):
        with time_machine.travel(timezone.now() + timedelta(minutes=5 * later)), pytest.raises(OperationalError):
            write_export(pk)
        assert write_export(pk) is None
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert "could not be written" in write_export(pk).problem


def test_a_removed_one_is_written_no_further(cast, sign_in, monkeypatch):
    ask(sign_in(cast.dana))
    pk, write = ListExport.objects.get().pk, runs.write_rows

    def removed(*args):
        ListExport.objects.all().delete()
        return write(*args)

    monkeypatch.setattr(runs, "write_rows", removed)
    assert write_export(pk) is None and not default_storage.listdir("exports")[1]


def test_the_change_log_is_written_in_the_background_too(cast, sign_in):
    with acting(by=cast.dana, reason="=1+1"):
        for n in range(5):
            Label.objects.create(name=f"Label {n}")
    client = sign_in(cast.sam)
    url = reverse("admin:changelog") + "?export=csv&model=accounts.label"
    assert "in the background" in client.get(url).content.decode() and not ListExport.objects.exists()
    assert client.post(url).url == reverse(LIST)
    export = write_export(ListExport.objects.get().pk)
    rows = rows_of(file_of(client, export))
    assert rows[0][0] == "When" and {row[5] for row in rows[1:]} == {f"Label {n}" for n in range(5)}
    assert all(row[9] == "'=1+1" for row in rows[1:])


def test_the_page_of_exports_is_in_the_menu_and_says_how_to_begin(cast, sign_in):
    html = sign_in(cast.sam).get(reverse("admin:index")).content.decode()
    assert reverse(LIST) in html
    assert "No file yet" in sign_in(cast.sam).get(reverse(LIST)).content.decode()
    assert sign_in(cast.nell).get(reverse(LIST)).status_code == 403


@override_settings(EXPORT_ROWS_AT_ONCE=2)
def test_formulas_are_defused_in_the_background_too(cast, sign_in):
    for _ in range(3):
        make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="=HYPERLINK(1)")
    client = sign_in(cast.dana)
    ask(client, "admin:jobs_job_export")
    export = write_export(ListExport.objects.get().pk)
    assert "'=HYPERLINK(1)" in [cell for row in rows_of(file_of(client, export)) for cell in row]


def test_who_sees_less_since_then_loses_the_file_too(cast, sign_in):
    client = sign_in(cast.dana)
    ask(client)
    everything = write_export(ListExport.objects.get().pk)
    cast.dana.only_granted_customers = True
    cast.dana.save()
    for customer in (cast.acme, cast.birch, cast.cedar):
        grant(cast.dana, customer, change=False, by=cast.olivia)
    answer = client.get(reverse("admin:console_listexport_file", args=[everything.pk]), follow=True)
    assert "You see less now" in answer.content.decode()
    ask(client)
    theirs = write_export(ListExport.objects.latest("pk").pk)
    assert len(rows_of(file_of(client, theirs))) == 4
    withdraw_grant(cast.dana, cast.acme, by=cast.olivia)
    assert file_of(client, theirs).status_code == 302
    # Who was given more keeps what she has.
    cast.dana.only_granted_customers = False
    cast.dana.save()
    assert file_of(client, theirs).status_code == 200
