"""The installation that was upgraded, for those who look at what has become of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.upgrade.installation import Database, live_through


@pytest.fixture(scope="session")
def _installation(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Database, dict[str, Any]]]:
    with django_db_blocker.unblock():
        database = Database()
        database.make()
        database.open()
        try:
            filled = live_through()
        finally:
            database.close()
    yield database, filled
    with django_db_blocker.unblock():
        database.remove()


@pytest.fixture
def upgraded(_installation: tuple[Database, dict[str, Any]], django_db_blocker: Any, request: Any) -> Iterator[Any]:
    """What this module's story filled in; the database is the upgraded one, and stays as it is."""
    database, filled = _installation
    with django_db_blocker.unblock():
        database.open()
        try:
            with transaction.atomic():
                yield filled[request.module.__name__]
                transaction.set_rollback(True)
        finally:
            database.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One installation lives through all versions, not one for each core."""
    for item in items:
        if "/upgrade/" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("upgrade"))
