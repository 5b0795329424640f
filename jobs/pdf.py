"""Jobs on paper."""

from __future__ import annotations

import dataclasses
import io
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from xhtml2pdf import pisa
from xhtml2pdf.files import ResourceAccessPolicy

from accounts.zones import there
from business.models import PortalSettings
from jobs.link_in_text import read_with
from jobs.models import Job
from jobs.money import money
from templates_app.choices import FieldKind, Use
from templates_app.prices import PriceLine, plain_number

# A sheet is read beside a truck: longer texts and tables are cut, and go on at the job's page. So the time that a sheet
# takes has a limit too (docs/decisions/0088-paper.md).
NOTES_LINES, NOTES_SIGNS = 100, 6000
FIELD_LINES, FIELD_SIGNS = 20, 1000
ROWS_ON_PAPER = 200


class PdfFailed(Exception):
    """The page could not be set."""


def job_sheet(job: Job, *, for_customer: bool, link_address: str = "", business: PortalSettings | None = None) -> bytes:
    """One job as a PDF of A4 pages. Needs ``template``, ``blueprint``, ``customer`` and ``worker`` loaded.

    ``for_customer``: only what her portal shows of steps and fields, and no notes. ``link_address``: what stands in
    the notes for the portal link, for readers who may have it. Nothing outside the page is fetched, whatever a customer
    wrote into a field. Raises PdfFailed.
    """
    shown = [one for one in job.fields() if one["kind"] != FieldKind.HEADER and one["value"] not in (None, "", [])]
    steps = job.steps()
    if for_customer:
        shown = [one for one in shown if one["portal_use"] != Use.HIDDEN]
        steps = [step for step in steps if step["portal_use"] != Use.HIDDEN]
    # What it costs is for those who may see the billing; the portal has receipts for them.
    lines = [] if for_customer else job.lines()
    notes = "" if for_customer else read_with(job.notes, link_address)
    way_in = job.location.notes if job.location and not for_customer else ""
    context = {
        "job": job,
        "fields": [
            (one["label"], cut_for_paper(_shown(one, job.currency), FIELD_LINES, FIELD_SIGNS))
            for one in shown[:ROWS_ON_PAPER]
        ],
        "more_fields": len(shown) > ROWS_ON_PAPER,
        "steps": [(step["name"], _moment(step["done_at"])) for step in steps[:ROWS_ON_PAPER]],
        "more_steps": len(steps) > ROWS_ON_PAPER,
        "lines": [_priced(line, job.currency) for line in lines[:ROWS_ON_PAPER]],
        "more_lines": len(lines) > ROWS_ON_PAPER,
        "amount": "" if for_customer or job.amount is None else money(job.amount, job.currency),
        "for_customer": for_customer,
        "notes": cut_for_paper(notes, NOTES_LINES, NOTES_SIGNS).splitlines(),
        "way_in": cut_for_paper(way_in, FIELD_LINES, FIELD_SIGNS),
        "continued": continued(),
        "business": business or PortalSettings.load(),
        "planned_there": there(job.planned_start) if job.planned_start else "",
        "printed_at": timezone.localtime(),
    }
    return to_pdf(render_to_string("jobs/pdf/job_sheet.html", context))


def cut_for_paper(text: str, lines: int, signs: int) -> str:
    """A text of at most so many lines and characters; a longer one ends with where it goes on."""
    kept = text[: signs + 1].splitlines()
    short = "\n".join(kept[:lines])[:signs]
    if len(text) <= signs and len(kept) <= lines:
        return text
    return f"{short}\n{continued()}"


def continued() -> str:
    """What stands where a text or a table on paper was cut."""
    return _("… continued on the job's page")


def _shown(field: dict[str, Any], currency: str) -> str:
    value = field["value"]
    match FieldKind(field["kind"]):
        case FieldKind.CHECKBOX:
            return _("yes") if value else _("no")
        case FieldKind.NUMBER:
            return number_format(value)
        case FieldKind.CURRENCY:
            return money(value, currency)
        case FieldKind.DATETIME:
            return _moment(value) or str(value)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _priced(line: PriceLine, currency: str) -> tuple[str, str, str, str]:
    return (
        line.description,
        number_format(plain_number(line.quantity)),
        money(line.unit_price, currency),
        money(line.amount, currency),
    )


def _moment(written: Any) -> str:
    """A moment kept as ISO text, in the reader's zone."""
    moment = parse_datetime(written) if isinstance(written, str) else None
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else ""


def to_pdf(html: str) -> bytes:
    """A page of HTML as PDF. Files and addresses that it names are not read."""
    out = io.BytesIO()
    nowhere = dataclasses.replace(ResourceAccessPolicy.server(None, allow_remote=False), base_dir=None)
    result = pisa.CreatePDF(html, dest=out, encoding="utf-8", resource_policy=nowhere)
    if result.err:
        raise PdfFailed(f"{result.err} faults while setting a page")
    return out.getvalue()
