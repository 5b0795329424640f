"""What ``manage.py check --deploy`` looks at besides Django's own."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.staticfiles, deploy=True)
def static_files_are_collected(**kwargs: Any) -> list[CheckMessage]:
    """Pages name static files by what was collected. On a new machine that was forgotten, every page would fail."""
    if getattr(staticfiles_storage, "hashed_files", True):
        return []
    hint = "Run manage.py collectstatic --no-input, and start the web server anew."
    return [Error("The static files are not collected: no page can be shown.", hint=hint, id="portico.E004")]
