"""A saved mapping that fits is found whatever was saved since: one without a reading of its own takes no place."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from imports.models import ImportMapping, ImportRun
from imports.services import guess_mapping, save_mapping, set_mapping, set_reading

DATA = b"Jobs of March\nWho,What\nAcme Builders,Skip exchange\nBirch Hotel,Skip exchange\n"
COLUMNS = {"customer": {"from": ["Who"]}, "template": {"from": ["What"]}}


@pytest.fixture
def ours(cast, upload):
    """A mapping with a correction: the names stand in row 2, and row 4 is the last."""
    run = set_reading(upload(DATA, by=cast.ines), by=cast.ines, header_row=2, last_row=4)
    mapping = save_mapping("Ours", set_mapping(run, COLUMNS, by=cast.ines, mapping_name="Ours"), by=cast.ines)
    assert mapping.reading == {"last_row": 4}
    return mapping


def another(cast, number, reading):
    return ImportMapping.objects.create(
        name=f"Other {number}", kind="jobs", columns={}, formats={}, reading=reading, saved_by=cast.ines,
        header_digest=f"{number:064}",
    )  # fmt: skip


@pytest.mark.parametrize("reading", [{}, {"header_row": 7}])
def test_of_many_saved_since_it_is_still_found(cast, ours, sign_in, reading):
    for number in range(60 if not reading else 20):
        another(cast, number, reading)
    sent = {"kind": "jobs", "file": SimpleUploadedFile("next.csv", DATA + b"x,y\n")}
    sign_in(cast.ines).post(reverse("admin:imports_importrun_upload"), sent)
    run = ImportRun.objects.latest("pk")
    assert (run.reading["header_row"], run.reading["last_row"]) == (2, 4)
    assert guess_mapping(run, by=cast.ines)[2] == "Ours"
