"""Countries by their codes of two letters (ISO 3166-1), in the reader's language."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext as _


@lru_cache(maxsize=8)
def _names(language: str) -> dict[str, str]:
    territories = Locale.parse(language.replace("-", "_")).territories
    # Three digits are parts of the world; these letters are no countries.
    unwanted = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}
    found = {
        code: name for code, name in territories.items() if len(code) == 2 and code.isalpha() and code not in unwanted
    }
    return dict(sorted(found.items(), key=lambda entry: entry[1]))


def country_choices() -> list[tuple[str, str]]:
    """Code and name of each country, by name, in the language of the moment."""
    return list(_names(get_language() or settings.LANGUAGE_CODE).items())


def country_name(code: str) -> str:
    """The name of a country in the language of the moment; the code itself where there is none."""
    return _names(get_language() or settings.LANGUAGE_CODE).get(code, code)


def require_country(code: str) -> None:
    """Raise ValidationError for what is no country's code."""
    if code not in _names(settings.LANGUAGE_CODE):
        raise ValidationError(_("“%s” is no country. Write its code of two letters, for example DE.") % code)
