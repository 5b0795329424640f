"""Texts that say whose they are: each carries a word of its own, so that a hit tells which text of which record it is.

Words are as long as each other and end where they end: none is a part of another. They are letters and digits of
ASCII, so that neither HTML nor JSON nor an address writes them otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# What every word begins with: a search for it finds whatever may be found.
STEM = "zqx"
_WORDS = re.compile(rf"{STEM}\d{{4}}y|4977\d{{6}}77|j-\d{{6}}|(?<![\d.])(?:53|9)\.\d{{6}}(?!\d)", re.IGNORECASE)
# What opens something: drawn by chance, and long.
_KEYS = re.compile(r"(?<![\w-])[\w-]{24,43}(?![\w-])")


@dataclass(frozen=True)
class Text:
    """One text of one record.

    ``customers``, ``templates``: names of those it hangs on, any of which lets somebody see it; none: it hangs on
    none. ``owner``: the account it belongs to, where only that one is shown it; ``also``: who is shown it besides.
    """

    word: str
    record: str
    field: str
    customers: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()
    owner: str = ""
    also: str = ""

    def __str__(self) -> str:
        return f"{self.record}: {self.field}"


@dataclass
class Texts:
    """All texts of a world, by their words; ``form`` is what stands around a word in a text that people write."""

    by_word: dict[str, Text] = field(default_factory=dict)
    form: str = "{}"

    def of(self, record: str, customers: str = "", templates: str = "", owner: str = "", also: str = "") -> Marker:
        """A maker of texts of one record; ``customers`` and ``templates`` by name, with blanks between them."""
        return Marker(self, record, frozenset(customers.split()), frozenset(templates.split()), owner, also)

    def add(self, word: str, text: Text) -> str:
        """Keeps a text under the word by which it is found."""
        assert word.lower() not in self.by_word, f"{word} is two texts"
        assert self.words_in(word) == {word.lower()}, f"{word} would not be found"
        self.by_word[word.lower()] = text
        return word

    def words_in(self, answer: str) -> set[str]:
        """What looks like a word of ours."""
        return {found.lower() for forms in (_WORDS, _KEYS) for found in forms.findall(answer)}

    def found_in(self, answer: str) -> Iterator[Text]:
        """Which texts stand in an answer."""
        for word in sorted(self.words_in(answer)):
            if word in self.by_word:
                yield self.by_word[word]

    def __iter__(self) -> Iterator[Text]:
        return iter(self.by_word.values())

    def __len__(self) -> int:
        return len(self.by_word)


@dataclass(frozen=True)
class Marker:
    """Makes the texts of one record: ``job("notes")`` is what stands in its notes."""

    texts: Texts
    record: str
    customers: frozenset[str]
    templates: frozenset[str]
    owner: str
    also: str

    def _next(self) -> int:
        return len(self.texts) + 1

    def _keep(self, word: str, name: str) -> str:
        text = Text(word, self.record, name, self.customers, self.templates, self.owner, self.also)
        return self.texts.add(word, text)

    def __call__(self, name: str) -> str:
        """A text for a field."""
        return self.texts.form.format(self._word(name))

    def _word(self, name: str) -> str:
        return self._keep(f"{STEM}{self._next():04d}y", name)

    def mail(self, name: str = "e-mail") -> str:
        """An address that is a word."""
        return f"{self._word(name)}@mail.example"

    def phone(self, name: str = "telephone") -> str:
        """A number that is a word."""
        return f"+{self._keep(f'4977{self._next():06d}77', name)}"

    def place(self) -> dict[str, str]:
        """Degrees that are words."""
        return {
            "latitude": self._keep(f"53.{self._next():06d}", "latitude"),
            "longitude": self._keep(f"9.{self._next():06d}", "longitude"),
        }

    def known(self, word: str, name: str) -> str:
        """A word that was made elsewhere: a number, a token that opens something."""
        return self._keep(word, name)


def in_words(texts: Iterable[Text]) -> str:
    """Several texts in a line, by record."""
    by_record: dict[str, list[str]] = {}
    for text in texts:
        by_record.setdefault(text.record, []).append(text.field)
    return "; ".join(f"{record}: {', '.join(sorted(set(names)))}" for record, names in sorted(by_record.items()))
