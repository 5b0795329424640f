"""The bench of long text fails when twice the text takes more than so many times as long."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from config.cleaners import Cleaner
from config.management.commands import bench_text


@pytest.mark.parametrize(("power", "held"), [(1, True), (2, False)])
def test_it_exits_with_what_it_found(monkeypatch, power, held):
    monkeypatch.setattr(bench_text, "cleaners", lambda: [Cleaner("it", len)])
    monkeypatch.setattr(bench_text, "_seconds", lambda _cleaner, text: (len(text) / 100) ** power)
    if held:
        call_command("bench_text", "--length", "1000")
        return
    with pytest.raises(CommandError) as refused:
        call_command("bench_text", "--length", "1000")
    assert refused.value.returncode == 1
