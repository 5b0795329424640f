"""A list as a file holds what the person sees on it, and nothing that runs as a formula."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from permissions.models import CustomerGrant
from tests.factories import make_job

EXPORT = "admin:jobs_job_export"


def export(client, name=EXPORT, query="", columns=("number", "customer__name", "contact_name"), kind="0"):
    model = name.split("_")[1]
    data = {"format": kind, "resource": "0", **{f"{model}export_{column}": "on" for column in columns}}
    return client.post(reverse(name) + query, data)


def test_dana_gets_the_jobs_she_sees(cast, sign_in):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    text = export(sign_in(cast.dana)).getvalue().decode()
    assert job.number in text and "Acme Builders" in text


def test_the_filters_of_the_list_are_the_filters_of_the_file(cast, sign_in):
    make_job(cast.acme, cast.exchange, by=cast.dana)
    other = make_job(cast.cedar, cast.exchange, by=cast.dana)
    text = export(sign_in(cast.dana), query=f"?q={other.number}").getvalue().decode()
    assert "Cedar School" in text and "Acme Builders" not in text


def test_a_narrowed_person_exports_her_customers_only(cast, sign_in):
    make_job(cast.acme, cast.exchange, by=cast.dana)
    make_job(cast.cedar, cast.exchange, by=cast.dana)
    cast.dana.only_granted_customers = True
    cast.dana.save()
    text = export(sign_in(cast.dana)).getvalue().decode()
    assert "Acme Builders" not in text and "Cedar School" not in text
    assert not CustomerGrant.objects.exists()


def test_formulas_are_defused(cast, sign_in):
    make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in export(sign_in(cast.dana)).getvalue().decode()


def test_a_formula_does_not_hide_behind_a_sign_that_a_sheet_leaves_out(cast, sign_in):
    make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="\x01=HYPERLINK(1)")
    book = load_workbook(io.BytesIO(export(sign_in(cast.dana), kind="1").getvalue()))
    cells = [cell for row in book.active.iter_rows() for cell in row if "HYPERLINK" in str(cell.value)]
    assert [(cell.value, cell.data_type) for cell in cells] == [("'=HYPERLINK(1)", "s")]


@pytest.mark.parametrize("name", [EXPORT, "admin:accounts_customer_export", "admin:accounts_portaluser_export"])
def test_nell_and_carl_get_nothing(cast, sign_in, name):
    assert sign_in(cast.nell).get(reverse(name)).status_code == 403
    assert sign_in(cast.carl).get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["admin:accounts_customer_export", "admin:accounts_portaluser_export"])
def test_the_other_lists_can_be_had_too(cast, sign_in, name):
    client = sign_in(cast.dana)
    assert client.get(reverse(name)).status_code == 200
    columns = ("name",) if "customer" in name else ("user__email",)
    text = export(client, name, columns=columns).getvalue().decode()
    assert "Acme Builders" in text or "cora@example.com" in text


def test_the_list_offers_it(cast, sign_in):
    assert reverse(EXPORT) in sign_in(cast.dana).get(reverse("admin:jobs_job_changelist")).content.decode()
