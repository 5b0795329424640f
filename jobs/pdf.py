"""Jobs on paper."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from accounts.zones import there
from business.models import PortalSettings
from jobs.link_in_text import read_with
from jobs.models import Job
from jobs.windows import with_window
from money import format_money, format_unit_price
from paper.pdf import cut_to, render_pdf
from templates_app.choices import FieldKind
from templates_app.kinds import Wording
from templates_app.prices import PriceLine, plain_number

# A sheet is read beside a truck: longer texts and tables are cut, and go on at the job's page. So the time that a sheet
# takes has a limit too (docs/decisions/0088-paper.md).
NOTES_LINES, NOTES_SIGNS = 100, 6000
FIELD_LINES, FIELD_SIGNS = 20, 1000
ROWS_ON_PAPER = 200


def job_sheet(job: Job, *, for_customer: bool, link_address: str = "", business: PortalSettings | None = None) -> bytes:
    """One job as a PDF of A4 pages. Needs ``template``, ``blueprint``, ``customer`` and ``worker`` loaded.

    ``for_customer``: only what her portal shows of steps and fields, and no notes. ``link_address``: what stands in
    the notes for the portal link, for readers who may have it. Raises paper.pdf.PdfFailed.
    """
    shown = [one for one in job.fields() if one.kind != FieldKind.HEADER and one.value not in (None, "", [])]
    steps = job.steps()
    if for_customer:
        shown = [one for one in shown if one.is_shown_to_customers]
        steps = [step for step in steps if step.is_shown_to_customers]
    wording = Wording(_("yes"), _("no"), _moment, partial(format_money, currency=job.currency))
    # What it costs is for those who may see the billing; the portal has receipts for them.
    lines = [] if for_customer else job.lines()
    notes = "" if for_customer else read_with(job.notes, link_address)
    way_in = job.location.notes if job.location and not for_customer else ""
    context = {
        "job": job,
        "fields": [(one.label, _cut(FIELD_LINES, FIELD_SIGNS, one.words(wording))) for one in shown[:ROWS_ON_PAPER]],
        "more_fields": len(shown) > ROWS_ON_PAPER,
        "steps": [(step.name, _moment(step.done_at) if step.done_at else "") for step in steps[:ROWS_ON_PAPER]],
        "more_steps": len(steps) > ROWS_ON_PAPER,
        "lines": [_priced(line, job.currency) for line in lines[:ROWS_ON_PAPER]],
        "more_lines": len(lines) > ROWS_ON_PAPER,
        "total": _("Total, with tax") if job.prices_include_tax else _("Total, before tax"),
        "amount": "" if for_customer or job.amount is None else format_money(job.amount, job.currency),
        "for_customer": for_customer,
        "notes": _cut(NOTES_LINES, NOTES_SIGNS, notes).splitlines(),
        "way_in": _cut(FIELD_LINES, FIELD_SIGNS, way_in),
        "continued": continued(),
        "planned": with_window(job.planned_start, job.window_end, "l, j F Y, H:i"),
        "planned_there": there(job.planned_start, job.window_end) if job.planned_start else "",
    }
    return render_pdf("jobs/pdf/job_sheet.html", context, business=business)


def _cut(lines: int, signs: int, text: str) -> str:
    return cut_to(lines, signs, text, continued=continued())


def continued() -> str:
    """What stands where a text or a table on paper was cut."""
    return _("… continued on the job's page")


def _priced(line: PriceLine, currency: str) -> tuple[str, str, str, str]:
    return (
        " · ".join(filter(None, (line.description, line.unusual_tax))),
        number_format(plain_number(line.quantity)),
        " ".join(filter(None, (format_unit_price(line.unit_price, currency), line.per_unit))),
        format_money(line.amount, currency),
    )


def _moment(moment: datetime) -> str:
    """A moment in the reader's zone."""
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
