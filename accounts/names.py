"""Names that people from outside give themselves or others: one line, short, and without links.

A sign-up and a colleague's invitation send such a name to any address, under the name of the business.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.top_level_domains import TOP_LEVEL_DOMAINS
from audit.excerpts import excerpt
from audit.expressions import IGNORECASE, Expression
from audit.headers import header

LONGEST = 80
# What a web address ends in, whatever stands before it. Of the countries' those that are no usual surname: J.Li. What
# ends in nothing that there is (accounts.top_level_domains) is none: mail programs and telephones leave it alone.
_ENDINGS = frozenset(
    "com net org info biz de io me co eu uk at ch app dev link site online shop xyz example ru zip mov tv top click "  # noqa: SIM905
    "page ly gl gg cc ai us fr it es nl be pl cz dk se fi ie pt gr tr ua cn jp kr in br mx au nz ca za club live store "
    "tech space website win bid loan vip icu pro mobi name tk ml ga cf gq ws fm pw sh bonus cloud email digital".split()
)
# What people write with a dot before a name, without a blank: Dr.Groß, St.Pauli, GmbH & Co.KG.
_TITLES = frozenset(
    "dr prof mr mrs ms mx st ste fr hr hrn frl sr jr rev hon capt col gen lt sgt ing dipl mag med rer nat phil jur msc "  # noqa: SIM905
    "bsc fam inh geb co no nr str abt bldg apt vs".split()
)
# Floors, clubs and the like, which stand behind a number: 3.og, 1.fc.
_BEHIND_A_NUMBER = frozenset({"og", "ug", "dg", "eg", "fc", "sc"})
_LEGAL_FORMS = frozenset({"kg", "ohg", "kgaa"})
# One sign can become eighteen when it is written plainly.
_LOOKED_AT, _PLAIN = 500, 9_000
_ADDRESS = Expression(
    r"://|//|www\.|https?|hxxps?|\w@\w"
    r"|(?<!\w)(?:tel|mailto|smsto|sms|data|javascript|vbscript|ftps?|file|sips?|callto|skype|whatsapp|facetime|geo|intent):\S"
    r"|(?<!\d)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?!\d)",
    IGNORECASE,
    longest=_PLAIN,
)
_DOTTED = Expression(r"[\w.-]+", longest=_PLAIN)
_BLANKS, _UNSEEN = frozenset("\t\n\v\f\r\x85"), frozenset({"Cf", "Cc"})
# What a mail shows of a text, and the words of it.
_MOST = 4_000
_WORD = Expression(r"[^ \t\r\n\v\f\x85\u2028\u2029]+", longest=_MOST)
# What an address may hold beside the name of a host.
_PART_OF_AN_ADDRESS = frozenset("/\\@:?#%&=")
# What stands for a word that is a link.
LEFT_OUT = "…"
_DOTS = str.maketrans({"\u3002": ".", "\uff61": "."})


def holds_link(text: str) -> bool:
    """Does a text hold what a mail program might turn into a link, in whatever writing?"""
    seen = "".join(sign for sign in text[:_LOOKED_AT] if sign in _BLANKS or unicodedata.category(sign) not in _UNSEEN)
    plain = unicodedata.normalize("NFKC", seen).translate(_DOTS)
    # Vowel signs and accents belong to the letter before them, and there are domains of pictures.
    plain = "".join(_as_letter(sign) for sign in plain)
    return _ADDRESS.search(plain) is not None or any(_is_domain(found[0]) for found in _DOTTED.finditer(plain))


def _as_letter(sign: str) -> str:
    kind = unicodedata.category(sign)
    return "" if kind[0] == "M" else "x" if kind == "So" else sign


def _is_domain(word: str) -> bool:
    """Is a word with dots in it a web address? Initials and titles before a name make none: J.R.Smith, Dr.Groß."""
    labels = [label.strip("-_") for label in word.split(".")]
    in_front = True
    for label, behind in pairwise(labels):
        ending = behind if behind.lower().startswith("xn--") else _letters(behind)
        if label and len(ending) > 1 and _makes_domain(label.lower(), ending, in_front):
            return True
        in_front = in_front and (len(label) < 2 or label.lower() in _TITLES)
    return False


def _letters(label: str) -> str:
    """The letters that a label begins with: .com-now, .xn--p1ai."""
    return label[: next((place for place, sign in enumerate(label) if not sign.isalpha()), len(label))]


def _makes_domain(label: str, ending: str, in_front: bool) -> bool:
    small = ending.lower()
    if small in _ENDINGS or small == ending.upper():
        return True
    if small not in TOP_LEVEL_DOMAINS:
        return False
    if label == "co" and small in _LEGAL_FORMS:
        return False
    if label.isdecimal() and len(label) < 3:
        return len(ending) == 2 and ending == small and small not in _BEHIND_A_NUMBER
    if in_front and len(label) == 1:
        return len(ending) == 2 and ending == small
    if in_front and label in _TITLES:
        return ending == small
    return True


def validate_name(text: str) -> None:
    """Raises ValidationError with a sentence for a name of several lines, a long one, or one with a link."""
    if len(text) > LONGEST:
        raise ValidationError(_("At most %d characters.") % LONGEST)
    if any(unicodedata.category(sign) in ("Cc", "Zl", "Zp") for sign in text):
        raise ValidationError(_("Write the name on one line."))
    if holds_link(text):
        raise ValidationError(_("Write a name here, no web address or email address."))


def validate_words(text: str) -> None:
    """Raises ValidationError with a sentence for words with a link in them that a blank behind each dot does not end:
    1.OG.links and Hafenstr.5 are words."""
    if any(holds_link(word) and _without_link(word) == LEFT_OUT for word in text.split()):
        raise ValidationError(_("Write words here, no web address."))


def words_for_a_letter(text: str, most: int) -> str:
    """What somebody from outside wrote, as a mail may show it: one line of at most ``most`` characters; "" for what
    was kept before links were refused and holds one. What is cut must not become a link by that."""
    shown = excerpt(header(text).strip(), most)
    return "" if holds_link(text) or holds_link(shown) else shown


def without_links(text: str) -> str:
    """A text of several words, as a mail may show it: "…" for each word that is a link, "" where no other word is left.

    What is a link only because a blank was forgotten behind a full stop gets its blank: at five. No parking.
    """
    shown = _WORD.sub(lambda found: _without_link(found[0]), excerpt(text, _MOST))
    return shown if shown == text or any(map(str.isalnum, shown)) else ""


def customer_for_a_letter(name: str) -> str:
    """The name that a customer is recorded by, as a mail may show it: one that is a web address and nothing else is
    shown so that it cannot become a link, and not left out: Booking. com."""
    return without_links(_WORD.sub(lambda found: _parted_host(found[0]), excerpt(name, _MOST)))


def _parted_host(word: str) -> str:
    if not word.isprintable() or _PART_OF_AN_ADDRESS & set(word):
        return word
    parted = _parted(word)
    return parted if holds_link(word) and not holds_link(parted) else word


def _parted(word: str) -> str:
    """A word with a blank behind each dot in it."""
    return ". ".join(word.split(".")).rstrip()


def _without_link(word: str) -> str:
    if len(word) > _LOOKED_AT:
        return LEFT_OUT
    if not holds_link(word):
        return word
    _first, *others = word.split(".")
    parted = _parted(word)
    # Nobody opens what is parted, but where its ending is well known it would still be read as an address.
    known = any(_letters(other).lower() in _ENDINGS for other in others)
    return LEFT_OUT if known or holds_link(parted) else parted


def name_for_a_letter(text: str) -> str:
    """The same for a name."""
    return words_for_a_letter(text, LONGEST)


def greeting(name: str) -> str:
    """The first line of a mail to whoever gave that name."""
    shown = name_for_a_letter(name)
    return _("Hello %(name)s,") % {"name": shown} if shown else _("Hello,")
