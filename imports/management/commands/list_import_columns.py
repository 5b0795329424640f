"""``manage.py list_import_columns [--write]``: the columns of docs/imports.md, from the columns there are."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from imports.choices import RecordKind
from imports.columns import COLUMNS, AnyColumn

BEGIN = "<!-- The tables are written by: manage.py list_import_columns --write -->"
END = "<!-- End of what is written by a command. -->"
HEADING = "| Column | Key | What it says | Recognised by | On a record that is there |\n|---|---|---|---|---|"


def document() -> Path:
    """Where the tables stand."""
    return Path(settings.BASE_DIR) / "docs" / "imports.md"


def tables() -> str:
    """A table of columns for each kind of file, in English."""
    with translation.override("en"):
        parts = [
            f"### {RecordKind(kind).label}\n\n{HEADING}\n" + "\n".join(map(_line, columns))
            for kind, columns in COLUMNS.items()
        ]
    return "\n\n".join(parts)


def _line(column: AnyColumn) -> str:
    headers = ", ".join(name for name in column.aliases if name != str(column.label).casefold())
    cells = [column.label, f"`{column.key}`", column.help, headers, "changes it" if column.changeable else "stays"]
    return f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in cells)} |"


def written_anew(text: str) -> str:
    """The document with the tables as they are now. Raises CommandError where their place cannot be found."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise CommandError(f"docs/imports.md lacks one of these lines:\n{BEGIN}\n{END}")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


class Command(BaseCommand):
    """Prints the tables, or writes them into the document."""

    help = "Prints the columns a file may have as docs/imports.md lists them; --write puts them there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="Write them into docs/imports.md.")

    def handle(self, *, write: bool, **_options: object) -> None:
        if write:
            path = document()
            path.write_text(written_anew(path.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            self.stdout.write(tables())
