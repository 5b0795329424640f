"""Words of ours in each language that we speak."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise


def in_every_language(words: str | Promise) -> list[str]:
    """Return how these words may stand in a file of ours: in the reader's language first, then in the others."""
    said = [str(words)]
    if isinstance(words, Promise):
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                said.append(str(words))
    return list(dict.fromkeys(said))
