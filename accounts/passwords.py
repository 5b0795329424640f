"""Which passwords are refused because anybody who knows this person, or the business, would try them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from business.models import PortalSettings

# More digits than a date has are no habit any more.
MOST_DIGITS = 8
# What is longer is no name with a year; texts of people are cut before they are looked at.
LONGEST = 120


class OwnNameValidator:
    """Refuses a password made of nothing but one's own name, address or business, digits and signs between them."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises ValidationError for such a password."""
        letters = _letters(password[:LONGEST])
        digits = sum(sign.isdigit() for sign in password)
        if len(password) > LONGEST or not letters or digits > MOST_DIGITS:
            return
        if _is_made_of(letters, _own_words(user)):
            raise ValidationError(
                _("This password is a name with digits. Choose one that isn't made of your name or the business's."),
                code="own_name",
            )

    def get_help_text(self) -> str:
        return _("Your password can't be your name, your address or the business's name with some digits.")


def _letters(words: str) -> str:
    """The letters of a text, small and without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", words).casefold() if sign.isalpha())


def _parts(words: str) -> set[str]:
    """The words of a text, by whatever stands between them."""
    plain = unicodedata.normalize("NFKD", words[:LONGEST]).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return set("".join(sign if sign.isalpha() else " " for sign in plain).split())


def _own_words(user: AbstractBaseUser | None) -> set[str]:
    """Names and their initials: of the person, of their address and its host, of the business."""
    name = getattr(user, "full_name", "") or ""
    local, _at, host = (getattr(user, "email", "") or "").partition("@")
    found = _parts(name) | _parts(local) | _parts(host) | _parts(PortalSettings.load().portal_name)
    return found | {part[0] for part in _parts(name)}


def _is_made_of(letters: str, words: Iterable[str]) -> bool:
    """Can these letters be cut into some of the words, one of them longer than an initial?"""
    words = [word for word in words if word]
    # reached[n]: the first n letters can be cut; True when a whole word is among the pieces.
    reached: dict[int, bool] = {0: False}
    for end in range(1, len(letters) + 1):
        for word in words:
            start = end - len(word)
            if start in reached and letters.startswith(word, start):
                reached[end] = reached.get(end, False) or reached[start] or len(word) > 1
    return reached.get(len(letters), False)
