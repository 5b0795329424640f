"""Waking a worker is a shortcut: it may fail, and nothing fails with it."""

from __future__ import annotations

import logging
import re

import pytest
from celery import current_app
from django.db import transaction

from background.waking import wake, wake_after_commit
from config.celery import app
from tests.architecture.tree import ROOT, modules

NAMED = re.compile(r'"(\w+\.tasks\.\w+)"')


@pytest.fixture
def sent(monkeypatch):
    """What the broker got."""
    messages = []
    monkeypatch.setattr(current_app, "send_task", lambda name, args, **options: messages.append((name, args, options)))
    return messages


def test_nobody_waits_for_a_broker_that_is_away(sent):
    assert wake("imports.tasks.work", 7)
    assert sent == [("imports.tasks.work", [7], {"retry": False, "ignore_result": True})]


@pytest.mark.parametrize("problem", [ConnectionRefusedError("no broker"), OSError("disk full"), RuntimeError("odd")])
def test_without_a_broker_it_says_so_and_names_no_argument(monkeypatch, caplog, problem):
    def away(*_args, **_options):
        raise problem

    monkeypatch.setattr(current_app, "send_task", away)
    with caplog.at_level(logging.WARNING):
        assert not wake("accounts.tasks.tell_sign_in_is_paused", "cora@example.com")
    assert "accounts.tasks.tell_sign_in_is_paused" in caplog.text
    assert "cora" not in caplog.text


def test_what_is_rolled_back_wakes_nobody(committed, db, sent):
    with committed():
        with transaction.atomic():
            wake_after_commit("imports.tasks.work", 1)
            transaction.set_rollback(True)
        wake_after_commit("imports.tasks.work", 2)
        assert not sent
    assert [args for _name, args, _options in sent] == [[2]]


def test_every_task_that_is_called_by_its_name_is_there():
    app.loader.import_default_modules()
    named = {name: module.path for module in modules() for name in NAMED.findall((ROOT / module.path).read_text())}
    assert len(named) > 10
    assert {name: path for name, path in named.items() if name not in app.tasks} == {}
