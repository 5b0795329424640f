"""A number of degrees may have more places than a map can show: they are rounded away."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import TypeAdapter, ValidationError

from api.types import Latitude

LATITUDE: TypeAdapter[Decimal] = TypeAdapter(Latitude)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [(1.393354581104747e-160, "0.000000"), (53.5500004, "53.550000"), (53.5500006, "53.550001"), (-90, "-90")],
)
def test_what_no_map_shows_is_rounded_away(sent: float, kept: str) -> None:
    assert str(LATITUDE.validate_python(sent)) == kept


@pytest.mark.parametrize("sent", [90.1, -1e300, float("nan"), float("inf"), True])
def test_what_is_no_latitude_is_refused(sent: float) -> None:
    with pytest.raises(ValidationError):
        LATITUDE.validate_python(sent)
