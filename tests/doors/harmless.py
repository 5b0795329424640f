"""A world in which every text that people can write is an element: harmless, and only there if somebody drew it.

``<zqx0001y>`` is a word of tests/doors/texts.py as HTML would have a tag. A page on which it is drawn as text holds
``&lt;zqx0001y&gt;``; one on which it is markup has an element of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.db import models

from accounts.services import make_token
from audit.act import Source, acting
from imports.choices import Existing, RecordKind
from imports.services import check_run, save_mapping, set_mapping
from jobs.models import CancellationReason
from templates_app.models import TemplateField
from tests.doors.texts import STEM, Texts
from tests.doors.world import World

ELEMENT = "<{}>"
# Nobody's text: what an answer of ours to it must not hold either.
TYPED = ELEMENT.format(f"{STEM}9999y")
_WORD = re.compile(rf"{STEM}\d{{4}}y", re.IGNORECASE)
# Attributes that Alpine, htmx or the browser take for code.
_CODE = re.compile(r"x-|@|:|on|hx-on|hx-vals|hx-vars|srcdoc|style$", re.IGNORECASE)
OURS = (
    "accounts",
    "alerts",
    "audit",
    "business",
    "console",
    "imports",
    "jobs",
    "permissions",
    "portal_site",
    "templates_app",
)

# Columns that nobody can write an element into, and why; of every table, or of one.
PLAIN = {
    "an address or a list of addresses, checked by its form": [
        "emails", "mobiles", "recipient", "alerts.JobAlert.address", "alerts.HistoricalJobAlert.address",
        "alerts.MessageStop.address", "alerts.HistoricalMessageStop.address",
    ],
    "made of letters and digits, from a name": ["key", "slug", "shown_when"],
    "chosen from a list, though the column has none": [
        "currency", "language", "time_zone", "browser_zone", "alerts.Delivery.about", "format", "source", "audience",
        "channel", "kind", "console.ListExport.columns",
    ],
    "checked to be #rrggbb": ["colour", "brand_colour"],
    "a number or a token that we draw": [
        "number", "reference", "prefix", "digest", "token", "token_digest", "encrypted_token", "header_digest",
        "request_digest", "password", "jobs.PortalLinkAttempt.key", "network",
    ],
    "built by the product, and without a person's words": [
        "working_hours", "rules", "scopes", "formats", "undo_report", "default_permissions", "steps_done",
        "imports.ImportRun.columns", "imports.ImportMapping.columns", "imports.HistoricalImportMapping.columns",
    ],
    "the name of a stored file, which we draw": ["logo", "file", "content"],
    "never drawn": ["purpose", "body", "model"],
}  # fmt: skip
_PLAIN = {name for names in PLAIN.values() for name in names}
# Tables whose rows are all written anew, though some have a person's words already.
ALL_OF = {"accounts.User.full_name", "accounts.HistoricalUser.full_name"}
# Tables that have no page.
UNSEEN = {"accounts.KeptAnswer", "console.SentForm", "portal_site.Attempt", "jobs.PortalLinkAttempt"}


class Harmless(World):
    """The world, with an element in every text of every model."""

    def __init__(self) -> None:
        super().__init__(Texts(form=ELEMENT))
        self.office = self.texts.of("office")
        self._more()
        self.written = [self._write(model, column) for model, column in columns() if not self._is_filled(model, column)]
        cache.clear()

    def _more(self) -> None:
        """What the world has none of: a conditional field, a reason to choose, a key, the columns of a file."""
        mark = self.office
        with acting(by=self.olivia, source=Source.CONSOLE):
            pick = self.templates["T1"].fields.get(position=1)
            TemplateField.objects.create(
                template=self.templates["T1"],
                label=mark("conditional field"),
                help=mark("its help"),
                shown_when=pick.key,
                shown_value=pick.choices[0],
                portal_use="optional",
                position=3,
            )
            CancellationReason.objects.create(text=mark("reason to choose"))
            make_token(name=mark("name of a key"), user=self.dana, by=self.olivia)
            head = mark("column of a file")
            file = f"Name,{head}\n{mark('name')},{mark('cell')}\n"
            run = self._run(file, self.ines, "columns.csv", RecordKind.CUSTOMERS, commit=False)
            columns = {"name": {"from": ["Name"]}, "notes": {"from": [head]}}
            run = check_run(set_mapping(run, columns, by=self.ines, existing=Existing.SKIP), by=self.ines)
            self.everything.name = mark("name of a role")
            self.everything.save()
            save_mapping(mark("name of a mapping"), run, by=self.ines)

    def _is_filled(self, model: type[models.Model], column: str) -> bool:
        if f"{model._meta.label}.{column}" in ALL_OF:
            return False
        return any(f"<{STEM}" in str(value) for value in model._base_manager.values_list(column, flat=True))

    def _write(self, model: type[models.Model], column: str) -> str:
        for pk in model._base_manager.values_list("pk", flat=True):
            text = self.office(f"{model._meta.label}.{column}")
            model._base_manager.filter(pk=pk).update(**{column: text})
        return f"{model._meta.label}.{column}"


def columns() -> Iterator[tuple[type[models.Model], str]]:
    """(model, column) of every text that people may have written."""
    for model in apps.get_models():
        meta = model._meta
        if meta.app_label not in OURS or meta.proxy or not meta.managed or meta.label in UNSEEN:
            continue
        for field in meta.concrete_fields:
            if not isinstance(field, models.CharField | models.TextField | models.JSONField) or field.choices:
                continue
            if isinstance(field, models.EmailField | models.SlugField | models.URLField):
                continue
            if not {field.name, f"{meta.label}.{field.name}"} & _PLAIN and not field.name.startswith("history_type"):
                yield model, field.name


class Page(HTMLParser):
    """What a page makes of our elements: ``drawn``, where they are markup or code; ``shown``, where they are text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.drawn: set[str] = set()
        self.shown: set[str] = set()
        self._in = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        if tag.startswith(STEM):
            self.drawn.add(f"element <{tag}>")
        for name, value in attrs:
            if not value or STEM not in value.lower():
                continue
            if _CODE.match(name) and _WORD.search(value):
                self.drawn.add(f'code {name}="{value[:120]}"')
            if name in ("href", "src", "action") and value.strip().lower().startswith(("javascript:", "data:")):
                self.drawn.add(f'address {name}="{value[:120]}"')
            self._note(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        if f"<{STEM}" in data:
            self.drawn.add(f"comment {data[:80]}")

    def handle_data(self, data: str) -> None:
        if f"<{STEM}" not in data.lower():
            return
        if self._in in ("script", "style"):
            self.drawn.add(f"{self._in} {data[data.lower().index(f'<{STEM}') :][:80]}")
        self._note(data)

    def _note(self, text: str) -> None:
        self.shown |= {found.lower() for found in re.findall(rf"<{STEM}\d{{4}}y>", text, re.IGNORECASE)}

    def handle_endtag(self, tag: str) -> None:
        self._in = ""


def wrongs_in(answer: Any) -> set[str]:
    """Where an answer takes a text for markup or code. Answers that no browser reads as a page have none."""
    kind = answer.headers.get("Content-Type", "")
    if answer.streaming or not any(one in kind for one in ("html", "svg", "xml")) or "spreadsheet" in kind:
        return set() if answer.headers.get("X-Content-Type-Options") == "nosniff" else {f"{kind} without nosniff"}
    text = answer.content.decode(errors="replace")
    return Page(text).drawn | {"a tag as it was typed" for _ in [0] if f"<{STEM}" in text.lower()}
