"""What Ines sees in her spreadsheet is what is read; what cannot be known is said of the cell, and not made up."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time, timedelta

import pytest
from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.worksheet.datavalidation import DataValidation

from console.errors import Refused
from imports import reading
from imports.choices import RecordKind
from imports.columns import COLUMNS, recogniser
from imports.reading import FaultyCells
from tests.imports.files import NAMES, csv_of, row, saved, xlsx_of

KNOWN = recogniser(COLUMNS[RecordKind.JOBS])


@pytest.fixture
def look(tmp_path):
    def _look(data, **given):
        path = tmp_path / "file"
        path.write_bytes(data)
        how = reading.examine(path, KNOWN, **given)
        return how, dict(reading.read_rows(path, how))

    return _look


def faults(rows):
    """{row: code} of what is wrong with rows, {(row, place): code} of what is with cells."""
    said = {}
    for number, cells in rows.items():
        if isinstance(cells, FaultyCells):
            said |= {(number, place): fault.code for place, fault in cells.faults.items()}
            said |= {number: cells.whole.code} if cells.whole else {}
    return said


# --- a workbook


def test_a_date_in_merged_cells_stands_in_each_of_their_rows(look):
    def merge(sheet):
        sheet.merge_cells("D2:D4")
        sheet.merge_cells("A5:E5")

    rows = look(xlsx_of(NAMES, row(1), row(2, start=""), row(3, start=""), ["Closed"], change=merge), last_row=0)[1]
    assert [cells[3] for cells in rows.values()] == ["2026-12-02 08:00"] * 3 + [""]


def _merged_title(sheet):
    sheet.insert_rows(1)
    sheet["A1"] = "Jobs of the week"
    sheet.merge_cells("A1:E1")


def _choices(sheet):
    choices = DataValidation(type="list", formula1='"Acme,Birch"')
    choices.add("A3:A200")
    sheet.add_data_validation(choices)


def _colours(sheet):
    sheet.conditional_formatting.add("A3:E200", ColorScaleRule("min", start_color="FF0000", end_type="max"))


def _links(sheet):
    sheet["E3"].hyperlink = "https://portal.example/"
    sheet["E3"].hyperlink.ref = "E3:E200"


def _a_word(sheet):
    sheet["F3"] = '<mergeCells> ref="A3:A200"'


@pytest.mark.parametrize("change", [_choices, _colours, _links, _a_word])
def test_what_names_cells_below_a_merged_title_puts_no_value_into_others(look, change):
    def both(sheet):
        _merged_title(sheet)
        change(sheet)

    rows = look(xlsx_of(NAMES, row(1), row(2), row(3), change=both))[1]
    assert [cells[:5] for cells in rows.values()] == [list(row(1)), list(row(2)), list(row(3))]


def test_merged_cells_are_found_in_a_file_whose_tags_have_a_namespace(look):
    def merge(sheet):
        sheet.merge_cells("D2:D3")
        _choices(sheet)

    made = io.BytesIO()
    given = io.BytesIO(xlsx_of(NAMES, row(1), row(2, start=""), row(3), change=merge))
    with zipfile.ZipFile(given) as book, zipfile.ZipFile(made, "w") as other:
        for name in book.namelist():
            part = book.read(name).decode()
            other.writestr(name, _prefixed(part) if name.endswith("/sheet1.xml") else part)
    rows = look(made.getvalue())[1]
    assert [cells[3] for cells in rows.values()] == [row(1)[3], row(1)[3], row(3)[3]]


def _prefixed(part):
    for old, new in (("<", "<x:"), ("<x:/", "</x:"), ("<x:?", "<?"), ("xmlns=", "xmlns:x=")):
        part = part.replace(old, new)
    return part


def test_a_row_hidden_by_a_filter_is_left_out_and_said(look):
    def hide(sheet):
        sheet.auto_filter.ref = "A1:E4"
        sheet.row_dimensions[3].hidden = True

    data = xlsx_of(NAMES, row(1), row(2), row(3), change=hide)
    how, rows = look(data)
    assert list(rows) == [2, 4] and how.hidden_rows == 1
    assert list(look(data, read_hidden=True)[1]) == [2, 3, 4]


@pytest.mark.parametrize(
    ("format", "value", "shown"),
    [
        ("000000", 123, "000123"), ("00000", 1067, "01067"), ("General", 123, "123"), ("0", 123, "123"),
        ('"ORD-"0000', 12, "ORD-0012"), ("00-000", 12345, "12-345"), ("#,##0.00", 1234.5, "1234.5"),
        ('0 "min"', 45, "45"), ('"€" 0', 45, "45"), ("0000", 123456, "123456"), ("@", 7, "7"), ("0%", 0.5, "0.5"),
        ("h:mm", time(8, 30), "08:30"), ("[h]:mm", timedelta(hours=26, minutes=30), "26:30"), ("[h]:mm", 1, "24:00"),
        ("dd.mm.yyyy", datetime(2026, 12, 1), "2026-12-01"),
        ("dd.mm.yyyy hh:mm", datetime(2026, 12, 1, 8), "2026-12-01 08:00"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_its_cell_shows_it(look, format, value, shown):
    def set_format(sheet):
        sheet["A2"].number_format = format

    assert look(xlsx_of(NAMES, row(1, id=value), row(2), change=set_format))[1][2][0] == shown


def test_a_formula_whose_result_is_not_stored_is_said_of_its_cell(look):
    rows = look(xlsx_of(NAMES, row(1), row(2, start="=D2+1", notes="=1+1"), row(3)))[1]
    assert faults(rows) == {(3, 3): "unstored", (3, 4): "unstored"} and rows[3][3] == "=D2+1"


def test_an_empty_text_that_a_formula_gave_is_empty(look):
    given = xlsx_of(NAMES, row(1, notes='=""'))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(given)) as book, zipfile.ZipFile(out, "w") as other:
        for name in book.namelist():
            other.writestr(name, book.read(name).replace(b'<c r="E2"><f>', b'<c r="E2" t="str"><f>'))
    rows = look(out.getvalue())[1]
    assert out.getvalue() != given and rows[2][4] == "" and not faults(rows)


def test_signs_that_a_workbook_cannot_write_are_read(look):
    assert look(xlsx_of(NAMES, row(1, notes="one_x000D_\ntwo")))[1][2][4] == "one\ntwo"


def test_the_sheet_with_the_table_is_chosen_and_the_others_are_named(look):
    book = Workbook()
    book.active.title, book.active.sheet_state = "Lists", "hidden"
    book.active.append(NAMES)
    book.create_sheet("Read me").append(["How to fill in this workbook"])
    other = book.create_sheet("Prices")
    for cells in (["what", "how much"], ["Skip", 3], ["Hire", 4]):
        other.append(cells)
    jobs = book.create_sheet("December")
    for cells in (NAMES, row(1)):
        jobs.append(cells)
    book.active = 1
    how, rows = look(saved(book))
    assert (how.sheet, how.hidden_sheets, list(rows)) == ("December", ["Lists"], [2])
    assert how.sheets == ["Read me", "Prices", "December", "Lists"]
    assert look(saved(book), sheet="Prices")[0].header == ["what", "how much"]


def test_a_legend_beside_the_table_is_columns_of_its_own(look):
    def legend(sheet):
        sheet["H2"], sheet["H3"] = "red", "urgent"

    how, rows = look(xlsx_of(NAMES, row(1), row(2), row(3), change=legend))
    assert how.header[:5] == NAMES and how.header[7] == "Column H" and not faults(rows)


def test_a_column_without_a_name_stays(look):
    how, rows = look(
        xlsx_of([*NAMES[:2], "", *NAMES[2:]], *(["1", "Skip", "", "Acme", "2026-12-01", "x"] for _ in "ab"))
    )
    assert how.header[2] == "Column C" and rows[2][3] == "Acme"


# --- where the names stand, as text and as a workbook

GROUPS = [["Customer", "", "Job", ""], ["Name", "Number", "Type", "Number"]]
TABLES = {
    "two lines": ([["Order", "", "Customer", "Planned", ""], ["number", "Service", "name", "start", "notes"]], 2, 2,
                  ["Order / number", "Service", "Customer / name", "Planned / start", "notes"]),
    "three lines": ([["Job", "", "Client", "", ""], ["", "", "name", "Planned", ""],
                     ["number", "Service", "", "start", "notes"]], 3, 3,
                    ["Job / number", "Service", "Client / name", "Planned / start", "notes"]),
    "groups": (GROUPS, 2, 2, ["Customer / Name", "Customer / Number", "Job / Type", "Job / Number"]),
    "units": ([NAMES, ["A-…", "", "", "dd.mm.yyyy", ""]], 2, 2,
              ["id / A-…", "template", "customer", "start / dd.mm.yyyy", "notes"]),
    "a title as wide as the table": ([["Jobs", "of", "December", "2026", "Kim"], NAMES], 2, 1, NAMES),
    "a title": ([["Jobs of December"], [], NAMES], 3, 1, NAMES),
    "none": ([], 0, 1, [f"Column {letter}" for letter in "ABCDE"]),
}  # fmt: skip


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
@pytest.mark.parametrize("name", list(TABLES))
def test_the_names_are_found_where_they_stand(look, name, make):
    top, at, lines, header = TABLES[name]
    how, rows = look(make(*top, *(row(n)[: len(header)] for n in range(1, 6))))
    assert (how.header_row, how.header_lines, how.header) == (at, lines, header)
    assert len(rows) == 5 and rows[at + 1][0] == "A-1"


def test_names_over_merged_columns_are_those_of_each(look):
    def merge(sheet):
        sheet.merge_cells("A1:B1")
        sheet.merge_cells("C1:D1")

    names = [["Customer", "", "Job", ""], ["Name", "ID", "Type", "Number"]]
    how, _rows = look(xlsx_of(*names, ["Acme", "C1", "Skip", "J1"], change=merge))
    assert how.header == ["Customer / Name", "Customer / ID", "Job / Type", "Job / Number"]


def test_where_the_names_stand_can_be_corrected(look):
    how, rows = look(csv_of(NAMES, row(1), row(2)), header_row=0)
    assert how.header[0] == "Column A" and len(rows) == 3
    how, rows = look(csv_of(["Order", "", "", "", ""], NAMES, row(1)), header_row=2, header_lines=2)
    assert how.header[0] == "Order / id"


# --- where the table ends

ENDS = {
    "a sum": [["Total", "", "", "", "3"]],
    "a sum without a word": [["", "", "", "", "Gate 6"]],
    "notes": [[], ["* all prices net"], ["Written by Kim"]],
    "a sum and notes": [["Summe:", "", "", "", ""], [], ["* alle Preise netto"]],
    "a second table": [[], ["Template", "Count", "", "", ""], ["Skip exchange", "5", "", "", ""]],
    "a second table with a title": [[], ["Summary"], ["Template", "Count", "", "", ""], ["Skip", "5", "", "", ""]],
}


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
@pytest.mark.parametrize("name", list(ENDS))
def test_what_stands_below_the_table_is_not_read_and_said(look, name, make):
    data = make(NAMES, *map(row, range(1, 7)), *ENDS[name])
    how, rows = look(data)
    assert list(rows) == [2, 3, 4, 5, 6, 7]
    assert (how.last_row, how.below) == (7, "table" if "table" in name else "notes")
    assert max(look(data, last_row=0)[1]) > 7 and max(look(data, last_row=4)[1]) == 4


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
@pytest.mark.parametrize(
    "last",
    [["A-7"], ["A-7", "Skip", "Total Clean Ltd"], ["A-7", "Skip exchange", "Acme"]],
    ids=lambda cells: len(cells),
)
def test_a_short_row_at_the_end_is_still_a_row(look, last, make):
    assert 8 in look(make(NAMES, *map(row, range(1, 7)), last))[1]


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_names_that_come_again_on_the_next_page_are_no_row(look, make):
    assert list(look(make(NAMES, row(1), row(2), NAMES, row(3)))[1]) == [2, 3, 5]


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_a_sum_between_the_rows_is_a_problem(look, make):
    rows = look(make(NAMES, row(1), ["Zwischensumme", "", "", "", "2"], row(2), row(3)))[1]
    assert faults(rows) == {3: "total"}


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
def test_rows_in_which_nothing_is_to_be_seen_are_none(look, make):
    blanks = [[" "], ["\u00a0"], ["", "", "\u00a0\u00a0"], ["\u200b", "", "", "", ""], ["", "", "", "", " "]]
    rows = look(make(NAMES, row(1), *blanks, row(2)))[1]
    assert list(rows) == [2, 8] and not faults(rows)


# --- a text


def stray(at, text='"6 inch pipe', count=500):
    return csv_of(NAMES, *(row(n, template=text if n == at else "Skip exchange") for n in range(1, count + 1)))


@pytest.mark.parametrize(("at", "count"), [(250, 500), (1, 5), (5, 5), (4, 5), (2, 9000)])
def test_a_stray_quotation_mark_costs_its_own_row(look, at, count):
    rows = look(stray(at, count=count))[1]
    assert len(rows) == count and faults(rows) == {at + 1: "quote"}


STRAY = {
    "closed rows below": [row(1), row(2, notes='"6 inch'), row(3), row(4, notes='"Gate 4"'), row(5)],
    "closed by another in a cell": [row(1), row(2, notes='"6 inch'), row(3), row(4, notes='5" pipe'), row(5)],
    "closed at a cell's end": [row(1), row(2, template='"6 inch'), row(3), row(4, template='5"'), row(5)],
}


def test_a_mark_that_is_missing_at_the_end_of_a_line_costs_its_own_row(look):
    lines = [",".join(f'"{cell}"' for cell in cells) for cells in (NAMES, *map(row, range(1, 6)))]
    lines[2] = lines[2].removesuffix('"')
    rows = look("\n".join(lines).encode())[1]
    assert len(rows) == 5 and faults(rows) == {3: "quote"}


@pytest.mark.parametrize("name", list(STRAY))
def test_rows_between_two_quotation_marks_are_not_swallowed(look, name):
    rows = look(csv_of(NAMES, *STRAY[name]))[1]
    assert [cells[0] for cells in rows.values()] == ["A-1", "A-2", "A-3", "A-4", "A-5"]
    assert faults(rows) == {3: "quote"}


@pytest.mark.parametrize(
    "cell", ["12 Road,\n20457 Hamburg", "one\ntwo, three\nfour", 'she said ""now"", twice\nand went', "a,b,c,d\ne,f"]
)
def test_a_cell_may_have_lines_and_delimiters_where_it_is_enclosed(look, cell):
    rows = look(csv_of(NAMES, row(1), row(2, notes=f'"{cell}"'), row(3)))[1]
    assert rows[3][4] == cell.replace('""', '"') and len(rows) == 3 and not faults(rows)


WIDTHS = {
    "one delimiter too many, the last cell empty": (
        ["A-2", "", "Skip exchange", "Acme", "2026-12-02", ""],
        "too_wide",
        0,
    ),
    "an unenclosed delimiter": (["A-2", "Skip exchange", "Acme", "Inc", "2026-12-02", "x"], "too_wide", 0),
    "one too few": (["A-2", "Skip exchange", "2026-12-02", "x"], "too_narrow", 4),
    "a broken line": (["A-2", "Skip exchange"], "too_narrow", 2),
}


@pytest.mark.parametrize("name", list(WIDTHS))
def test_a_row_of_another_width_says_so(look, name):
    cells, code, sound = WIDTHS[name]
    rows = look(csv_of(NAMES, row(1), cells, row(3), row(4)))[1]
    assert faults(rows) == {3: code} and rows[3].sound == sound


def test_a_delimiter_at_the_end_of_every_row_is_the_make_of_the_file(look):
    assert not faults(look(csv_of(NAMES, *([*row(n), ""] for n in range(1, 5))))[1])
    assert not faults(look(csv_of([*NAMES, ""], *([*row(n), ""] for n in range(1, 5))))[1])
    assert not faults(look(csv_of([*NAMES, ""], *map(row, range(1, 5))))[1])


def test_a_single_byte_of_another_encoding_spoils_one_cell(look):
    good = [row(n, customer="Müller Bau") for n in range(1, 2000)]
    data = csv_of(NAMES, *good) + ",".join(row(2000, customer="Größe Bau")).encode("cp1252")
    how, rows = look(data)
    assert (how.encoding, how.unreadable, len(rows)) == ("utf-8", 2, 2000)
    assert {cells[2] for cells in rows.values()} == {"Müller Bau", "Gr\ufffd\ufffde Bau"}
    assert faults(rows) == {(2001, 2): "encoding"} and rows[2001].faults[2].suggestion == "Größe Bau"


def test_the_encoding_is_judged_by_the_whole_file(look):
    text = csv_of(NAMES, *map(row, range(1, 30_000))) + ",".join(row(1, customer="Größe Bau")).encode("cp1252")
    assert look(text)[0].encoding == "cp1252"


def test_a_web_page_called_a_workbook_is_read_as_its_table(look):
    def line(cells, tag="td"):
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"

    page = "<html><head><style>td {}</style></head><body><table><tr><td>Logo</td></tr></table><table>"
    page += (
        line(NAMES, "th")
        + line(row(1, customer="M&uuml;ller &amp; S&ouml;hne"))
        + line(row(2, notes="a<br>b"))
        + "</table>"
    )
    how, rows = look(page.encode())
    assert how.format == "html" and how.header == NAMES
    assert rows[2][2] == "Müller & Söhne" and rows[3][4] == "a\nb"


def test_a_cell_of_a_web_page_over_two_rows_and_two_columns_shifts_nothing(look):
    page = "<table><tr><th>" + "<th>".join(NAMES) + "</tr>"
    page += "<tr><td>A-1<td rowspan=2 colspan=2>Skip exchange<td>2026-12-02<td>one</tr>"
    page += "<tr><td>A-2<td>2026-12-03<td>two</tr><tr><td>A-3<td>Skip exchange<td>Acme<td>2026-12-04<td>three</tr>"
    rows = look((page + "</table>").encode())[1]
    assert [(cells[0], *cells[3:]) for cells in rows.values()] == [
        ("A-1", "2026-12-02", "one"), ("A-2", "2026-12-03", "two"), ("A-3", "2026-12-04", "three"),
    ]  # fmt: skip


def test_a_row_of_a_web_page_that_only_goes_on_from_above_is_no_second_job(look):
    page = "<table><tr><th>" + "<th>".join(NAMES) + "</tr>"
    page += "<tr>" + "".join(f"<td rowspan=2>{cell}" for cell in ("A-1", "Skip exchange", "Acme", "2026-12-02", "one"))
    page += "</tr><tr></tr><tr><td>A-2<td>Skip exchange<td>Acme<td>2026-12-03<td>two</tr></table>"
    rows = look(page.encode())[1]
    assert [cells[0] for cells in rows.values() if any(cells)] == ["A-1", "A-2"]


COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(COMPOUND + "EncryptedPackage".encode("utf-16-le") + b"\0" * 64, "password"), (COMPOUND, "old kind")],
)
def test_what_cannot_be_read_says_what_it_is(look, data, sentence):
    with pytest.raises(Refused, match=sentence):
        look(data)
