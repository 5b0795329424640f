"""An evening on which a carrier may be busy."""

from __future__ import annotations

import pytest

from alerts.channels import CHANNELS
from alerts.choices import Channel
from tests.alerts.evening import EVENING, Carrier


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(EVENING)
    return time_machine


@pytest.fixture
def carrier(monkeypatch, clock):
    carrier = Carrier()
    for channel in (Channel.EMAIL, Channel.SMS):
        monkeypatch.setitem(CHANNELS, channel, carrier)
    return carrier
