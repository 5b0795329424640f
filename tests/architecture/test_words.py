"""Every sentence has its German, and the compiled catalogue says what the written one says."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from types import ModuleType

import pytest
from django.utils import formats, translation

from tests.architecture.tree import ROOT, files, modules

ASKED_BY_PATTERN = re.compile(r"""\|(?:date|time):"([^"]+)"|date_format\([^"\n]*"([^"]+)"\)""")


@pytest.fixture(scope="module")
def words() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogue", ROOT / "bin" / "catalogue.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_sentence_has_its_german(words):
    known = {(message.context, words._words(message.id)[0]) for message in words.read() if message.id}
    assert words.said().keys() - known == set(), "bin/words takes them up"


def test_no_german_is_left_of_what_nobody_says(words):
    known = {(message.context, words._words(message.id)[0]) for message in words.read() if message.id}
    assert known - words.said().keys() == set(), "bin/words drops them"


def test_nothing_is_untranslated_doubtful_or_short_of_a_placeholder(words):
    assert words.problems(words.read()) == []


def test_the_file_stands_as_the_command_writes_it(words):
    assert words.PO.read_bytes() == words.written(words.updated(words.read()))


def test_the_site_reads_what_the_catalogue_says(words):
    assert words.MO.read_bytes() == words.compiled(words.read()), "bin/words compiles it"


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("%(n)s jobs", "Aufträge"),
        ("%(n)s jobs", "%(m)s Aufträge"),
        ("Hello {name}", "Guten Tag {nam}"),
        ("%s of %s", "%d von %s"),
        ("Hello\n", "Hallo"),
        ("Hello", ""),
        (("%d job", "%d jobs"), ("%d Auftrag", "Aufträge")),
        (("%d job", "%d jobs"), ("%d Auftrag", "")),
    ],
)
def test_a_lost_placeholder_or_half_a_translation_is_noticed(words, english, german):
    from babel.messages.catalog import Catalog

    catalogue = Catalog(locale="de", fuzzy=False)
    catalogue.add(english, german)
    assert words.problems(catalogue)


def test_a_doubtful_translation_is_noticed(words):
    from babel.messages.catalog import Catalog

    catalogue = Catalog(locale="de", fuzzy=False)
    catalogue.add("Job", "Auftrag", flags=["fuzzy"])
    assert words.problems(catalogue)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('from django.utils.translation import gettext as _\n_("One " "two")', (None, "One two")),
        ('from django.utils.translation import pgettext_lazy as p\np("a job", "Cancel")', ("a job", "Cancel")),
        ("from django.utils.translation import ngettext\nngettext('%d job', '%d jobs', n)", (None, "%d job")),
    ],
)
def test_code_is_read_as_python_reads_it(words, source, text):
    assert [found.key for found in words.said_in_python(source, "x.py")] == [text]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ('{% load i18n %}{% translate "It\'s me" %}', (None, "It's me")),
        ('{% translate "Cancel" context "a job" %}', ("a job", "Cancel")),
        (
            "{% blocktranslate trimmed with a=b %}\n  One {{ a }}\n  two\n{% endblocktranslate %}",
            (None, "One %(a)s two"),
        ),
        (
            "{% blocktranslate count n=x %}{{ n }} job{% plural %}{{ n }} jobs{% endblocktranslate %}",
            (None, "%(n)s job"),
        ),
        ('{{ _("Later") }}', (None, "Later")),
    ],
)
def test_templates_are_read_as_django_reads_them(words, source, text):
    assert [found.key for found in words.said_in_template(source, "x.html")] == [text]


def test_no_sentence_is_put_together_before_it_is_looked_up(words):
    """What is asked for must be written as one: "n jobs" with the number in it is in no catalogue."""
    wrong = []
    for module in modules():
        names = dict(words._names_of_asking(module.tree))
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                at = names[node.func.id][1]
                if at < len(node.args) and isinstance(node.args[at], ast.JoinedStr | ast.BinOp | ast.Call):
                    wrong.append(f"{module.path}:{node.lineno}")
    assert wrong == []


def test_every_pattern_of_days_and_hours_has_its_german():
    asked = set()
    for path in files():
        if path.endswith((".html", ".txt", ".py")) and not path.startswith(("tests/", "config/formats/")):
            asked |= {a or b for a, b in ASKED_BY_PATTERN.findall((ROOT / path).read_text())}
    # A weekday's or a month's name, or a bare day, is written differently; H:i and 2026-11-24 are not.
    named = {pattern for pattern in asked if re.search(r"(?<!\\)[DlMFj]", pattern) and not pattern.isupper()}
    assert "D j M, H:i" in named
    with translation.override("de"):
        assert [pattern for pattern in named if formats.get_format(pattern) == pattern] == []
