"""The German catalogue: what the project says, what was translated, and what the running site reads.

No gettext on the machine is needed. One entry a sentence, sorted, without places or line numbers, so that two people
who add sentences rarely meet. Packages that lack German (Unfold has none) get theirs from us.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import io
import json
import os
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "de"
PO = ROOT / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")
# What a translation is asked for by -> which arguments are context, sentence and plural.
GETTEXT_ARGUMENTS = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
IN_TEMPLATES = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
NOT_SAID = {"tests", "migrations", "node_modules", "var", "locale", "static"}
# Packages whose pages people see. What German they lack is ours to give.
PACKAGES = ("unfold", "import_export", "simple_history")
# What Django says in German by itself, but not in our words.
BETTER = ("Save and add another", "Save and continue editing", "Save and view", "Save as new")
HEADER = """\
# The German of Portico: console, companion site, messages, and of packages that have none.
# Made and compiled by bin/words. The words of the trade and how people are spoken to: docs/decisions/0040-german.md.
#"""
META = f"""\
Language: {LANGUAGE}
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit
Plural-Forms: nplurals=2; plural=(n != 1);
"""
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[-0 #+]*\d*(?:\.\d+)?[sdifgrx]|%%|\{\w*(?:[!:.\[][^{}]*)?\}")


@dataclass
class CatalogueEntry:
    """One thing that is said somewhere, as a catalogue knows it."""

    text: str
    plural: str | None = None
    context: str | None = None
    places: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.text


# --- What is said


def said_in_python(source: str, place: str) -> Iterator[CatalogueEntry]:
    """Every sentence that code asks a translation for, where it is written as one."""
    tree = ast.parse(source)
    names = dict(_names_of_asking(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == "Meta":
            yield from _names_of_permissions(node, place)
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        positions = GETTEXT_ARGUMENTS.get(name) if isinstance(node.func, ast.Attribute) else names.get(name)
        if positions is None:
            continue
        context, text, plural = (None if at is None else _constant(node, at) for at in positions)
        if text is not None:
            yield CatalogueEntry(text, plural, context, {place})


def _names_of_permissions(meta: ast.ClassDef, place: str) -> Iterator[CatalogueEntry]:
    """What a model's own permissions are called: kept in the database, translated where they are shown."""
    for line in meta.body:
        if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "permissions":
            for _code, name in ast.literal_eval(line.value):
                yield CatalogueEntry(name, places={place})


def _names_of_asking(tree: ast.Module) -> Iterator[tuple[str, tuple[int | None, int, int | None]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for alias in node.names:
                if alias.name in GETTEXT_ARGUMENTS:
                    yield alias.asname or alias.name, GETTEXT_ARGUMENTS[alias.name]


def _constant(call: ast.Call, at: int) -> str | None:
    found = call.args[at] if at < len(call.args) else None
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def said_in_template(source: str, place: str) -> Iterator[CatalogueEntry]:
    """Every sentence that a template asks a translation for."""
    from babel.messages.extract import extract_python
    from django.utils.translation.template import templatize

    code = "\n".join(line.lstrip() for line in templatize(source, origin=place).splitlines())
    for _line, name, arguments, _comments in extract_python(io.BytesIO(code.encode()), IN_TEMPLATES, [], {}):
        words = [arguments] if isinstance(arguments, str) else [word for word in arguments or () if word is not None]
        if not words:
            continue
        context = words.pop(0) if name in ("pgettext", "npgettext") else None
        yield CatalogueEntry(words[0], words[1] if len(words) > 1 else None, context, {place})


def _gather(sentences: Iterable[CatalogueEntry]) -> dict[tuple[str | None, str], CatalogueEntry]:
    found: dict[tuple[str | None, str], CatalogueEntry] = {}
    for sentence in sentences:
        known = found.setdefault(sentence.key, sentence)
        known.places |= sentence.places
        known.plural = known.plural or sentence.plural
    return found


def _said_below(folder: Path, root: Path) -> Iterator[CatalogueEntry]:
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(root)
        if NOT_SAID & set(place.parts[:-1]):
            continue
        if path.suffix == ".py":
            yield from said_in_python(path.read_text(), str(place))
        elif path.suffix in (".html", ".txt") and "templates" in place.parts:
            yield from said_in_template(path.read_text(), str(place))


@cache
def said() -> dict[tuple[str | None, str], CatalogueEntry]:
    """Every sentence that the catalogue must hold: the project's, and those that packages have no German for."""
    ours = [path for path in ROOT.iterdir() if (path / "__init__.py").is_file() and path.name not in NOT_SAID]
    found = _gather(sentence for folder in sorted(ours) for sentence in _said_below(folder, ROOT))
    found = _gather([*found.values(), *(CatalogueEntry(text, places={"django"}) for text in BETTER)])
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        folder = Path(spec.origin).parent if spec and spec.origin else None
        if folder is None:
            continue
        theirs = _gather(_said_below(folder, folder.parent))
        has = _german_of_packages()
        found = _gather([*found.values(), *(theirs[key] for key in theirs if key not in has)])
    return found


@cache
def _german_of_packages() -> set[tuple[str | None, str]]:
    """What Django and the packages say in German by themselves."""
    from django.apps import apps
    from django.conf import settings
    from django.utils.translation.trans_real import DjangoTranslation

    kept, settings.LOCALE_PATHS = settings.LOCALE_PATHS, []
    try:
        catalogue = DjangoTranslation(LANGUAGE)
        texts = list(catalogue._catalog.keys())  # type: ignore[attr-defined]
    finally:
        settings.LOCALE_PATHS = kept
    assert apps.ready
    plain = {key[0] if isinstance(key, tuple) else key for key in texts}
    return {(*key.split("\x04", 1),) if "\x04" in key else (None, key) for key in plain}


# --- The catalogue


def read() -> Any:
    """The catalogue as it stands."""
    from babel.messages.pofile import read_po

    with PO.open("rb") as file:
        return read_po(file, locale=LANGUAGE)


def updated(old: Any) -> Any:
    """The same catalogue with exactly what is said now: what is new lacks its translation, what is gone is gone."""
    from babel.messages.catalog import Catalog

    new = Catalog(locale=LANGUAGE, header_comment=HEADER, fuzzy=False)
    for sentence in said().values():
        known = old.get(sentence.text, sentence.context)
        words = known.string if known and not known.fuzzy else ""
        if sentence.plural:
            words = words if isinstance(words, (tuple, list)) else (words, words)
        elif not isinstance(words, str):
            words = words[0]
        new.add((sentence.text, sentence.plural) if sentence.plural else sentence.text, words, context=sentence.context)
    return new


def written(catalogue: Any) -> bytes:
    """The catalogue as a .po file; no dates, so that the same words make the same file."""
    from babel.messages.pofile import write_po

    file = io.BytesIO()
    write_po(file, catalogue, width=120, omit_header=True, sort_output=True, no_location=True)
    head = "".join(f'"{line}\\n"\n' for line in META.splitlines())
    return f'{HEADER}\nmsgid ""\nmsgstr ""\n{head}\n'.encode() + file.getvalue()


def compiled(catalogue: Any) -> bytes:
    """The catalogue as the running site reads it: GNU's .mo, without the table of hashes that nobody needs."""
    entries = {b"": META.encode()}
    for message in catalogue:
        if message.id and all(_words(message.string)) and not message.fuzzy:
            key = "\0".join(_words(message.id))
            key = f"{message.context}\x04{key}" if message.context else key
            entries[key.encode()] = "\0".join(_words(message.string)).encode()
    keys = sorted(entries)
    table, texts = [], b""
    start = 7 * 4 + 2 * 8 * len(keys)
    for column in (keys, [entries[key] for key in keys]):
        for text in column:
            table += [len(text), start + len(texts)]
            texts += text + b"\0"
    head = [0x950412DE, 0, len(keys), 7 * 4, 7 * 4 + 8 * len(keys), 0, 7 * 4 + 16 * len(keys)]
    return struct.pack(f"<{len(head) + len(table)}I", *head, *table) + texts


def _words(string: Any) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, (tuple, list)) else (string or "",)


def problems(catalogue: Any) -> list[str]:
    """What is wrong with it, a line each: not translated, fuzzy, other placeholders than the sentence has."""
    found = []
    for message in catalogue:
        if not message.id:
            continue
        ids, strings = _words(message.id), _words(message.string)
        if message.fuzzy:
            found.append(f"fuzzy: {ids[0]}")
        if not all(strings) or len(strings) < len(ids):
            found.append(f"not translated: {ids[0]}")
            continue
        for string in strings:
            # A singular may leave its number out, in either language.
            if _holes(string) - _holes(*ids) or (string == strings[-1] and _holes(ids[-1]) != _holes(string)):
                found.append(f"other placeholders: {ids[0]} -> {string}")
            if any(text[:1] == "\n" for text in ids) != (string[:1] == "\n") or (ids[-1][-1:] == "\n") != (
                string[-1:] == "\n"
            ):
                found.append(f"other line ends: {ids[0]!r} -> {string!r}")
    return found


def _holes(*texts: str) -> set[str]:
    return {hole for text in texts for hole in PLACEHOLDER.findall(text)}


# --- The command


def _translate(catalogue: Any, path: Path) -> None:
    """Takes translations from a file as --missing writes it: a list of {"text", "context", "german"}."""
    for row in json.loads(path.read_text()):
        message = catalogue.get(row["text"], row.get("context"))
        if message is not None and row.get("german"):
            message.string = tuple(row["german"]) if isinstance(row["german"], list) else row["german"]


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/words", description="The German catalogue: up to date and compiled.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when something is to be done")
    parser.add_argument("--missing", action="store_true", help="write what lacks a translation, as JSON")
    parser.add_argument("--take", type=Path, metavar="FILE", help="take translations from such a file")
    wanted = parser.parse_args()

    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    catalogue = updated(read())
    if wanted.take:
        _translate(catalogue, wanted.take)
    wrong = problems(catalogue)
    if wanted.missing:
        lacking = [
            {"text": _words(message.id)[0], "plural": message.pluralizable, "context": message.context, "german": ""}
            | {"places": sorted(said()[message.context, _words(message.id)[0]].places)}
            for message in catalogue
            if message.id and not all(_words(message.string))
        ]
        print(json.dumps(lacking, indent=1, ensure_ascii=False))
        return 0
    if wanted.check:
        if written(catalogue) != PO.read_bytes() or compiled(read()) != MO.read_bytes():
            wrong.append("The catalogue is not up to date: run bin/words.")
    else:
        PO.write_bytes(written(catalogue))
        MO.write_bytes(compiled(read()))
        print(f"{PO.relative_to(ROOT)}: {len(catalogue)} sentences, {len(wrong)} to do.")
    print(*wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
