"""Fields that count only when another has a value (templates_app.values.is_shown), in a customer's form."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from jobs.models import Job
from tests.factories import make_location, make_template

FIELDS = (
    {"label": "Waste", "kind": "pick", "portal_use": "required", "choices": ["wood", "asbestos"]},
    {
        "label": "Permit", "kind": "text", "portal_use": "required",
        "shown_when": "waste", "shown_value": "asbestos",
    },
    {
        "label": "Scan", "kind": "file", "portal_use": "optional",
        "shown_when": "waste", "shown_value": "asbestos",
    },
    {"label": "Inner", "kind": "text", "portal_use": "hidden", "default": "A"},
    {"label": "Gate code", "kind": "text", "portal_use": "optional", "shown_when": "inner", "shown_value": "B"},
    {"label": "Yard", "kind": "text", "portal_use": "optional", "shown_when": "inner", "shown_value": "A"},
)  # fmt: skip
PATH = "/jobs/new/clearance/"


@pytest.fixture
def order(cast):
    make_template("Clearance", fields=FIELDS)
    return {"account": cast.acme.pk, "place": make_location(cast.acme).pk, "once": "one"}


def test_the_form_says_which_field_decides(cast, order, sign_in):
    page = sign_in(cast.cora).get(PATH).content.decode()
    assert 'data-only-when="field_waste" data-wanted="asbestos"' in page
    assert "Only if “Waste” is “asbestos”" in page, "for browsers without scripts"


def test_what_a_hidden_field_decides_is_decided_already(cast, order, sign_in):
    page = sign_in(cast.cora).get(PATH).content.decode()
    assert "Gate code" not in page
    assert "Yard" in page
    assert "field_inner" not in page


def test_a_field_that_counts_is_demanded(cast, order, sign_in):
    page = sign_in(cast.cora).post(PATH, order | {"field_waste": "asbestos"})
    assert "field_permit" in page.context["form"].errors
    assert not Job.objects.exists()


def test_a_field_that_does_not_count_is_neither_demanded_nor_kept(cast, order, sign_in):
    sign_in(cast.cora).post(PATH, order | {"field_waste": "wood", "field_permit": "P 1"})
    assert Job.objects.get().values == {"waste": "wood", "inner": "A"}


def test_nor_is_a_file_for_it(cast, order, sign_in):
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "JPEG")
    scan = SimpleUploadedFile("scan.jpg", out.getvalue(), "image/jpeg")
    sign_in(cast.cora).post(PATH, order | {"field_waste": "wood", "field_scan": scan})
    assert not Job.objects.get().files.exists()
