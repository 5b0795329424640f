"""What ``manage.py check --deploy`` looks at besides Django's own."""

from __future__ import annotations

from typing import Any

from django.conf import STATICFILES_STORAGE_ALIAS
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.files.storage import storages


@register(Tags.staticfiles, deploy=True)
def static_files_are_collected(**kwargs: Any) -> list[CheckMessage]:
    """Pages name static files by what was collected. On a new machine that was forgotten, every page would fail."""
    hint = "Run manage.py collectstatic --no-input, and start the web server anew."
    try:
        # Not through ``staticfiles_storage``, for which whatever breaks while it is made is an attribute it lacks.
        names = getattr(storages[STATICFILES_STORAGE_ALIAS], "hashed_files", True)
    except Exception as error:
        # A list that was cut off or is of another kind, a folder that nobody may read, a storage that there is none of.
        why = f"The static files cannot be found, so no page can be shown: {error!r}"
        return [Error(why, hint=hint, id="portico.E004")]
    if names:
        return []
    return [Error("The static files are not collected: no page can be shown.", hint=hint, id="portico.E004")]
