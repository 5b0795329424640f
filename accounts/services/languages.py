"""A person says which language she reads."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import Language
from accounts.models import User
from audit.act import acting
from console.errors import Refused
from console.reach import By


@transaction.atomic
def choose_language(user: User, language: str, *, by: By) -> User:
    """From now on pages and messages speak to her in that language; an empty one: as her browser asks.

    Raises Refused for a language we do not have.
    """
    if language and language not in Language.values:
        raise Refused(_("We do not speak that language yet."))
    if user.language != language:
        user.language = language
        with acting(by=by):
            user.save(update_fields=["language"])
    return user
