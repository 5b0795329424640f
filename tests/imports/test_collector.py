"""While a file goes through, garbage is collected by hand; afterwards by itself again, whatever happened."""

from __future__ import annotations

import gc

import pytest

from imports.services import running
from imports.services.collector import collecting_by_hand


@pytest.fixture(autouse=True)
def _as_it_was():
    assert gc.isenabled()
    yield
    assert gc.isenabled()


def test_it_comes_back_when_the_work_fails():
    with pytest.raises(ZeroDivisionError), collecting_by_hand():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()


def test_of_two_imports_at_once_the_last_brings_it_back():
    first, second = collecting_by_hand(), collecting_by_hand()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_an_import_leaves_it_on(cast, imported, monkeypatch):
    seen, write = [], running._write_results

    def look(*args):
        seen.append(gc.isenabled())
        return write(*args)

    monkeypatch.setattr(running, "_write_results", look)
    imported("id,template,customer\nA-1,Skip exchange,Acme", by=cast.ines)
    assert seen == [False] and gc.isenabled()
