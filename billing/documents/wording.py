"""What stands on a document, in the language of the moment: amounts, dates and sentences, ready for the template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_decimal, format_percent
from django.conf import settings as django_settings
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from accounts.choices import PaymentTerms
from alerts.wording import ink_on
from billing.choices import DocumentKind, TaxCategory
from billing.countries import country_name
from billing.documents.fonts import breakable, printable
from billing.documents.pictures import logo_svg, payment_code_svg
from billing.models import Invoice, InvoiceLine
from business.models import PortalSettings
from money import format_money
from templates_app.choices import Unit

# At most so many lines of an address show in the window.
_WINDOW_LINES = 6
# Words that a sentence is split at.
_PAGE, _PAGES = "\u0001", "\u0002"


def invoice_words(
    invoice: Invoice,
    lines: Sequence[InvoiceLine],
    *,
    seller: dict[str, str],
    buyer: dict[str, str],
    business: PortalSettings,
    corrected: Invoice | None,
) -> dict[str, Any]:
    """Everything the template says of a document. ``corrected``: what a credit note corrects."""
    is_credit = invoice.kind == DocumentKind.CREDIT_NOTE
    title = title_of(invoice)
    return {
        **head_and_foot(title, seller=seller, buyer=buyer, business=business),
        "draft": _("Draft - not a credit note") if _is_draft(invoice) and is_credit else _draft(invoice),
        "subtitle": breakable(_corrects(invoice, corrected)) if is_credit else "",
        "facts": [(printable(label), breakable(value)) for label, value in _facts(invoice, buyer)],
        "introduction": _paragraphs(invoice.introduction),
        "columns": _columns(invoice),
        "groups": _groups(lines),
        "sums": _sums(invoice),
        "reasons": [breakable(sentence) for sentence in _reasons(invoice)],
        "terms": [breakable(sentence) for sentence in _terms(invoice)],
        "footer": _paragraphs(invoice.footer),
        **_payment(invoice, seller, title),
    }


def head_and_foot(
    title: str, *, seller: dict[str, str], buyer: dict[str, str], business: PortalSettings
) -> dict[str, Any]:
    """What every letter of the business says around what it is about: its head, its address, its foot."""
    return {
        "language": (get_language() or django_settings.LANGUAGE_CODE)[:2],
        "title": printable(title),
        "author": printable(seller.get("name", "")),
        "colour": _readable(business.brand_colour),
        "logo": logo_svg(business),
        "logo_alt": printable(_("Logo of %s") % (seller.get("name") or business.portal_name)),
        "seller": {"name": printable(seller.get("name", "")), "lines": _all_printable(_letterhead(seller))},
        "sender": printable(" · ".join(_present(seller.get("name"), seller.get("street"), _town(seller)))),
        "to": [breakable(line) for line in _address(buyer)],
        "imprint": [_all_printable(column) for column in _imprint(seller)],
        "page_words": _page_words(),
    }


def title_of(invoice: Invoice) -> str:
    """What a document is called: its kind and number, in the language of the moment."""
    kind = _("Credit note") if invoice.kind == DocumentKind.CREDIT_NOTE else _("Invoice")
    return f"{kind} {invoice.number}" if invoice.number else str(kind)


def day(moment: date) -> str:
    """A date as the language of the moment writes it out."""
    return date_format(moment, "DATE_FORMAT")


def plain_amount(amount: Decimal) -> str:
    """An amount without its currency, which stands above the column."""
    return _decimal(amount, "#,##0.00")


def unit_price(price: Decimal) -> str:
    """With as many decimals as it needs, two at least."""
    return _decimal(price, "#,##0.00##")


def percent(rate: Decimal) -> str:
    """19.00 as 19% or 19 %, 5.5 as 5.5%."""
    return str(format_percent(rate / 100, locale=_locale(), decimal_quantization=False))


def _decimal(value: Decimal, pattern: str) -> str:
    return str(format_decimal(value, format=pattern, locale=_locale()))


def _locale() -> str:
    return (get_language() or django_settings.LANGUAGE_CODE).replace("-", "_")


def _readable(colour: str) -> str:
    """The colour of the business where one can read it on white; else the black of the text."""
    return colour if ink_on(colour) == "#ffffff" else "#111827"


def _is_draft(invoice: Invoice) -> bool:
    return invoice.is_pending


def _draft(invoice: Invoice) -> str:
    return _("Draft - not an invoice") if _is_draft(invoice) else ""


def _present(*texts: str | None) -> list[str]:
    return [text for text in texts if text]


def _all_printable(texts: Iterable[str]) -> list[str]:
    return [printable(text) for text in texts]


def _paragraphs(text: str) -> list[str]:
    return [breakable(line) for line in text.splitlines() if line.strip()]


def _town(place: dict[str, str]) -> str:
    return " ".join(_present(place.get("postcode"), place.get("city")))


def _letterhead(seller: dict[str, str]) -> list[str]:
    return _present(seller.get("name"), seller.get("street"), _town(seller), seller.get("phone"), seller.get("email"))


def _address(buyer: dict[str, str]) -> list[str]:
    """The lines of a letter's address: at most as many as the window shows."""
    lines = _present(buyer.get("name"), buyer.get("street"), buyer.get("street2"), _town(buyer))
    return [*lines, *_present(buyer.get("country_name", "").upper())][:_WINDOW_LINES]


def _facts(invoice: Invoice, buyer: dict[str, str]) -> list[tuple[str, str]]:
    is_credit = invoice.kind == DocumentKind.CREDIT_NOTE
    number = _("Credit note number") if is_credit else _("Invoice number")
    found = [
        (number, invoice.number or _("not given yet")),
        (_("Date"), day(invoice.issued_on) if invoice.issued_on else ""),
        (_("Due date"), day(invoice.due_on) if invoice.due_on and not is_credit else ""),
        _service(invoice),
        (_("Customer number"), buyer.get("customer_number", "")),
        (_("Your PO number"), invoice.po_number),
        (_("Your reference"), invoice.buyer_reference),
        (_("Your VAT ID"), buyer.get("vat_id", "")),
    ]
    return [(label, value) for label, value in found if value]


def _service(invoice: Invoice) -> tuple[str, str]:
    first, last = invoice.service_from, invoice.service_to
    if first and last and first != last:
        return _("Service period"), _("%(first)s to %(last)s") % {"first": day(first), "last": day(last)}
    only = first or last
    return _("Service date"), day(only) if only else ""


def _corrects(invoice: Invoice, corrected: Invoice | None) -> str:
    """What a credit note corrects, and why."""
    said = []
    if corrected is not None and corrected.issued_on:
        said.append(
            _("Corrects invoice %(number)s of %(day)s.")
            % {"number": corrected.number or "", "day": day(corrected.issued_on)}
        )
    if invoice.correction_reason:
        said.append(_("Reason: %s") % invoice.correction_reason)
    return " ".join(said)


def _columns(invoice: Invoice) -> list[str]:
    amount = _("Amount with tax in %s") if invoice.prices_include_tax else _("Amount in %s")
    return [
        pgettext("number of a line", "No."),
        _("Description"),
        _("Quantity"),
        _("Unit"),
        _("Unit price"),
        pgettext("column of an invoice", "Tax"),
        amount % invoice.currency,
    ]


def _groups(lines: Sequence[InvoiceLine]) -> list[dict[str, Any]]:
    """Lines that follow each other under the same heading stand together."""
    groups: list[dict[str, Any]] = []
    before: str | None = None
    for line in lines:
        if line.heading != before:
            groups.append({"heading": breakable(line.heading), "rows": []})
            before = line.heading
        groups[-1]["rows"].append(
            [
                str(line.position),
                breakable(line.description),
                _decimal(line.quantity, "#,##0.###"),
                str(Unit(line.unit).label),
                unit_price(line.unit_price),
                percent(line.tax_rate),
                plain_amount(line.printed),
            ]
        )
    return groups


def _sums(invoice: Invoice) -> list[tuple[str, str, bool]]:
    """(words, amount, is it the one to look for) of what stands below the lines."""
    rows = [(_("Net"), invoice.net, False)]
    for group in invoice.tax_groups:
        words = _("%(rate)s %(tax)s on %(base)s") % {
            "tax": printable(group["name"]),
            "rate": percent(Decimal(group["rate"])),
            "base": format_money(group["base"], invoice.currency),
        }
        rows.append((words, Decimal(group["tax"]), False))
    is_credit = invoice.kind == DocumentKind.CREDIT_NOTE
    rows.append((pgettext("total of a credit note", "Credit") if is_credit else _("Total"), invoice.total, True))
    if _is_partly_settled(invoice):
        rows.append((_("Paid or credited so far"), -invoice.settled, False))
        rows.append((_("Left to pay"), invoice.balance, True))
    return [(words, format_money(amount, invoice.currency), strong) for words, amount, strong in rows]


def _is_partly_settled(invoice: Invoice) -> bool:
    return invoice.kind == DocumentKind.INVOICE and bool(invoice.settled)


def _reasons(invoice: Invoice) -> list[str]:
    """Why no tax is charged, for each group without; and that prices hold it, where they do."""
    said = [_("All prices and amounts of the lines include tax.")] if invoice.prices_include_tax else []
    for group in invoice.tax_groups:
        if group["reason"] and group["category"] != TaxCategory.STANDARD:
            said.append(
                _("%(base)s without tax: %(reason)s")
                % {"base": format_money(group["base"], invoice.currency), "reason": group["reason"]}
            )
    return list(dict.fromkeys(said))


def _terms(invoice: Invoice) -> list[str]:
    """When to pay, in a sentence with the date."""
    if invoice.kind == DocumentKind.CREDIT_NOTE:
        return [_("We set this amount off against your account.")]
    if not invoice.balance:
        return [_("There is nothing to pay.")]
    terms = PaymentTerms(invoice.terms)
    if terms == PaymentTerms.COD:
        return [_("Payable on delivery.")]
    if terms == PaymentTerms.NET_0:
        return [_("Please pay at once.")]
    if invoice.due_on:
        words = ngettext(
            "Please pay within %(days)d day, by %(day)s.", "Please pay within %(days)d days, by %(day)s.", terms
        )
        return [words % {"days": terms, "day": day(invoice.due_on)}]
    words = ngettext(
        "Please pay within %d day of the date of the invoice.",
        "Please pay within %d days of the date of the invoice.",
        terms,
    )
    return [words % terms]


def _payment(invoice: Invoice, seller: dict[str, str], title: str) -> dict[str, Any]:
    """Where to pay to, and the code of it: on posted invoices on which money is still to come."""
    nothing: dict[str, Any] = {"bank": [], "qr": "", "qr_alt": "", "qr_words": ""}
    iban = seller.get("iban", "")
    if invoice.is_pending or invoice.kind != DocumentKind.INVOICE or not invoice.balance or not iban:
        return nothing
    holder = seller.get("account_holder") or seller.get("name", "")
    rows = [
        (_("Account holder"), holder),
        (_("IBAN"), " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))),
        (_("BIC"), seller.get("bic", "")),
        (_("Bank"), seller.get("bank_name", "")),
        (_("Payment reference"), invoice.number or ""),
    ]
    bank = [(label, breakable(value)) for label, value in rows if value]
    code = ""
    if invoice.currency == "EUR":
        code = payment_code_svg(
            name=holder, iban=iban, bic=seller.get("bic", ""), amount=invoice.balance, text=invoice.number or ""
        )
    if not code:
        return nothing | {"bank": bank}
    alt = _("Payment code for a banking app: %(amount)s to %(holder)s, %(title)s") % {
        "amount": format_money(invoice.balance, invoice.currency),
        "holder": holder,
        "title": title,
    }
    return {"bank": bank, "qr": code, "qr_alt": printable(alt), "qr_words": _("Pay with your banking app")}


def _imprint(seller: dict[str, str]) -> list[list[str]]:
    """Who this is by law, in columns; empty ones are left out."""
    country = seller.get("country", "")
    where = _present(seller.get("name"), seller.get("street"), _town(seller), country_name(country) if country else "")
    how = _present(seller.get("phone"), seller.get("email"))
    directors, vat_id, tax_number = (seller.get(name, "") for name in ("managing_directors", "vat_id", "tax_number"))
    law = [
        *_present(seller.get("register_entry")),
        *([_("Managing directors: %s") % directors] if directors else []),
    ]
    tax = [
        *([_("VAT ID: %s") % vat_id] if vat_id else []),
        *([_("Tax number: %s") % tax_number] if tax_number else []),
    ]
    return [column for column in (where, how, law, tax) if column] or [[""]]


def _page_words() -> list[str]:
    """What stands before, between and behind the two numbers of a page."""
    said = _("Page %(page)s of %(pages)s") % {"page": _PAGE, "pages": _PAGES}
    before, _mark, rest = said.partition(_PAGE)
    between, _mark, behind = rest.partition(_PAGES)
    return [before, between, behind]
