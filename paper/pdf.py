"""Paper: A4 pages as PDF, under the letterhead of the business.

This room knows what a page looks like, not what stands on it: whoever prints has a template that extends
``paper/pdf/page.html``, and its context. Nothing outside the page is fetched, whatever somebody wrote into a field.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils import timezone
from xhtml2pdf import pisa
from xhtml2pdf.files import ResourceAccessPolicy

from business.models import PortalSettings


class PdfFailed(Exception):
    """The page could not be set."""


def render_pdf(template: str, context: Mapping[str, object], *, business: PortalSettings | None = None) -> bytes:
    """A template that extends ``paper/pdf/page.html``, as a PDF. ``business``: whose letterhead, if it is at hand.

    Raises PdfFailed.
    """
    letterhead = {"business": business or PortalSettings.load(), "printed_at": timezone.localtime()}
    return to_pdf(render_to_string(template, {**context, **letterhead}))


def cut_to(lines: int, signs: int, text: str, *, continued: str) -> str:
    """A text of at most so many lines and characters; a longer one ends with the line ``continued``: where it goes on.

    Every text on paper is cut, so that the time that a page takes has a limit (docs/decisions/0088-paper.md).
    """
    kept = text[: signs + 1].splitlines()
    short = "\n".join(kept[:lines])[:signs]
    if len(text) <= signs and len(kept) <= lines:
        return text
    return f"{short}\n{continued}"


def to_pdf(html: str) -> bytes:
    """A page of HTML as PDF. Files and addresses that it names are not read. Raises PdfFailed."""
    out = io.BytesIO()
    nowhere = dataclasses.replace(ResourceAccessPolicy.server(None, allow_remote=False), base_dir=None)
    result = pisa.CreatePDF(html, dest=out, encoding="utf-8", resource_policy=nowhere)
    if result.err:
        raise PdfFailed(f"{result.err} faults while setting a page")
    return out.getvalue()
