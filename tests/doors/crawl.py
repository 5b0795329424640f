"""Asking, and finding in the answer what is foreign to whoever asked."""

from __future__ import annotations

import io
import os
import re
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.test import Client
from pypdf import PdfReader

from accounts.services import make_token
from api.sections import scopes
from tests.doors.addresses import Ask
from tests.doors.readers import Reader
from tests.doors.texts import Text, Texts

# Everything is asked, not a sample.
WHOLE = os.environ.get("DOORS") == "whole"
# So often an address says no to somebody before they go on to the next.
ENOUGH = 4
_ROLES = re.compile(r"(?<=by )\w+ (works with|sees) \w+")
_JSON_SIGN = re.compile(r"\\u([0-9a-fA-F]{4})")


def said_in(answer: Any) -> str:
    """All that an answer says, as text: what stands in a PDF and in a workbook too, and in the headers."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"%PDF") and b"/Page" in content:
        content += "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            content = b"\n".join(packed.read(name) for name in packed.namelist())
    text = content.decode(errors="replace")
    if "\\u" in text:
        text = _JSON_SIGN.sub(lambda found: chr(int(found[1], 16)), text)
    if "&#" in text:
        text = unescape(text)
    heads = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return f"{text}\n{heads}"


@dataclass
class Found:
    """What one run met: how much was asked, which answers were good, and what stood in them that must not."""

    requested: int = 0
    forms: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    hits: dict[tuple[str, Text], set[str]] = field(default_factory=lambda: defaultdict(set))
    examples: dict[tuple[str, Text], str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def take(self, reader: Reader, ask: Ask, texts: Texts, said: str, status: int) -> None:
        """Judges one answer."""
        self.requested += 1
        self.answers[status] += 1
        if status >= 500:
            self.faults.setdefault(f"{ask.name}: {status}", f"{reader.name}, {ask}")
        for text in texts.found_in(said):
            if text.word.lower() not in ask.typed and reader.is_foreign(text):
                self.hits[ask.name, text].add(reader.name)
                self.examples.setdefault((ask.name, text), f"{reader.name}: {ask}")

    def report(self) -> str:
        """What is to be mended: by address, then by record."""
        lines = [f"{name} ({who})" for name, who in sorted(self.faults.items())]
        by_address: dict[str, dict[str, list[tuple[Text, set[str], str]]]] = defaultdict(lambda: defaultdict(list))
        for (address, text), readers in self.hits.items():
            by_address[address][_ROLES.sub("another", text.record)].append(
                (text, readers, self.examples[address, text])
            )
        for address, records in sorted(by_address.items()):
            lines.append(f"\n{address}")
            for record, hits in sorted(records.items()):
                fields = ", ".join(sorted({hit[0].field for hit in hits}))
                who = ", ".join(sorted({_short(name) for hit in hits for name in hit[1]}))
                lines.append(f"  {record}: {fields}\n      shown to {who}\n      e.g. {hits[0][2]}")
        return "\n".join(lines)


def _short(name: str) -> str:
    return name.replace(" works with ", ">").replace(" sees ", "?")


class Browser:
    """One reader at the console and at the API. Whatever a request does is undone at once."""

    def __init__(self, reader: Reader, texts: Texts) -> None:
        self.reader, self.texts = reader, texts
        self.client = Client(raise_request_exception=False)
        self.client.force_login(reader.user, backend="permissions.backend.PorticoBackend")
        # A person of a customer has none.
        self.token = ""
        if reader.user.is_staff:
            self.token = make_token(name="Reader", user=reader.user, by=None, scopes=tuple(scopes()))[1]
        self.cookies = dict(self.client.cookies)

    def ask(self, ask: Ask) -> tuple[str, int, Any]:
        """The text of the answer, its status and itself."""
        try:
            with transaction.atomic():
                answer = self._send(ask)
                said = said_in(answer)
                transaction.set_rollback(True)
        finally:
            self.client.cookies.clear()
            self.client.cookies.update(self.cookies)
        return said, answer.status_code, answer

    def _send(self, ask: Ask) -> Any:
        if ask.api:
            return Client(raise_request_exception=False).get(
                ask.path, headers={"Authorization": f"Bearer {self.token}"}
            )
        if ask.data is None:
            return self.client.get(ask.path)
        # What it says on the next page is said as well.
        return self.client.post(ask.path, dict(ask.data), follow=True)


def crawl(reader: Reader, asks: Iterable[Ask], texts: Texts, found: Found) -> Found:
    """Asks everything as this reader."""
    cache.clear()
    browser = Browser(reader, texts)
    refused: Counter[str] = Counter()
    for ask in asks:
        if refused[ask.name] >= ENOUGH:
            continue
        said, status, _answer = browser.ask(ask)
        found.take(reader, ask, texts, said, status)
        # Refused whatever they asked: they have no business there. Who was answered once is asked everything.
        refused[ask.name] += 1 if status == 403 else -len(said)
    return found
