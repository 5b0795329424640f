"""The world in which every text says whose it is, and whoever looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.db import connection

from tests.doors.addresses import Addresses
from tests.doors.harmless import Harmless
from tests.doors.readers import Reader, readers_of
from tests.doors.rows import Rows
from tests.doors.world import World


@dataclass
class Doors:
    """The world, who looks at it, and everything that can be asked of it."""

    world: World
    readers: list[Reader]
    addresses: Addresses


@pytest.fixture
def doors(db, settings, tmp_path) -> Doors:
    """Everything there is, made through services and forms."""
    settings.MEDIA_ROOT = tmp_path
    settings.AXES_ENABLED = False
    world = World()
    readers = readers_of(world)
    # What is checked at the end of a transaction is right here: the world is not torn down half made.
    connection.check_constraints()
    return Doors(world, readers, Addresses(world, Rows.taken()))


@pytest.fixture
def harmless(db, settings, tmp_path) -> Harmless:
    """The same with a harmless element in every text of every model."""
    settings.MEDIA_ROOT = tmp_path
    settings.AXES_ENABLED = False
    world = Harmless()
    connection.check_constraints()
    return world
