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

# A number and what is counted by it. Names of numbers end in what they count; those of texts don't come before a noun.
COUNTED = re.compile(
    r"%(?:d|\(\w+\)d|\((?:n|count|counter|all|total|done|days|minutes|hours|seconds|most|rows)\)s)"
    r" (?:more )?(?!is\b|was\b|has\b)[a-z]+s\b"
)
# A limit of ours, which is never one.
LIMIT = re.compile(
    r"\b(?:at most|more than|longer than|only the first|the first|the next|a series has) %", re.IGNORECASE
)
# Said only of two or more.
OF_SEVERAL = {
    "%(code)s is your code for %(business)s. It works for %(minutes)s minutes, and once.",
    "%(n)s rows",
    "%(n)s templates are named in the file and do not exist.",
    "Given up after %(count)d attempts. %(why)s",
    "Line %(line)d: the description is %(most)d characters of text at most.",
    "The archive holds %d files. Pack one file, or upload it as it is.",
    "every %(every)d weeks on %(days)s",
    "every %d days",
    "on %(day)s of every %(every)d months",
}
# What comes before an address in the long sentence of that mail: AXES_COOLOFF_TIME, a fixed quarter of an hour.
OF_SEVERAL_BEGIN = "somebody has typed a wrong password for your account at"
USED_PATTERN = re.compile(r"""\|(?:date|time):"([^"]+)"|date_format\([^"\n]*"([^"]+)"\)""")


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


def counted_without_one(sentences):
    """Sentences that count something and have one form for every number."""
    found = {said for said in sentences if COUNTED.search(said) and not LIMIT.search(said)}
    return {said for said in found if not said.startswith(OF_SEVERAL_BEGIN)}


def test_what_is_counted_has_a_form_for_one(words):
    plain = {message.id for message in words.read() if isinstance(message.id, str)}
    assert counted_without_one(plain) - OF_SEVERAL == set(), "ngettext, or {% plural %}"
    assert OF_SEVERAL - plain == set(), "nobody says that any more"


@pytest.mark.parametrize("sentence", ["%d rows", "Kept for %(days)s days.", "And %(n)d more problems."])
def test_a_number_with_its_noun_is_noticed(sentence):
    assert counted_without_one([sentence]) == {sentence}


@pytest.mark.parametrize("sentence", ["At most %d rows.", "%(number)s is cancelled", "%d m", "Row %d", "%d of them"])
def test_a_limit_or_a_name_is_none(sentence):
    assert counted_without_one([sentence]) == set()


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
    patterns = set()
    for path in files():
        if path.endswith((".html", ".txt", ".py")) and not path.startswith(("tests/", "config/formats/")):
            patterns |= {a or b for a, b in USED_PATTERN.findall((ROOT / path).read_text())}
    # A weekday's or a month's name, or a bare day, is written differently; H:i and 2026-11-24 are not.
    named = {pattern for pattern in patterns if re.search(r"(?<!\\)[DlMFj]", pattern) and not pattern.isupper()}
    assert "D j M, H:i" in named
    with translation.override("de"):
        assert [pattern for pattern in named if formats.get_format(pattern) == pattern] == []
