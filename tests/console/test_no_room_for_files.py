"""The folder of files is full or cannot be written to: a sentence, nothing half, and the administrator sees it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing.models import Document
from business.models import PortalSettings
from console import storage
from console.exporting.runs import write_export
from console.models import ListExport
from console.storage import NoRoom, sweep_files, trouble_with_files
from imports.models import ImportRun
from imports.services import upload_file
from jobs.models import Job, JobFile
from jobs.services import attach_file
from jobs.services.files import check_file
from tests.console.new_records import key_on
from tests.factories import make_job
from tests.imports.conftest import GOOD

SENTENCE = "There is no room for files at the moment"
PDF = b"%PDF-1.4\n" + b"x" * 200_000


@pytest.fixture(params=["full", "no folder"])
def folder(request: Any, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Where files would go: a disk of 16 kB, where one may mount it; or a path that is no folder."""
    path = tmp_path / "files"
    settings.MEDIA_ROOT = path
    if request.param == "no folder":
        path.write_text("a file")
        yield path
        return
    path.mkdir()
    small = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(path)], capture_output=True)
    if small.returncode:
        # Nobody but root mounts: then the disk's answer is what is put in its place.
        request.getfixturevalue("monkeypatch").setattr(storage.FileSystemStorage, "_save", _full)
    yield path
    if not small.returncode:
        subprocess.run(["umount", str(path)], check=True)


def _full(self: Any, name: str, content: Any) -> str:
    path = Path(self.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.read(1000))
    raise OSError(28, os.strerror(28))


def pieces(folder: Path) -> list[Path]:
    found = folder.rglob("*") if folder.is_dir() else []
    return [one for one in found if one.is_file() and one.name != "letters"]


def large_table() -> ContentFile[bytes]:
    return ContentFile((GOOD + "\n" * 200_000).encode(), name="jobs.csv")


def test_ines_reads_why_her_file_was_not_taken(cast, sign_in, folder):
    ines = sign_in(cast.ines)
    address = reverse("admin:imports_importrun_upload")
    sent = {
        "kind": "jobs",
        "_once": key_on(ines.get(address)),
        "file": SimpleUploadedFile("j.csv", large_table().read()),
    }
    answer = ines.post(address, sent)
    assert answer.status_code == 200 and SENTENCE in answer.content.decode()
    assert not ImportRun.objects.exists() and pieces(folder) == []


def test_dana_adds_no_half_photo_to_a_job(cast, sign_in, folder):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    dana = sign_in(cast.dana)
    address = reverse("admin:jobs_job_add_file", args=[job.pk])
    sent = {"_form_submitted": "1", "_once": key_on(dana.get(address)), "upload": SimpleUploadedFile("p.pdf", PDF)}
    answer = dana.post(address, sent)
    assert answer.status_code == 200 and SENTENCE in answer.content.decode()
    assert not JobFile.objects.exists() and pieces(folder) == []


def test_an_export_says_it_too(cast, folder):
    make_job(cast.acme, cast.exchange, by=cast.dana)
    if folder.is_dir():
        # What is left is less than any list takes.
        (folder / "letters").write_bytes(b"x" * 15_000)
    export = ListExport.objects.create(owner=cast.olivia, source="jobs.job", format="xlsx", columns=[])
    write_export(export.pk)
    export.refresh_from_db()
    assert export.state == ListExport.State.FAILED and SENTENCE in export.problem
    assert pieces(folder) == []


def test_the_administrator_sees_it_on_the_dashboard_and_nobody_else(cast, sign_in, folder):
    said = trouble_with_files()
    assert said
    assert said in sign_in(cast.olivia).get("/admin/").content.decode()
    for other in (cast.dana, cast.sam, cast.nell):
        assert str(folder) not in sign_in(other).get("/admin/").content.decode()


def test_where_all_is_well_nobody_reads_of_it(cast, sign_in, monkeypatch):
    monkeypatch.setattr(storage, "LITTLE", 0)
    assert trouble_with_files() == ""
    assert "folder of files" not in sign_in(cast.olivia).get("/admin/").content.decode()


def test_pieces_that_no_record_names_are_swept_and_everything_else_stays(cast, settings):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    kept = [attach_file(job, check_file("p.pdf", b"%PDF-1.4"), by=cast.dana).content.name]
    kept.append(str(upload_file(ContentFile(GOOD.encode(), name="j.csv"), by=cast.ines).file.name))
    kept.append(default_storage.save("letters/one.txt", ContentFile(b"of somebody else")))
    pieces = [default_storage.save(f"{folder}/piece", ContentFile(b"x")) for folder in storage.FOLDERS]
    for name in [*kept, *pieces]:
        old = (timezone.now() - timedelta(days=2)).timestamp()
        os.utime(default_storage.path(name), (old, old))
    young = default_storage.save("jobs/young", ContentFile(b"x"))
    assert sweep_files() == len(pieces)
    assert all(default_storage.exists(name) for name in [*kept, young])
    assert not any(default_storage.exists(name) for name in pieces)


def make_old(name: str | bytes) -> None:
    old = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(name, (old, old))


def test_the_logo_that_a_take_back_needs_stays(cast, portal):
    """History names it, and nothing else."""
    names = []
    for word in "ab":
        settings = PortalSettings.load()
        settings.logo.save(f"{word}.png", ContentFile(word.encode()))
        names.append(settings.logo.name)
        make_old(settings.logo.path)
    sweep_files()
    assert [default_storage.exists(name) for name in names] == [True, True]


def test_a_name_that_is_no_text_stops_no_sweep(db):
    folder = Path(default_storage.path(default_storage.save("jobs/odd/piece", ContentFile(b"x")))).parent
    odd = os.fsencode(folder) + b"/\xff.pdf"
    Path(os.fsdecode(odd)).write_bytes(b"x")
    for name in (odd, os.fsencode(folder) + b"/piece"):
        make_old(name)
    assert sweep_files() == 1
    assert os.path.exists(odd), "whoever put it there"
    os.unlink(odd)


def test_what_somebody_else_deletes_meanwhile_stops_no_sweep(db, monkeypatch):
    path = Path(default_storage.path(default_storage.save("jobs/going/piece", ContentFile(b"x"))))
    is_file = Path.is_file

    def goes(self: Path) -> bool:
        there = is_file(self)
        if self == path:
            self.unlink()
        return there

    monkeypatch.setattr(Path, "is_file", goes)
    assert sweep_files() == 0


def test_every_folder_that_a_record_uses_is_swept(db):
    names = {
        ImportRun(file_name="x").file.field.generate_filename(ImportRun(), "a.csv"),
        ListExport().file.field.generate_filename(ListExport(), "a.csv"),
        JobFile().content.field.generate_filename(JobFile(job=Job()), "a.pdf"),
        Document().file.field.generate_filename(Document(), "a.pdf"),
        PortalSettings().logo.field.generate_filename(PortalSettings(), "a.png"),
    }
    assert {name.partition("/")[0] for name in names} == set(storage.FOLDERS)


def test_nothing_of_a_refused_file_stays(folder):
    with pytest.raises(NoRoom, match=SENTENCE):
        default_storage.save("jobs/x", ContentFile(PDF))
    assert pieces(folder) == []
