"""An invoice on paper says what was posted, in its own language, to people, to archives and to those who listen."""

from __future__ import annotations

import datetime as dt
import io
import time
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils.translation import override
from PIL import Image

from accounts.choices import PaymentTerms
from accounts.models import Customer
from billing.choices import DocumentKind, InvoiceStatus
from billing.documents import file_name_of, invoice_pdf
from billing.documents.fonts import LONGEST_WORD, _covered, breakable, printable
from billing.documents.render import render
from billing.documents.wording import percent, unit_price
from billing.models import Invoice, InvoiceLine
from billing.services import make_invoices, post_invoice, save_billing_settings, void_invoice
from business.models import PortalSettings
from jobs.models import Job
from money import format_money
from tests.billing.making import bill_to, order, set_up_billing
from tests.billing.papers import fonts_of, reader, squeezed, structure, text_of
from tests.conftest import Cast

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 30)
ALL = {
    "register_entry": "Hamburg local court, HRB 12345", "managing_directors": "Olivia Harbour",
    "phone": "+49 40 555 0100", "email": "billing@harbour.example", "tax_number": "22/815/0815",
    "bank_name": "Commerzbank", "bic": "COBADEFFXXX", "introduction": "Thank you for your order.",
    "footer": "Goods stay ours until they are paid.\nWith kind regards",
}  # fmt: skip


def posted(cast: Cast, *jobs: Any, **profile: Any) -> Invoice:
    """A posted invoice of these orders of Acme."""
    bill_to(cast.acme, **profile)
    [invoice] = make_invoices([job.pk for job in jobs], by=cast.bill).invoices
    return post_invoice(invoice, by=cast.bill)


def rewritten(invoice: Invoice, **facts: Any) -> Invoice:
    """The document as it would be, in memory alone."""
    for name, value in facts.items():
        setattr(invoice, name, value)
    return invoice


def test_everything_of_an_invoice_stands_on_it(cast: Cast) -> None:
    set_up_billing(**ALL)
    Customer.objects.filter(pk=cast.acme.pk).update(external_id="K-77")
    job = order(cast.acme, ("Skip exchange", "2", "95.00"), ("Weight", "3.425", "129.95"))
    invoice = posted(
        cast, job, street2="Yard 3", vat_id="DE811569869", standing_po="PO-4711", buyer_reference="04011000-12345-34"
    )
    text = text_of(invoice_pdf(invoice))
    said = [
        f"Invoice {invoice.number}", "Harbour Bins GmbH · Kai 4 · 20457 Hamburg", "Acme Builders", "1 Mill Lane",
        "Yard 3", "20095 Hamburg", "K-77", "PO-4711", "04011000-12345-34", "DE811569869", "DE136695976", "22/815/0815",
        "HRB 12345", "Olivia Harbour", "billing@harbour.example", "+49 40 555 0100", "Thank you for your order.",
        "Goods stay ours until they are paid.", "With kind regards", "12 Mill Lane, Hamburg", job.number,
        "Skip exchange", "95.00", "190.00", "Weight", "3.425", "129.95", "445.08", "piece", "19%",
        "19% USt. on €635.08",
        "Net €635.08", "€120.67", "Total €755.75", "Please pay within 14 days, by", "DE89 3704 0044 0532 0130 00",
        "COBADEFFXXX", "Commerzbank", "Page 1 of 1",
    ]  # fmt: skip
    for words in [*said, *(f"{day:%-d %B %Y}" for day in (invoice.issued_on, invoice.due_on) if day)]:
        assert words in text, words
    assert "Draft" not in text and "USt." in text
    assert file_name_of(invoice) == f"{invoice.number}.pdf"


def test_each_group_of_tax_has_its_line(cast: Cast) -> None:
    """Reverse charge is said with its reason, and nothing is added."""
    set_up_billing()
    invoice = posted(
        cast,
        order(cast.acme, ("Hour", "1", "100.00")),
        tax_treatment="reverse_charge",
        vat_id="ATU13585627",
        country="AT",
    )
    text = text_of(invoice_pdf(invoice))
    assert invoice.total == Decimal("100.00")
    assert "€100.00 without tax: Steuerschuldnerschaft des Leistungsempfängers (reverse charge)" in text
    assert "0% " in text and "Total €100.00" in text and "ATU13585627" in text
    assert "AUSTRIA" in text, "the letter goes abroad"


def test_prices_with_tax_say_so(cast: Cast) -> None:
    set_up_billing()
    job = order(cast.acme, ("Bin for a week", "1", "119.00"))
    Job.objects.filter(pk=job.pk).update(prices_include_tax=True)
    invoice = posted(cast, job)
    text = text_of(invoice_pdf(invoice))
    assert "All prices and amounts of the lines include tax." in text and "Amount with tax in EUR" in text
    assert "Net €100.00" in text and "€19.00" in text and "Total €119.00" in text


def test_a_german_invoice_is_german(cast: Cast) -> None:
    """Also where the office reads English: amounts, dates, and the language a reader speaks it in."""
    set_up_billing()
    invoice = posted(cast, order(cast.acme, ("Containertausch", "12", "1234.50")), language="de")
    paper = invoice_pdf(invoice)
    text = text_of(paper)
    with override("de"):
        assert text_of(paper) == text_of(invoice_pdf(invoice))
        assert squeezed(format_money(invoice.total, "EUR")) in squeezed(text)
    assert "1.234,50" in text and "19 %" in text and "14.814,00" in text
    assert f"{invoice.issued_on:%-d}. " in text
    assert reader(paper).trailer["/Root"]["/Lang"] == "de"  # type: ignore[index]
    assert "Gutschrift" not in text


def test_a_pending_one_says_that_it_is_none(cast: Cast) -> None:
    set_up_billing(introduction="Hello")
    [invoice] = make_invoices([order(cast.acme, ("Hour", "1", "100.00")).pk], by=cast.bill).invoices
    paper = invoice_pdf(invoice)
    text = text_of(paper)
    assert text.count("Draft - not an invoice") >= 2, "across the sheet, and for those who listen"
    assert "Harbour Bins GmbH" in text and "Acme Builders" in text and "not given yet" in text
    assert "DE89" not in text and "/Figure" not in dict(structure(paper)), "nobody pays a draft"
    assert file_name_of(invoice) == "preview.pdf"


def test_a_credit_note_says_what_it_corrects(cast: Cast) -> None:
    set_up_billing()
    first = posted(cast, order(cast.acme, ("Hour", "1", "100.00")))
    note = void_invoice(first, reason="Only half an hour", by=cast.bill)
    assert note.kind == DocumentKind.CREDIT_NOTE
    text = text_of(invoice_pdf(note))
    assert f"Credit note {note.number}" in text and "Reason: Only half an hour" in text
    assert f"Corrects invoice {first.number} of {first.issued_on:%-d %B %Y}." in text
    assert "Credit €119.00" in text and "Please pay" not in text and "IBAN" not in text and "Due date" not in text
    with override("de"):
        german = text_of(invoice_pdf(rewritten(note, language="de")))
    assert "Gutschrift" not in german


TERMS = [
    (PaymentTerms.COD, "Payable on delivery."),
    (PaymentTerms.NET_0, "Please pay at once."),
    (PaymentTerms.NET_7, "Please pay within 7 days, by 7 December 2026."),
    (PaymentTerms.NET_60, "Please pay within 60 days, by 29 January 2027."),
]


@pytest.mark.parametrize(("terms", "words"), TERMS)
def test_terms_are_a_sentence_with_the_date(cast: Cast, terms: int, words: str) -> None:
    set_up_billing()
    invoice = posted(cast, order(cast.acme))
    due = DAY + dt.timedelta(days=max(terms, 0))
    assert words in text_of(invoice_pdf(rewritten(invoice, terms=terms, issued_on=DAY, due_on=due)))


def test_what_is_paid_is_not_asked_for_again(cast: Cast) -> None:
    set_up_billing()
    invoice = posted(cast, order(cast.acme, ("Hour", "1", "100.00")))
    partly = rewritten(invoice, settled=Decimal("19.00"), balance=Decimal("100.00"), status=InvoiceStatus.PART_PAID)
    paper = invoice_pdf(partly)
    assert "Left to pay €100.00" in text_of(paper)
    assert any("€100.00" in alt for kind, alt in structure(paper) if kind == "/Figure")
    paid = invoice_pdf(rewritten(partly, settled=Decimal("119.00"), balance=Decimal("0.00"), status=InvoiceStatus.PAID))
    assert "There is nothing to pay." in text_of(paid) and "IBAN" not in text_of(paid)


def test_the_code_is_for_euros_to_an_iban(cast: Cast) -> None:
    set_up_billing()
    invoice = posted(cast, order(cast.acme))
    alts = [alt for kind, alt in structure(invoice_pdf(invoice)) if kind == "/Figure"]
    assert alts == [f"Payment code for a banking app: €142.80 to Harbour Bins GmbH, Invoice {invoice.number}"]
    assert "/Figure" not in dict(structure(invoice_pdf(rewritten(invoice, currency="GBP"))))
    without = rewritten(invoice, currency="EUR", seller=invoice.seller | {"iban": ""})
    assert "/Figure" not in dict(structure(invoice_pdf(without)))


def test_it_is_for_archives_and_for_those_who_listen(cast: Cast, portal: PortalSettings) -> None:
    set_up_billing()
    logo = io.BytesIO()
    Image.new("RGBA", (300, 90), (15, 118, 110, 128)).save(logo, "PNG")
    portal.logo.save("logo.png", ContentFile(logo.getvalue()))
    invoice = posted(cast, order(cast.acme, ("Hour", "1", "100.00"), ("Bin", "1", "1.00")))
    paper = invoice_pdf(invoice)
    root: Any = reader(paper).trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    for mark in (
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ):
        assert mark in metadata
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en" and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader(paper).metadata and reader(paper).metadata.title == f"Invoice {invoice.number}"  # type: ignore[union-attr]
    kinds = structure(paper)
    assert ("/Figure", "Logo of Harbour Bins GmbH") in kinds
    names = [kind for kind, _alt in kinds]
    assert {"/H1", "/Table", "/TH", "/TD", "/P"} <= set(names) and names.count("/H1") == 1


def test_its_fonts_are_ours_and_within_it(cast: Cast) -> None:
    """typst takes another one without a word where a font is missing."""
    set_up_billing(footer="שלום مرحبا")
    fonts = fonts_of(invoice_pdf(posted(cast, order(cast.acme))))
    assert fonts and all(fonts.values())
    assert {name.partition("-")[0] for name in fonts} == {"Inter", "Rubik"}


HOSTILE = [
    '#read("/etc/passwd")', "*bold* _italic_ `raw` $x^2$", '"; #panic()', "\\u{41} \\", "= Heading",
    '#import "@preview/x:1"',
    "{{ data }} {% now %}", "<script>alert(1)</script>", "// comment /* no */", "@cite <label>", "~ -- --- ...",
    "Straße ł ş Ж α ț", "שלום עולם",
]  # fmt: skip


@pytest.mark.parametrize("typed", HOSTILE)
def test_whatever_is_typed_is_text(cast: Cast, typed: str) -> None:
    set_up_billing(introduction=typed, footer=typed, seller_name=typed)
    invoice = posted(cast, order(cast.acme, (typed, "1", "100.00")), legal_name=typed, city=typed, standing_po=typed)
    paper = invoice_pdf(invoice)
    found = squeezed(text_of(paper))
    wanted = squeezed(typed)
    # A right-to-left word comes back in the order in which it was typed, or in the one in which it is drawn.
    assert found.count(wanted) >= 5 or found.count(wanted[::-1]) >= 5 or _words(found, typed) >= 5, found
    assert "root:" not in found
    assert b"pdfaid" in paper


def _words(found: str, typed: str) -> int:
    return min(max(found.count(word), found.count(word[::-1])) for word in typed.split())


ODD = ["🗑️ bin", "家族", "a\u0301\u0327b", "👨‍👩‍👧", "\ue000", "\ufeffx", "ก้ำ", "\u202eabc\u202c", "e" * 200, "é̀" * 60]


@pytest.mark.parametrize("typed", ODD)
def test_signs_without_letters_keep_nobody_from_an_invoice(cast: Cast, typed: str) -> None:
    set_up_billing(footer=typed)
    invoice = posted(cast, order(cast.acme, (typed[:200], "1", "100.00")), legal_name=typed[:160])
    paper = invoice_pdf(invoice)
    assert b"pdfaid" in paper, "and it keeps the standards"
    assert "Total €119.00" in text_of(paper)


def test_every_sign_we_say_we_have_can_be_set() -> None:
    signs = sorted(chr(sign) for sign in _covered())
    lines = ["".join(signs[start : start + 60]) for start in range(0, len(signs), 60)]
    data = {
        "title": "x", "author": "", "language": "en", "colour": "#000000", "draft": "", "subtitle": "", "logo": "",
        "logo_alt": "", "seller": {"name": "", "lines": [""]}, "sender": "", "to": [""], "facts": [["", ""]],
        "introduction": lines, "columns": ["x"] * 7, "groups": [], "sums": [["x", "x", True]], "reasons": [],
        "terms": [],
        "bank": [], "qr": "", "qr_alt": "", "qr_words": "", "footer": [], "imprint": [[""]], "page_words": ["", "", ""],
    }  # fmt: skip
    assert render("invoice.typ", data, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)).profile == "pdf/a-3a+ua-1"


def test_long_words_break_and_short_ones_stay() -> None:
    assert breakable("Skip exchange") == "Skip exchange"
    assert max(len(part) for part in breakable("x" * 200).split("\u200b")) <= LONGEST_WORD
    assert printable("a\x07b\u2028c🗑️") == "ab c\u25a1"


def test_many_lines_go_on_under_the_same_head(cast: Cast) -> None:
    set_up_billing()
    jobs = [order(cast.acme, *[(f"Service number {n}", "1", "1.25") for n in range(k, k + 20)]) for k in (1, 21, 41)]
    paper = invoice_pdf(posted(cast, *jobs))
    pages = [page.extract_text() for page in reader(paper).pages]
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 3" in page
    for page in pages[:2]:
        assert "Unit price" in page
    text = text_of(paper)
    assert all(f"Service number {n} " in text for n in range(1, 61))
    assert "Total €89.25" in text


def test_the_time_grows_with_the_lines(cast: Cast) -> None:
    set_up_billing()
    invoice = posted_pending(cast)
    [line] = invoice.lines.all()
    took = {}
    for many in (250, 2000):
        InvoiceLine.objects.bulk_create(
            InvoiceLine(
                invoice=invoice, position=position, heading=f"12 Mill Lane - J-{position // 3}", description="Skip",
                unit_price=Decimal("95.5"), tax_code=line.tax_code, tax_rate=19, printed=191, net=191, gross=191,
            )
            for position in range(invoice.lines.count() + 1, many + 1)
        )  # fmt: skip
        before = time.process_time()
        invoice_pdf(invoice)
        took[many] = time.process_time() - before
    assert took[2000] < 8 * 2.5 * took[250]


def posted_pending(cast: Cast) -> Invoice:
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Hour", "1", "1.00")).pk], by=cast.bill).invoices
    return invoice


def test_what_was_posted_keeps_its_seller(cast: Cast) -> None:
    settings = set_up_billing()
    invoice = posted(cast, order(cast.acme))
    settings.seller_name = "Another GmbH"
    save_billing_settings(settings, by=None)
    text = text_of(invoice_pdf(invoice))
    assert "Harbour Bins GmbH" in text and "Another" not in text


def test_a_broken_logo_keeps_nobody_from_an_invoice(cast: Cast, portal: PortalSettings) -> None:
    set_up_billing()
    portal.logo.save("logo.png", ContentFile(b"no picture"))
    assert "Harbour Bins GmbH" in text_of(invoice_pdf(posted(cast, order(cast.acme))))


def test_numbers_are_written_as_long_as_they_need() -> None:
    for price, words in (("95", "95.00"), ("0.0815", "0.0815"), ("1234.5", "1,234.50"), ("0.125", "0.125")):
        assert unit_price(Decimal(price)) == words
    assert [percent(Decimal(rate)) for rate in ("19.00", "5.50", "0.00")] == ["19%", "5.5%", "0%"]
