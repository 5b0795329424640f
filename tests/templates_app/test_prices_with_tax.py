"""Price lines know their unit and their kind of tax, and whoever reads a price knows whether tax is in it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import make_token
from audit.changelog import history_of
from console.errors import Refused
from jobs.choices import JobStatus
from jobs.models import Job
from jobs.pdf import job_sheet
from jobs.services import NewJob, create_job, restore_before, update_job
from money import format_unit_price
from templates_app.choices import TaxClass, Unit
from templates_app.price_forms import PriceLinesInput, same_lines
from templates_app.prices import PriceLine, clean_lines, lines_from, price_as_kept, price_lines_in_words, total_of
from templates_app.services import copy_template
from tests.api.conftest import Program
from tests.console.forms import filled
from tests.factories import make_job, make_template

TIPPING = {"description": "Tipping", "quantity": "2.5", "unit_price": "30.00", "unit": "TNE", "tax": "reduced"}
EXCHANGE = [{"description": "Skip exchange", "quantity": "1", "unit_price": "95.00"}, TIPPING]
TOTAL = Decimal("170.00")

# What tables held before lines knew unit and tax: (as kept, its unit price, its amount).
OLD_LINES = [
    ({"description": "Skip exchange", "quantity": "1", "unit_price": "95.00"}, "95.00", "95.00"),
    ({"description": "Tipping, per tonne", "quantity": "2.5", "unit_price": "33.33"}, "33.33", "83.33"),
    ({"description": "Regular customer", "quantity": "1", "unit_price": "-8.00"}, "-8.00", "-8.00"),
    ({"description": "Free", "quantity": "0.001", "unit_price": "0.00"}, "0.00", "0.00"),
    ({"description": "Half a cent", "quantity": "0.5", "unit_price": "0.01"}, "0.01", "0.01"),
    ({"description": "Much", "quantity": "1000", "unit_price": "999999.99"}, "999999.99", "999999990.00"),
]

a_line = st.builds(
    PriceLine,
    st.text("abc €'\"<>", min_size=1, max_size=20).map(lambda text: f"x{text}x"),
    st.decimals("0.001", "999", places=3),
    st.decimals("-9999", "9999", places=4).map(price_as_kept),
    st.sampled_from(Unit),
    st.sampled_from(TaxClass),
)
some_lines = st.lists(a_line, max_size=9)


@given(some_lines)
def test_what_is_written_is_what_is_read(lines):
    kept = [line.stored() for line in lines]
    assert lines_from(kept) == lines
    assert clean_lines(kept) == [line.stored() for line in lines_from(clean_lines(kept))]
    # Cleaned once is cleaned: a form shows what is kept, and takes it again.
    assert clean_lines(clean_lines(kept)) == clean_lines(kept)
    assert total_of(clean_lines(kept)) == total_of(kept)


@given(a_line)
def test_the_usual_is_not_written_down(line):
    kept = line.stored()
    assert ("unit" in kept, "tax" in kept) == (line.unit != Unit.PIECE, line.tax != TaxClass.STANDARD)
    assert set(map(type, kept.values())) == {str}
    assert len(kept["unit_price"].partition(".")[2]) in (2, 4)
    assert line.amount.as_tuple().exponent == -2 and str(line.amount) != "-0.00"


@given(some_lines)
def test_a_form_sends_back_what_it_showed(lines):
    kept = clean_lines([line.stored() for line in lines])
    rows = PriceLinesInput().get_context("price_lines", kept, {})["rows"]
    sent = {f"{row['prefix']}-{part}": row[part] for row in rows for part in ("description", "quantity", "unit_price")}
    for row in rows:
        for part, choices in (("unit", "units"), ("tax", "taxes")):
            [sent[f"{row['prefix']}-{part}"]] = [code for code, _words, chosen in row[choices] if chosen]
    given_back = PriceLinesInput().value_from_datadict(sent | {"price_lines-count": str(len(rows))}, {}, "price_lines")
    assert clean_lines(given_back) == kept and same_lines(given_back, kept)


@pytest.mark.parametrize(("kept", "unit_price", "amount"), OLD_LINES)
def test_a_line_of_before_says_what_it_always_said(kept, unit_price, amount):
    [line] = lines_from([kept])
    assert (line.unit, line.tax) == (Unit.PIECE, TaxClass.STANDARD)
    assert (str(line.unit_price), str(line.amount)) == (unit_price, amount)
    assert line.stored() == kept
    assert (line.per_unit, line.unusual_tax) == ("", "")


@pytest.mark.parametrize("kept", [line for line, _price, amount in OLD_LINES if len(amount) < 12])
def test_a_line_of_before_is_saved_as_it_was(kept):
    assert clean_lines([kept]) == [kept]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"unit": "ton"}, "Line 2: there is no unit “ton”. There are: C62, HUR, DAY"),
        ({"unit": "tne"}, "Line 2: there is no unit “tne”"),
        ({"unit": ["TNE"]}, "Line 2: there is no unit “['TNE']”"),
        ({"unit": 0}, "Line 2: there is no unit “0”"),
        ({"tax": "19"}, "Line 2: there is no kind of tax “19”. There are: standard, reduced"),
        ({"tax": True}, "Line 2: there is no kind of tax “True”"),
        ({"Unit": "TNE"}, "Line 2: “Unit” is unknown."),
        ({"unit_price": "0.12345"}, "Line 2: the unit price must be an amount"),
        ({"unit_price": "1,234"}, "Line 2: “1,234” may be a thousand"),
        ({"unit_price": "-12.345"}, "Line 2: “-12.345” may be a thousand"),
        ({"quantity": "1.2345"}, "Line 2: the quantity must be a number"),
    ],
)
def test_what_nobody_knows_is_refused_with_its_line(facts, words):
    with pytest.raises(ValidationError) as refused:
        clean_lines([EXCHANGE[0], TIPPING | facts])
    assert words in " ".join(refused.value.messages)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("95", "95.00"), ("95.5", "95.50"), ("0.0425", "0.0425"), ("0.125", "0.1250"), ("0,125", "0.1250"),
        ("1.2340", "1.2340"), ("12.3400", "12.34"), ("-0.0050", "-0.0050"), ("-0.00", "0.00"),
        (Decimal("1.234"), "1.2340"), (0.125, "0.1250"), (95, "95.00"),
    ],
)  # fmt: skip
def test_a_unit_price_has_two_decimals_or_four(written, kept):
    [line] = clean_lines([{"description": "Scrap", "quantity": "1", "unit_price": written}])
    assert line["unit_price"] == kept


def test_a_price_for_a_kilogram_is_finer_than_a_cent_and_its_amount_is_not():
    [line] = lines_from([{"description": "Scrap", "quantity": "1250.5", "unit_price": "0.0825", "unit": "KGM"}])
    assert line.amount == Decimal("103.17")
    assert (line.per_unit, format_unit_price(line.unit_price, "EUR")) == ("per kilogram", "€0.0825")
    assert format_unit_price(Decimal("95.00"), "EUR") == "€95.00"


def test_the_empty_row_of_a_form_is_no_line():
    assert clean_lines([{"description": "", "quantity": "", "unit_price": "", "unit": "C62", "tax": "standard"}]) == []


def test_lines_in_words_say_unit_and_tax_where_they_are_not_the_usual():
    assert price_lines_in_words([*EXCHANGE, TIPPING | {"unit": "LS", "tax": "standard", "quantity": "1"}]) == (
        "1 × Skip exchange at 95.00; 2.5 × Tipping at 30.00 per tonne (Reduced rate); "
        "1 × Tipping at a lump sum of 30.00"
    )


@pytest.fixture
def template(db):
    return make_template("Skip hire", price_lines=EXCHANGE, prices_include_tax=True)


def typed(lines, name="price_lines"):
    data = {f"{name}-{n}-{part}": words for n, line in enumerate(lines) for part, words in line.items()}
    return data | {f"{name}-count": str(len(lines))}


def page_of(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def history_page(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_history", args=[record.pk])


# --- what a job takes over


def test_a_job_takes_the_mode_over_and_keeps_it(cast, template):
    job = make_job(cast.acme, template)
    assert (job.prices_include_tax, job.price_lines, job.amount) == (True, EXCHANGE, TOTAL)
    template.prices_include_tax = False
    template.save()
    assert Job.objects.get().prices_include_tax is True
    assert make_job(cast.acme, template).prices_include_tax is False
    assert make_job(cast.acme).prices_include_tax is False


@pytest.mark.parametrize(("said", "becomes"), [(None, True), (True, True), (False, False)])
def test_a_job_of_its_own_mode(cast, template, said, becomes):
    job = create_job(NewJob(customer=cast.acme, template=template, prices_include_tax=said), by=cast.dana)
    job.refresh_from_db()
    assert job.prices_include_tax is becomes


def test_a_copy_includes_what_its_original_does(cast, template):
    assert copy_template(template, by=cast.olivia, name="Skip hire, express").prices_include_tax is True


def test_a_change_of_the_mode_is_told_and_can_be_taken_back(cast, template):
    job = make_job(cast.acme, template)
    job = update_job(job, {"prices_include_tax": False}, by=cast.dana)
    assert job.events.last().data["fields"] == ["prices_include_tax"]
    assert (job.amount, job.tax_words) == (TOTAL, "before tax")
    job = restore_before(job, job.history.first().request_id, by=cast.dana)
    assert job.prices_include_tax is True
    before = history_of(Job).model.objects.count()
    update_job(job, {"prices_include_tax": True}, by=cast.dana)
    assert history_of(Job).model.objects.count() == before


def test_a_billed_job_keeps_it(cast, template):
    job = make_job(cast.acme, template)
    Job.objects.filter(pk=job.pk).update(billed_as="INV-1", status=JobStatus.COMPLETED)
    with pytest.raises(Refused, match="INV-1"):
        update_job(job, {"prices_include_tax": False}, by=cast.dana)
    # The same again is no change.
    update_job(job, {"prices_include_tax": True, "notes": "Ring"}, by=cast.dana)
    assert Job.objects.get().prices_include_tax is True


# --- the office


def test_olivia_writes_units_taxes_and_the_mode(cast, sign_in):
    template = make_template("Skip hire")
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | typed(EXCHANGE) | {"prices_include_tax": "on"}
    answer = olivia.post(page_of(template), data)
    assert answer.status_code == 302, answer.context["errors"]
    template.refresh_from_db()
    assert (template.price_lines, template.price, template.prices_include_tax) == (EXCHANGE, TOTAL, True)
    page = olivia.get(page_of(template)).content.decode()
    assert '<option value="TNE" selected>tonne</option>' in page
    assert '<option value="reduced" selected>Reduced rate</option>' in page
    shown = olivia.get("/admin/templates_app/jobtemplate/").content.decode()
    assert "170.00 EUR" in shown and "with tax" in shown
    history = olivia.get(history_page(template)).content.decode()
    assert "2.5 × Tipping at 30.00 per tonne (Reduced rate)" in history and "prices include tax" in history.lower()


def test_a_unit_that_is_none_comes_back_with_its_line(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | typed([EXCHANGE[0], TIPPING | {"unit": "<b>"}])
    text = olivia.post(page_of(template), data).content.decode()
    assert "Line 2: there is no unit “&lt;b&gt;”" in text
    assert '<option value="&lt;b&gt;" selected>' in text and "<b>" not in text.split("pc-prices")[1][:4000]
    template.refresh_from_db()
    assert template.price_lines == EXCHANGE


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"price_lines-0-unit_price": "100"}, "Price lines: 170.00 → 175.00 EUR with tax"),
        ({"prices_include_tax": None}, "Prices: with tax → before tax"),
        ({"prices_include_tax": None, "price_lines-0-unit_price": "100"}, "Price lines: 170.00 → 175.00 EUR<"),
        ({"price_lines-1-tax": "standard"}, "<li>Price lines</li>"),
        ({"price_lines-1-unit": "KGM"}, "<li>Price lines</li>"),
    ],
)
def test_what_saving_will_do_says_with_or_before_tax(cast, sign_in, template, answers, words):
    make_job(cast.acme, template)
    olivia = sign_in(cast.olivia)
    shown = filled(olivia.get(page_of(template))) | typed(EXCHANGE)
    data = {name: value for name, value in (shown | answers).items() if value is not None}
    url = reverse("admin:templates_app_jobtemplate_preview", args=[template.pk])
    page = olivia.post(url, data).content.decode()
    assert words in page
    assert "1 open job keeps its steps, fields and price as they were." in page


@pytest.mark.parametrize(
    ("include_tax", "words", "never"), [(True, "with tax", "before tax"), (False, "before tax", "with tax")]
)
def test_sam_reads_whether_tax_is_in_it(cast, sign_in, template, include_tax, words, never):
    job = make_job(cast.acme, template)
    job = update_job(job, {"prices_include_tax": include_tax}, by=cast.dana)
    page = sign_in(cast.sam).get(page_of(job)).content.decode()
    assert page.count(words) >= 2 and f">{never}<" not in page
    assert "per tonne" in page and "Reduced rate" in page


def test_dana_changes_the_mode_of_one_job(cast, sign_in, template):
    job = make_job(cast.acme, template)
    dana = sign_in(cast.dana)
    data = filled(dana.get(page_of(job)))
    assert data["prices_include_tax"]
    data.pop("prices_include_tax")
    answer = dana.post(page_of(job), data | typed(EXCHANGE))
    assert answer.status_code == 302, answer.context["errors"]
    job = Job.objects.get()
    assert (job.prices_include_tax, job.price_lines, job.amount) == (False, EXCHANGE, TOTAL)
    assert "prices include tax" in dana.get(history_page(job)).content.decode().lower()


def test_a_new_job_by_hand_begins_with_the_mode_of_its_template(cast, sign_in, template):
    dana, page = sign_in(cast.dana), "/admin/jobs/job/add/?template=skip-hire"
    shown = dana.get(page)
    assert "data-price-net hidden" in shown.content.decode()
    data = filled(shown) | {"customer": str(cast.acme.pk)} | typed(EXCHANGE)
    assert dana.post(page, data).status_code == 302
    assert (Job.objects.get().prices_include_tax, Job.objects.get().price_lines) == (True, EXCHANGE)


@pytest.mark.parametrize(("include_tax", "words"), [(True, "Total, with tax"), (False, "Total, before tax")])
def test_the_job_sheet_says_it(cast, template, include_tax, words):
    from paper import pdf

    shown: list[dict] = []
    job = update_job(make_job(cast.acme, template), {"prices_include_tax": include_tax}, by=cast.dana)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf, "render_to_string", lambda name, context: shown.append(context) or "<p>x</p>")
        job_sheet(job, for_customer=False)
    assert shown[0]["total"] == words
    assert shown[0]["lines"][1] == ("Tipping · Reduced rate", "2.5", "€30.00 per tonne", "€75.00")


# --- programs


def program(cast):
    scopes = ("jobs.read", "jobs.write", "templates.read")
    return Program(*make_token(name="Test", by=None, user=cast.dana, scopes=scopes))


def test_a_program_reads_unit_tax_and_mode(cast, template):
    job = make_job(cast.acme, template)
    for told in (program(cast).get(f"/jobs/{job.number}").json(), program(cast).get("/templates/skip-hire").json()):
        assert told["prices_include_tax"] is True
        assert [(line["unit"], line["tax"]) for line in told["price_lines"]] == [
            ("C62", "standard"),
            ("TNE", "reduced"),
        ]


@pytest.mark.parametrize(
    ("said", "becomes"), [({}, True), ({"prices_include_tax": None}, True), ({"prices_include_tax": False}, False)]
)
def test_a_program_makes_and_changes_it(cast, template, said, becomes):
    requested = {"template": "skip-hire", "customer": {"id": str(cast.acme.pk)}, "amount": "129.00"}
    told = program(cast).post("/jobs", requested | said).json()
    assert (told["amount"], told["prices_include_tax"]) == ("129.00", becomes)
    answer = program(cast).patch(f"/jobs/{told['number']}", {"prices_include_tax": not becomes})
    assert answer.json()["prices_include_tax"] is not becomes
    assert program(cast).patch(f"/jobs/{told['number']}", {"prices_include_tax": "maybe"}).status_code == 422
