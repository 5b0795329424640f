"""Files we hand out: the blank one, and the rows that failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from accounts.models import User
from audit.headers import file_header
from audit.spreadsheet import csv_lines
from imports.choices import RowState
from imports.columns import is_own
from imports.kinds import AnyKind
from imports.models import ImportRun
from imports.reading import Reading
from imports.services.mappings import column_names, reason_header


def blank_file(kind: AnyKind) -> Iterator[str]:
    """Every column's name and one row to show how it is filled in."""
    columns = [column for column in kind.columns() if not is_own(column)]
    return csv_lines([[column.label for column in columns], [kind.sample_of(column) for column in columns]])


def failed_rows(run: ImportRun, *, by: User) -> Iterator[str]:
    """The rows of a run that failed, as they stood in the file, with the reason in a last column."""
    how = Reading.from_json(run.reading)
    header = [name for name in how.header if name != reason_header()]
    names = column_names(run, by=by)
    keep = [index for index, name in enumerate(how.header) if name != reason_header()]

    def rows() -> Iterator[Sequence[str]]:
        yield [*header, reason_header()]
        for row in run.rows.filter(state=RowState.FAILED).iterator(chunk_size=500):
            cells = row.raw or []
            reasons = "; ".join(
                f"{names.of(column)}: “{value}” {reason}" for column, value, reason in row.problems or []
            )
            yield [*(cells[index] if index < len(cells) else "" for index in keep), reasons]

    return csv_lines(rows(), how.delimiter if how.format == "csv" else ",")


def as_download(rows: Iterable[str], name: str) -> StreamingHttpResponse:
    """The same as an answer a browser keeps as a file."""
    return StreamingHttpResponse(
        rows,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": file_header(name, to_keep=True)},
    )
