"""The cast (docs: CONTRIBUTING.md), and their doors."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import translation

from accounts.models import Customer, PortalUser, User, Worker
from billing.frozen import freeze, thaw
from business.models import PortalSettings
from console.roles import Role, give_role, install_roles
from templates_app.models import JobTemplate
from tests.factories import make_customer, make_portal_user, make_template, make_user, make_worker
from tests.migrated import migrated_database
from tests.replay import Replay

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
# No test has a clock: a busy machine makes no example wrong.
hypothesis.settings.register_profile("portico", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("portico")


_empty_the_database = TransactionTestCase._fixture_teardown


def _empty_the_thawed_database(self: TransactionTestCase) -> None:
    """A test that commits leaves posted invoices behind. SQLite empties tables row by row, and the triggers that keep
    them would hinder it."""
    if connection.vendor != "sqlite":
        _empty_the_database(self)
        return
    thaw(connection)
    try:
        _empty_the_database(self)
    finally:
        freeze(connection)


TransactionTestCase._fixture_teardown = _empty_the_thawed_database  # type: ignore[method-assign]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--second-database",
        action="store_true",
        help="after a run on another database: leave out tests that touch none, stories in a browser, and walks over "
        "all pages",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--second-database"):
        return
    chosen = [item for item in items if _depends_on_the_database(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(chosen)])
    items[:] = chosen


# Walks over all pages: what they draw, for whom, in which words.
SAME_ON_EACH = frozenset(
    {
        "test_crawl.py",
        "test_every_page.py",
        "test_forms_with_foreign_keys.py",
        "test_german_pages.py",
        "test_harmless_element.py",
        "test_harmless_element_on_paper_and_in_mail.py",
    }
)


def _depends_on_the_database(item: pytest.Item) -> bool:
    """What a page draws and how it is reached is the same on each; which rows stand on it, other tests ask."""
    touches_it = "django_db_setup" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db")
    return bool(touches_it) and not item.get_closest_marker("browser") and item.path.name not in SAME_ON_EACH


@dataclass
class Cast:
    """Everybody PRODUCT.md speaks of, as they are in the demo too.

    Acme and Birch are Cora's customers, Colm shares Acme with her; Cedar is Carl's, the stranger. ``exchange`` is a
    template everybody has, ``inspection`` one nobody has by default.
    """

    olivia: User
    dana: User
    ines: User
    bill: User
    sam: User
    nell: User
    theo: Worker
    cora: PortalUser
    colm: PortalUser
    carl: PortalUser
    acme: Customer
    birch: Customer
    cedar: Customer
    exchange: JobTemplate
    inspection: JobTemplate


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Where the tests' database lies: nothing of it need survive, so nothing of it waits for a disk.

    SQLite gets a file, not its own memory: the live server's threads and a real worker open it as well.
    """
    database = django_settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        database.setdefault("OPTIONS", {})["options"] = "-c synchronous_commit=off"
        yield
        return
    memory = Path("/dev/shm")
    folder = tempfile.mkdtemp(prefix="portico-tests-", dir=memory if os.access(memory, os.W_OK) else None)
    database["TEST"]["NAME"] = os.path.join(folder, "test.sqlite3")
    shutil.copyfile(migrated_database(), database["TEST"]["NAME"])
    yield
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """On SQLite the file is there already, a copy of the migrated one, and is thrown away with its folder."""
    return django_db_keepdb or django_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture(autouse=True)
def _language() -> None:
    """A page asked for in German leaves its language behind, as it would to the next request of a thread."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Any) -> None:
    """What a test writes, it writes for itself."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")


@pytest.fixture
def portal(db: Any) -> PortalSettings:
    """The portal settings, saved, with their defaults."""
    settings = PortalSettings.load()
    settings.portal_name = "Harbour Bins"
    settings.business_phone = "+49 40 5550100"
    settings.business_email = "office@harbour.example"
    settings.save()
    return settings


def make_cast() -> Cast:
    install_roles()

    def staff(name: str, role: Role | None) -> User:
        user = make_user(f"{name.lower()}@harbour.example", full_name=name, is_staff=True)
        if role:
            give_role(user, role, by=None)
        return user

    acme = make_customer("Acme Builders", contact_email="site@acme.example")
    birch = make_customer("Birch Hotel", contact_email="desk@birch.example")
    cedar = make_customer("Cedar School", contact_email="office@cedar.example")
    return Cast(
        olivia=staff("Olivia", Role.ADMINISTRATOR),
        dana=staff("Dana", Role.DISPATCHER),
        ines=staff("Ines", Role.IMPORTER),
        bill=staff("Bill", Role.BILLING_CLERK),
        sam=staff("Sam", Role.SUPPORT),
        nell=staff("Nell", None),
        theo=make_worker("Theo"),
        cora=make_portal_user("cora@example.com", acme, birch),
        colm=make_portal_user("colm@example.com", acme),
        carl=make_portal_user("carl@example.com", cedar),
        acme=acme,
        birch=birch,
        cedar=cedar,
        exchange=make_template("Skip exchange", steps=("Drive there", "Exchange the skip", "Empty it"), price="120.00"),
        inspection=make_template("Site inspection", is_portal_default=False),
    )


_cast = Replay(make_cast)


@pytest.fixture
def cast(portal: PortalSettings) -> Cast:
    return _cast()


@pytest.fixture
def sign_in() -> Any:
    """``sign_in(person)`` gives a test client signed in as that user or portal user; without one, a visitor's."""

    def _sign_in(person: User | PortalUser | None = None) -> Client:
        client = Client()
        if person is not None:
            user = person.user if isinstance(person, PortalUser) else person
            client.force_login(user, backend="permissions.backend.PorticoBackend")
        return client

    return _sign_in


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """``with committed():`` runs what waits for the commit, as a real request would."""

    def _committed() -> Any:
        return django_capture_on_commit_callbacks(execute=True)

    return _committed
