"""One installation that lives through every version.

Migrating backwards and forwards again for each story took a third of a run on SQLite. So one database is migrated
forwards once: it halts where a story begins, the story fills in what people had then, and all of them look at what has
become of it at the end.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import StateApps
from psycopg import sql

Target = tuple[str, str]


@dataclass(frozen=True)
class Story:
    """What a module of this folder calls STORY: how far the installation is when it begins, and what is filled in.

    ``fill`` takes the models as they were and returns what its tests want to know again.
    """

    at: tuple[Target, ...]
    fill: Callable[[StateApps], Any]


def stories() -> dict[str, Story]:
    """Each story of this folder by the name of its module."""
    names = sorted(f"tests.upgrade.{path.stem}" for path in Path(__file__).parent.glob("test_*.py"))
    found = {name: getattr(importlib.import_module(name), "STORY", None) for name in names}
    return {name: story for name, story in found.items() if story is not None}


def live_through() -> dict[str, Any]:
    """Migrates the empty database that ``connection`` opens through every story; what each of them filled in."""
    filled: dict[str, Any] = {}
    left = stories()
    while left:
        executor = MigrationExecutor(connection)
        name = _next_of(left, executor)
        story = left.pop(name)
        executor.migrate(list(story.at))
        filled[name] = story.fill(_models_as_they_are())
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    return filled


def _models_as_they_are() -> StateApps:
    loader = MigrationExecutor(connection).loader
    return loader.project_state([key for key in loader.applied_migrations if key in loader.graph.nodes]).apps


def _next_of(left: dict[str, Story], executor: MigrationExecutor) -> str:
    """A story that can begin without any other having to begin too late."""
    graph = executor.loader.graph
    too_late = {
        name: set().union(*(graph.backwards_plan(at) for at in _after(story, executor))) for name, story in left.items()
    }
    for name, story in left.items():
        plan = executor.migration_plan(list(story.at))
        done = {(migration.app_label, migration.name) for migration, _backwards in plan}
        if not any(done & keys for keys in too_late.values()):
            return name
    raise AssertionError(f"Whichever of these begins, another has missed its beginning: {sorted(left)}")


def _after(story: Story, executor: MigrationExecutor) -> set[Target]:
    """The migrations with which the versions that this story is about are over."""
    nodes = executor.loader.graph.node_map
    return {child.key for at in story.at for child in nodes[at].children if child.key[0] == at[0]}


class Database:
    """A database of its own beside that of the other tests."""

    def __init__(self) -> None:
        self.usual = str(connection.settings_dict["NAME"])
        self.name = f"{self.usual}.upgrade" if connection.vendor == "sqlite" else f"{self.usual}_upgrade"

    def make(self) -> None:
        self.remove()
        if connection.vendor != "sqlite":
            self._on_the_server("CREATE DATABASE {}")

    def remove(self) -> None:
        if connection.vendor == "sqlite":
            for suffix in ("", "-wal", "-shm"):
                Path(self.name + suffix).unlink(missing_ok=True)
        else:
            self._on_the_server("DROP DATABASE IF EXISTS {}")

    def open(self) -> None:
        """From here on ``connection`` is to this database."""
        self._connect(self.name)

    def close(self) -> None:
        """From here on ``connection`` is to the usual one again."""
        self._connect(self.usual)

    def _connect(self, name: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = name
        # Kinds of records are remembered by their key, which is another one in each database.
        ContentType.objects.clear_cache()

    def _on_the_server(self, command: str) -> None:
        facts = connection.get_connection_params() | {"dbname": "postgres"}
        known = {name: facts[name] for name in ("host", "port", "user", "password", "dbname") if facts.get(name)}
        with psycopg.connect(**known, autocommit=True) as server:
            server.execute(sql.SQL(command).format(sql.Identifier(self.name)))
