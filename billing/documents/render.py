"""Documents by typst: our template, data as JSON, a PDF for archives (PDF/A-3a) and for screen readers (PDF/UA-1)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from billing.documents.fonts import fonts
from paper.pdf import PdfFailed

logger = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
PROFILE = "pdf/a-3a+ua-1"
PLAIN = "pdf"
# For archives, without the tags for screen readers: those of a long table weigh ten times what it says itself.
UNTAGGED = "pdf/a-3b"
# No template of ours imports a package; one that did would look into this folder, which is not there, and nowhere else.
_NOWHERE = TEMPLATES / "no-packages"


@dataclass(frozen=True)
class Rendered:
    """A document as bytes; ``profile``: the standards that it keeps."""

    content: bytes
    profile: str


def render(template: str, data: Mapping[str, Any], *, at: datetime, tagged: bool = True) -> Rendered:
    """The document that a template of ours makes of the data. ``at``: when it is said to have been made; ``tagged``:
    for screen readers too.

    The same data and time give the same bytes. Raises PdfFailed.
    """
    try:
        try:
            if not tagged:
                return Rendered(_compile(template, data, at, ["a-3b"], tagged=False), UNTAGGED)
            return Rendered(_compile(template, data, at, ["a-3a", "ua-1"]), PROFILE)
        except typst.TypstError as error:
            # A sign that the standards refuse must not keep anybody from their invoice.
            logger.exception("A document does not keep the standards: %s", error)
            return Rendered(_compile(template, data, at, []), PLAIN)
    except typst.TypstError as error:
        raise PdfFailed(str(error)) from error


def _compile(
    template: str, data: Mapping[str, Any], at: datetime, standards: list[Any], *, tagged: bool = True
) -> bytes:
    made = _compiler(data).compile(
        str(TEMPLATES / template),
        format="pdf",
        pdf_standards=standards,
        timestamp=int(at.timestamp()),
        pdf_tags=tagged,
    )
    assert isinstance(made, bytes)
    return made


def _compiler(data: Mapping[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        root=str(TEMPLATES),
        font_paths=fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        package_path=str(_NOWHERE),
        package_cache_path=str(_NOWHERE),
    )
