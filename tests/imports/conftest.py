"""Files to import, and the way through."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.base import ContentFile

from imports.choices import Existing
from imports.models import ImportRun
from imports.services import check_run, commit_run, guess_mapping, set_mapping, upload_file, work_on_run

GOOD = """Order number,Service,Customer,E-mail,Start
A-1,Skip exchange,Acme Builders,pat@acme.example,2026-12-01 08:30
A-2,Skip exchange,New Bakery,tilda@bakery.example,2026-12-02 08:30
A-3,Skip exchange,New Bakery,,not a date
"""


@pytest.fixture
def upload() -> Any:
    """``upload(text, by=ines)`` keeps a file as if it were uploaded."""

    def _upload(text: str | bytes, *, by: Any, name: str = "jobs.csv", **options: Any) -> ImportRun:
        data = text.encode() if isinstance(text, str) else text
        return upload_file(ContentFile(data, name=name), by=by, **options)

    return _upload


@pytest.fixture
def checked(upload: Any) -> Any:
    """``checked(text, by=ines)``: uploaded, its columns guessed (or as given), checked."""

    def _checked(
        text: str | bytes,
        *,
        by: Any,
        columns: dict[str, Any] | None = None,
        formats: dict[str, str] | None = None,
        existing: str = Existing.SKIP,
        **options: Any,
    ) -> ImportRun:
        run = upload(text, by=by, **options)
        guessed = guess_mapping(run, by=by)[0]
        run = set_mapping(run, columns if columns is not None else guessed, by=by, formats=formats, existing=existing)
        return check_run(run, by=by)

    return _checked


@pytest.fixture
def imported(checked: Any) -> Any:
    """``imported(text, by=ines)``: the same, committed, and done by the worker."""

    def _imported(text: str | bytes, *, by: Any, commit: dict[str, Any] | None = None, **options: Any) -> ImportRun:
        run = commit_run(checked(text, by=by, **options), by=by, **(commit or {}))
        work_on_run(run.pk)
        run.refresh_from_db()
        return run

    return _imported
