"""Documents as their readers have them: text, fonts, standards."""

from __future__ import annotations

import io
import re
from typing import Any

from pypdf import PdfReader

# A place where a long word may break, and a hyphen of a line's end.
_INVISIBLE = str.maketrans("", "", "\u200b")


def reader(paper: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(paper))


def text_of(paper: bytes) -> str:
    """What stands on all pages, with single spaces: where a line ends is the paper's affair."""
    pages = [page.extract_text() for page in reader(paper).pages]
    return re.sub(r"\s+", " ", " ".join(pages).translate(_INVISIBLE).replace("\u00a0", " ").replace("\u202f", " "))


def squeezed(text: str) -> str:
    """Without any white space, for words that a line or a column may have broken."""
    return "".join(text.translate(_INVISIBLE).split())


def fonts_of(paper: bytes) -> dict[str, bool]:
    """{font, without the mark of its part: is it embedded}, of all pages."""
    found: dict[str, bool] = {}
    for page in reader(paper).pages:
        for font in page["/Resources"].get("/Font", {}).values():  # type: ignore[attr-defined]
            font = font.get_object()
            for part in font.get("/DescendantFonts", [font]):
                described = part.get_object()["/FontDescriptor"]
                name = str(font["/BaseFont"]).partition("+")[2]
                found[name] = any(key in described for key in ("/FontFile", "/FontFile2", "/FontFile3"))
    return found


def structure(paper: bytes) -> list[Any]:
    """The kinds of all elements of the tree of tags, in order of reading; alt texts beside them."""
    found: list[Any] = []

    def walk(element: Any) -> None:
        element = element.get_object() if hasattr(element, "get_object") else element
        if isinstance(element, list):
            for one in element:
                walk(one)
        elif hasattr(element, "get"):
            if "/S" in element:
                found.append((str(element["/S"]), str(element.get("/Alt", ""))))
            walk(element.get("/K", []))

    walk(reader(paper).trailer["/Root"]["/StructTreeRoot"])  # type: ignore[index]
    return found
