"""docs/imports.md lists every column there is, as it is."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from imports.management.commands import list_import_columns


def test_the_document_lists_the_columns_there_are():
    text = list_import_columns.document().read_text(encoding="utf-8")
    assert text == list_import_columns.written_anew(text), "Run: manage.py list_import_columns --write"


def test_the_command_writes_them_between_the_marks_and_nowhere_else(tmp_path, monkeypatch):
    path = tmp_path / "imports.md"
    marks = (list_import_columns.BEGIN, list_import_columns.END)
    path.write_text(f"Before\n{marks[0]}\nold\n{marks[1]}\nAfter\n", encoding="utf-8")
    monkeypatch.setattr(list_import_columns, "document", lambda: path)
    call_command("list_import_columns", write=True)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("Before\n") and text.endswith("\nAfter\n") and "| `asset_id` |" in text and "old" not in text


def test_without_its_marks_the_document_is_left_alone():
    with pytest.raises(CommandError):
        list_import_columns.written_anew("Nothing of the kind.")
