"""Findings as sentences for a reader: records that they may not see are not named but counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Max
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.changelog import console_address_of, history_of, url_of
from audit.expressions import Expression
from audit.reader import Reader
from audit.restore.findings import Finding, Key

if TYPE_CHECKING:
    from audit.models import HistoryRow

# So many records are named in one sentence.
NAMED = 10
BEGINNING = Expression(r"^((?:<[^<>]{0,2000}>)*)(\w)", longest=10_000)


@dataclass(frozen=True)
class Sentence:
    """What is told about one record, as text and with links."""

    text: str
    html: SafeString

    @classmethod
    def plain(cls, text: str) -> Sentence:
        """Return a sentence without links."""
        return cls(text, conditional_escape(text))


@dataclass(frozen=True)
class Telling:
    """Findings told to a reader. ``unseen``: how many records they are about that this reader may not see."""

    sentences: list[Sentence]
    unseen: int

    def __bool__(self) -> bool:
        return bool(self.sentences or self.unseen)

    @property
    def texts(self) -> list[str]:
        """Return every sentence as plain text, the number of unseen records last."""
        said = [sentence.text for sentence in self.sentences]
        return [*said, unseen_records(self.unseen)] if self.unseen else said


def unseen_records(count: int) -> str:
    """Return how many records are not named: "2 records you can't see"."""
    return ngettext("%d record you can't see", "%d records you can't see", count) % count


def tell(findings: Iterable[Finding], reader: Reader, most: int = 60) -> Telling:
    """Return findings as a reader may read them. ``most``: so many sentences at most; the others are left out."""
    findings = list(findings)
    names = Names((key for one in findings for key in (one.what, *one.others)), reader)
    seen = [one for one in findings if one.what in names]
    hidden = {one.what for one in findings if one.what not in names}
    return Telling([_sentence(one, names) for one in seen[:most]], len(hidden))


def _sentence(finding: Finding, names: Names) -> Sentence:
    named = [key for key in finding.others if key in names]
    shown = named[:NAMED]
    rest = [_("%d more") % (len(named) - len(shown))] if len(named) > len(shown) else []
    unseen = len(finding.others) - len(named)
    rest += [unseen_records(unseen)] if unseen else []
    text = {"what": names.label(finding.what), "others": _listed([*map(names.label, shown), *rest])}
    html = {
        "what": names.link(finding.what),
        "others": _listed([*map(names.link, shown), *map(conditional_escape, rest)]),
    }
    return Sentence(
        _filled(finding.sentence, text | dict(finding.words)),
        # Each part is escaped, or a link made of escaped parts.
        mark_safe(_filled(conditional_escape(str(finding.sentence)), html | _escaped(finding.words))),
    )


def _filled(sentence: str | Promise, words: Mapping[str, str | Promise]) -> str:
    # It may begin with a link: what is read first gets the capital letter.
    return BEGINNING.sub(lambda found: found[1] + found[2].upper(), str(sentence) % words)


def _escaped(words: Mapping[str, str | Promise]) -> dict[str, str]:
    return {name: conditional_escape(str(value)) for name, value in words.items()}


def _listed(parts: Sequence[str]) -> str:
    """ "a, b and c"; parts that are safe for a page stay so."""
    if len(parts) < 2:
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


class Names:
    """The names and pages of records, there or gone, as far as a reader may see them: a few queries for each kind."""

    def __init__(self, keys: Iterable[Key], reader: Reader) -> None:
        wanted: dict[type[models.Model], set[int]] = {}
        for model, pk in keys:
            wanted.setdefault(model, set()).add(pk)
        self.labels: dict[Key, str] = {}
        self.pages: dict[Key, str] = {}
        for model, pks in wanted.items():
            if reader.reads(model):
                self._read(model, pks, reader)

    def __contains__(self, key: Key) -> bool:
        return key in self.labels

    def label(self, key: Key) -> str:
        """The kind and the name: "customer Acme"."""
        return self.labels[key]

    def link(self, key: Key) -> str:
        """The same as a link to its page, or to the request that deleted it."""
        page, label = self.pages.get(key, ""), self.labels[key]
        if not page:
            return conditional_escape(label)
        return format_html('<a class="text-primary-600 dark:text-primary-500" href="{}">{}</a>', page, label)

    def _read(self, model: type[models.Model], pks: set[int], reader: Reader) -> None:
        needed = [f.name for f in model._meta.fields if isinstance(f, models.ForeignKey) and not f.null]
        there = {one.pk: one for one in model._base_manager.select_related(*needed).filter(pk__in=pks)}
        visible = reader.visible_keys(model, there)
        rows = _newest_rows(model, pks)
        gone = self._visible_of_gone(model, {pk: rows[pk] for pk in pks - set(there) if pk in rows}, reader)
        for pk in pks:
            row = rows.get(pk)
            if pk in visible:
                name = str(there[pk])
            elif row is not None and pk in gone:
                name = row.label or f"#{pk}"
            elif pk in there or row is not None:
                continue
            else:
                name = ""  # has no history: only its kind is known
            kind = str(model._meta.verbose_name)
            # Some are called after their kind: "Portal link of J-000001".
            self.labels[model, pk] = name if name.lower().startswith(kind.lower()) else f"{kind} {name}".strip()
            self.pages[model, pk] = _page(model, pk, row, is_there=pk in there)

    def _visible_of_gone(self, model: type[models.Model], rows: dict[int, HistoryRow], reader: Reader) -> set[int]:
        if not rows:
            return set()
        ids = [row.history_id for row in rows.values()]
        found = history_of(model).filter(reader.history(model), history_id__in=ids)
        return set(found.values_list(model._meta.pk.attname, flat=True))


def _newest_rows(model: type[models.Model], pks: set[int]) -> dict[int, HistoryRow]:
    if not hasattr(model._meta, "simple_history_manager_attribute"):
        return {}
    name = model._meta.pk.attname
    rows = history_of(model).filter(**{f"{name}__in": pks}).order_by()
    newest = [history_id for _pk, history_id in rows.values_list(name).annotate(Max("history_id"))]
    return {getattr(row, name): row for row in history_of(model).filter(history_id__in=newest)}


def _page(model: type[models.Model], pk: int, row: HistoryRow | None, is_there: bool) -> str:
    """The page of a record, or of what it belongs to; of one that is gone, the request that deleted it."""
    if is_there:
        return console_address_of(model, pk) or (url_of(model, row, pk) if row is not None else "")
    try:
        return f"{reverse('admin:changelog')}?request={row.request_id}" if row is not None else ""
    except NoReverseMatch:
        return ""
