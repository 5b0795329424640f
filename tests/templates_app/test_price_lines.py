"""Price lines: money is decimal, and the total is the sum of the lines as printed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import make_token
from jobs.models import Job
from jobs.pdf import job_sheet
from jobs.services import restore_before, update_job
from money import format_money
from templates_app.models import JobTemplate
from templates_app.prices import clean_lines, lines_from, total_of
from templates_app.services import copy_template
from tests.console.forms import filled
from tests.factories import make_job, make_template

EXCHANGE = [
    {"description": "Skip exchange", "quantity": "1", "unit_price": "95.00"},
    {"description": "Tipping, per tonne", "quantity": "2.5", "unit_price": "33.33"},
    {"description": "Regular customer", "quantity": "1", "unit_price": "-8.00"},
]
TOTAL = Decimal("170.33")  # 95.00 + 83.33 (83.325, rounded half up) - 8.00


def typed(lines, name="price_lines"):
    """What a browser sends for these lines."""
    data = {f"{name}-{n}-{part}": words for n, line in enumerate(lines) for part, words in line.items()}
    return data | {f"{name}-count": str(len(lines))}


@pytest.fixture
def template(db):
    return make_template("Skip hire", price_lines=EXCHANGE)


def page_of(template):
    return reverse("admin:templates_app_jobtemplate_change", args=[template.pk])


def test_the_price_of_a_template_is_the_total_of_its_lines(template):
    assert template.price == TOTAL
    template.price_lines = EXCHANGE[:1]
    template.save()
    assert JobTemplate.objects.get(pk=template.pk).price == Decimal("95.00")
    template.price_lines = []
    template.save()
    assert template.price is None


def test_a_price_in_one_sum_is_a_price_of_one_line():
    line = JobTemplate(name="Inspection", price="40.00")
    assert line.price_lines == []


@pytest.mark.django_db
def test_a_new_template_with_a_price_in_one_sum_gets_its_line():
    assert make_template("Inspection", price="40").price_lines == [
        {"description": "Inspection", "quantity": "1", "unit_price": "40.00"}
    ]


@given(
    st.lists(
        st.tuples(st.decimals("0.001", "999", places=3), st.decimals("-9999", "9999", places=2)),
        min_size=1,
        max_size=9,
    )
)
def test_a_total_is_the_sum_of_its_lines_as_printed(rows):
    lines = clean_lines([{"description": "x", "quantity": str(q), "unit_price": str(p)} for q, p in rows])
    printed = [Decimal(str(line.amount)) for line in lines_from(lines)]
    assert all(amount.as_tuple().exponent == -2 for amount in printed)
    assert total_of(lines) == sum(printed)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"description": "", "quantity": "1", "unit_price": "5"}, "Line 1: say what it is for."),
        ({"description": "Hour", "quantity": "0", "unit_price": "5"}, "a number above zero"),
        ({"description": "Hour", "quantity": "1.2345", "unit_price": "5"}, "a number above zero"),
        ({"description": "Hour", "quantity": "two", "unit_price": "5"}, "not “two”"),
        ({"description": "Hour", "quantity": "1", "unit_price": "1.234"}, "“1.234” may be a thousand"),
        ({"description": "Hour", "quantity": "1", "unit_price": ""}, "an amount such as 120.50"),
        ({"description": "Hour", "quantity": "1", "unit_price": "NaN"}, "not “NaN”"),
        ({"description": "Hour", "quantity": "999999", "unit_price": "99999999"}, "more than an order can"),
        ({"description": "x" * 201, "quantity": "1", "unit_price": "5"}, "200 characters"),
        ({"description": "Hour", "quantity": "1", "unit_price": "5", "vat": "19"}, "Line 1: “vat” is unknown"),
    ],
)
def test_a_line_that_is_none_is_refused_by_name(line, words):
    with pytest.raises(ValidationError) as refused:
        clean_lines([line])
    assert words in " ".join(refused.value.messages)


def test_empty_lines_are_left_out_and_commas_read():
    assert clean_lines([{"description": "", "quantity": "", "unit_price": ""}]) == []
    assert clean_lines([{"description": "Hour", "quantity": "1,5", "unit_price": "60,5"}]) == [
        {"description": "Hour", "quantity": "1.5", "unit_price": "60.50"}
    ]


def test_olivia_writes_lines_and_reads_the_price_in_the_list(cast, sign_in):
    template = make_template("Skip hire")
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | typed(EXCHANGE) | {"currency": "chf"}
    answer = olivia.post(page_of(template), data)
    assert answer.status_code == 302, answer.context["errors"]
    template.refresh_from_db()
    assert (template.price_lines, template.price, template.currency) == (EXCHANGE, TOTAL, "CHF")
    assert "170.33 CHF" in olivia.get("/admin/templates_app/jobtemplate/").content.decode()
    history = olivia.get(reverse("admin:templates_app_jobtemplate_history", args=[template.pk])).content.decode()
    assert "2.5 × Tipping, per tonne at 33.33" in history


def test_a_faulty_line_comes_back_as_it_was_typed(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    lines = [{**EXCHANGE[0], "unit_price": "ninety"}]
    answer = olivia.post(page_of(template), filled(olivia.get(page_of(template))) | typed(lines))
    text = answer.content.decode()
    assert "Line 1: the unit price must be an amount such as 120.50, not “ninety”." in text
    assert 'value="ninety"' in text
    template.refresh_from_db()
    assert template.price_lines == EXCHANGE


def test_a_page_that_did_not_show_the_lines_leaves_them(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {"category": "Skips"}
    assert "price_lines-count" not in data
    olivia.post(page_of(template), data)
    template.refresh_from_db()
    assert (template.category, template.price_lines) == ("Skips", EXCHANGE)


def test_lines_somebody_else_saved_meanwhile_are_not_taken_back(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | typed(EXCHANGE) | {"category": "Skips"}
    template.price_lines = EXCHANGE[:1]
    template.save()
    answer = olivia.post(page_of(template), data)
    assert "Nothing of yours was saved yet" in answer.content.decode()
    form = answer.context["adminform"].form
    assert form["price_lines"].value() == EXCHANGE[:1] and form["category"].value() == "Skips"


def test_a_job_keeps_the_lines_it_was_made_with(cast, template):
    job = make_job(cast.acme, template)
    assert (job.price_lines, job.amount) == (EXCHANGE, TOTAL)
    template.price_lines = EXCHANGE[:1]
    template.save()
    job = Job.objects.get()
    assert (job.price_lines, job.amount, job.history.count()) == (EXCHANGE, TOTAL, 1)
    assert make_job(cast.acme, template).amount == Decimal("95.00")


def test_an_amount_given_for_one_job_stands_alone(cast, template):
    assert make_job(cast.acme, template, amount=Decimal("99.00")).price_lines == []
    assert make_job(cast.acme, template, amount=TOTAL).price_lines == EXCHANGE


def test_changed_lines_change_the_amount_and_another_amount_takes_the_lines_away(cast, template):
    job = make_job(cast.acme, template)
    job = update_job(job, {"price_lines": EXCHANGE[:1]}, by=cast.dana)
    assert job.amount == Decimal("95.00")
    assert set(job.events.last().data["fields"]) == {"price_lines", "amount"}
    job = update_job(job, {"amount": Decimal("80.00")}, by=cast.dana)
    assert (job.price_lines, job.amount) == ([], Decimal("80.00"))
    job = update_job(job, {"price_lines": []}, by=cast.dana)
    assert job.amount == Decimal("80.00")
    with pytest.raises(ValidationError):
        update_job(job, {"price_lines": [{"description": "", "quantity": "1", "unit_price": "1"}]}, by=cast.dana)


def test_a_job_is_made_in_the_currency_of_its_template(cast, template):
    template.currency = "CHF"
    template.save()
    assert make_job(cast.acme, template).currency == "CHF"
    assert make_job(cast.acme).currency == "EUR"


def test_dana_changes_the_lines_of_one_job(cast, sign_in, template):
    job = make_job(cast.acme, template)
    dana, page = sign_in(cast.dana), reverse("admin:jobs_job_change", args=[job.pk])
    answer = dana.post(page, filled(dana.get(page)) | typed(EXCHANGE[:2]))
    assert answer.status_code == 302, answer.context["errors"]
    assert Job.objects.get().amount == Decimal("178.33")
    template.refresh_from_db()
    assert template.price_lines == EXCHANGE
    text = dana.get(page).content.decode()
    assert "Tipping, per tonne" in text and "178.33 EUR" in text


def test_dana_prices_a_new_job_by_itself(cast, sign_in, template):
    dana, page = sign_in(cast.dana), "/admin/jobs/job/add/?template=skip-hire"
    data = filled(dana.get(page)) | {"customer": str(cast.acme.pk)} | typed(EXCHANGE[:1])
    assert dana.post(page, data).status_code == 302
    assert (Job.objects.get().price_lines, str(Job.objects.get().amount)) == (EXCHANGE[:1], "95.00")


def test_a_template_without_lines_leaves_room_for_one_amount(cast, sign_in):
    make_template("Skip hire")
    dana, page = sign_in(cast.dana), "/admin/jobs/job/add/?template=skip-hire"
    data = filled(dana.get(page)) | {"customer": str(cast.acme.pk), "amount": "75.00"} | typed([])
    assert dana.post(page, data).status_code == 302
    assert (Job.objects.get().price_lines, str(Job.objects.get().amount)) == ([], "75.00")


def test_taking_a_change_back_brings_the_lines_back(cast, template):
    job = make_job(cast.acme, template)
    job = update_job(job, {"amount": Decimal("80.00")}, by=cast.dana)
    job = restore_before(job, job.history.first().request_id, by=cast.dana)
    assert (job.price_lines, job.amount) == (EXCHANGE, TOTAL)


def test_the_api_tells_the_lines_of_templates_and_jobs(cast, sign_in, template):
    job = make_job(cast.acme, template)
    _token, plain = make_token(name="Test", by=None, user=cast.dana, scopes=("jobs.read", "templates.read"))
    headers = {"Authorization": f"Bearer {plain}"}
    told = sign_in().get(f"/api/v1/jobs/{job.number}", headers=headers).json()
    assert [line["amount"] for line in told["price_lines"]] == ["95.00", "83.33", "-8.00"]
    assert told["amount"] == "170.33"
    told = sign_in().get("/api/v1/templates/skip-hire", headers=headers).json()
    assert (told["price"], told["currency"], told["price_lines"][1]["quantity"]) == ("170.33", "EUR", "2.5")


def test_sam_reads_the_lines_and_changes_none(cast, sign_in, template):
    job = make_job(cast.acme, template)
    sam, page = sign_in(cast.sam), reverse("admin:jobs_job_change", args=[job.pk])
    text = sam.get(page).content.decode()
    assert "Tipping, per tonne" in text and "price_lines-count" not in text
    assert sam.post(page, typed(EXCHANGE[:1])).status_code == 403
    assert Job.objects.get().amount == TOTAL


def test_nell_reads_none(cast, sign_in, template):
    job = make_job(cast.acme, template)
    nell = sign_in(cast.nell)
    assert nell.get(reverse("admin:jobs_job_change", args=[job.pk])).status_code in (403, 404)
    assert nell.get(page_of(template)).status_code in (403, 404)


def test_a_copy_costs_the_same(cast, template):
    template.currency = "CHF"
    template.save()
    made = copy_template(template, by=cast.olivia, name="Skip hire, express")
    assert (made.price_lines, made.price, made.currency) == (EXCHANGE, TOTAL, "CHF")


def test_the_job_sheet_tells_the_office_and_not_the_customer(cast, template):
    from paper import pdf

    shown: list[dict] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "render_to_string", lambda name, context: shown.append(context) or "<p>x</p>")
        job = make_job(cast.acme, template)
        job_sheet(job, for_customer=False)
        job_sheet(job, for_customer=True)
    assert [amount for *_, amount in shown[0]["lines"]] == ["€95.00", "€83.33", "-€8.00"]
    assert shown[0]["amount"] == format_money(TOTAL, "EUR")
    assert (shown[1]["lines"], shown[1]["amount"]) == ([], "")
