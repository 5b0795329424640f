"""What the check says of cells and rows that are not as they should be, and how one click answers it."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from imports.models import ImportMapping, ImportRun
from imports.services import guess_mapping, save_mapping, set_mapping, set_reading
from jobs.models import Job
from tests.imports.files import NAMES, csv_of, row, xlsx_of


def page(name, run):
    return reverse(f"admin:imports_importrun_{name}", args=[run.pk])


def problems(run):
    """{(first row, column): code}"""
    return {(group["rows"][0][0], group["column"]): group["code"] for group in run.report["problems"]}


def mend(client, run, **data):
    answer = client.post(page("remedy", run), data, follow=True)
    run.refresh_from_db()
    return answer


BROKEN = {
    "a reference that is gone": (row(2, customer="#REF!"), ("customer", "error")),
    "a name that is none": (row(2, notes="#NAME?"), ("notes", "error")),
    "not there, as the number": (row(2, id="#N/A"), ("external_id", "error")),
    "not there, in German": (row(2, id="#NV"), ("external_id", "error")),
    "a wrong reference, in German": (row(2, customer="#BEZUG!"), ("customer", "error")),
    "an error of LibreOffice": (row(2, notes="Err:502"), ("notes", "error")),
    "a column that was too narrow": (row(2, start="########"), ("planned_start", "error")),
    "UTF-8 read as Windows": (row(2, customer="MÃ¼ller Bau"), ("customer", "spelling")),
    "a control sign of Windows": (row(2, customer="O\x92Brien"), ("customer", "spelling")),
    "a control sign of DOS": (row(2, customer="M\x81ller"), ("customer", "spelling")),
    "a sign that was lost": (row(2, customer="M\ufffdller"), ("customer", "spelling")),
}


@pytest.mark.parametrize("make", [csv_of, xlsx_of])
@pytest.mark.parametrize("name", list(BROKEN))
def test_what_a_program_broke_is_a_problem_of_its_cell(cast, checked, name, make):
    cells, (column, code) = BROKEN[name]
    run = checked(make(NAMES, row(1), cells, row(3)), by=cast.ines)
    assert problems(run) == {(3, column): code} and run.report["counts"]["made"] == 2
    assert run.report["new_customers"] == 0


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("MÃ¼ller Bau", "Müller Bau"), ("StraÃŸe", "Straße"), ("O\x92Brien", "O’Brien"), ("M\x81ller", "Müller"),
        ("K\x94ln", "Köln"), ("KÃ¶ln â€“ Mitte", "Köln – Mitte"), ("GroÃ\x9fe", "Große"), ("M\x9fller", "Müller"),
    ],
)  # fmt: skip
def test_ines_takes_what_was_meant_with_one_click(cast, checked, sign_in, text, meant):
    run = checked(csv_of(NAMES, row(1, customer=text), row(2)), by=cast.ines)
    assert run.report["problems"][0]["suggestion"] == meant
    client = sign_in(cast.ines)
    assert f'value="{meant}"' in client.get(page("change", run)).content.decode()
    mend(client, run, do="map", column="customer", theirs=text, ours=meant)
    assert run.report["counts"]["made"] == 2


def test_all_of_them_with_one_click_and_the_saved_mapping_learns_it(cast, checked, sign_in):
    data = csv_of(
        NAMES,
        *(row(n, customer=f"MÃ¼ller {n}") for n in range(1, 300)),
        *(row(n, customer="Müller") for n in range(300, 2000)),
    )
    data += ",".join(row(2000, customer="Größe Bau")).encode("cp1252")
    run = checked(data, by=cast.ines)
    assert run.report["by_code"] == {"spelling": 299, "encoding": 1}
    run.mapping_name = "Ours"
    run.save()
    save_mapping("Ours", run, by=cast.ines)
    assert "300 cells hold characters" in sign_in(cast.ines).get(page("change", run)).content.decode()
    mend(sign_in(cast.ines), run, do="spelling", spelling="mend")
    assert run.report["counts"]["made"] == 2000 and not run.report["problems"]
    assert ImportMapping.objects.get(name="Ours").formats["spelling"] == "mend"
    assert "That is not a choice" in mend(sign_in(cast.ines), run, do="spelling", spelling="x").content.decode()


def test_a_formula_without_a_result_costs_a_row_only_where_it_is_used(cast, checked):
    data = xlsx_of([*NAMES, "sum"], [*row(1), 3], [*row(2, start="=D2+1"), 3], [*row(3), "=F2*2"])
    run = checked(data, by=cast.ines)
    assert problems(run) == {(3, "planned_start"): "unstored"} and run.report["counts"]["made"] == 2


def test_ten_thousand_rows_with_a_blank_in_them_are_none(cast, checked):
    run = checked(csv_of(NAMES, row(1), *([" "] for _ in range(10_000))), by=cast.ines)
    assert (run.report["total"], run.report["counts"]["failed"]) == (1, 0)


WIDE, NARROW = (
    ["A-2", "", "Skip exchange", "Acme Builders", "2026-12-02", ""],
    ["A-3", "Skip exchange", "Acme Builders"],
)


def test_rows_of_another_width_are_problems_until_ines_says_what_they_are(cast, checked, sign_in):
    run = checked(csv_of(NAMES, row(1), WIDE, NARROW), by=cast.ines)
    assert problems(run) == {(3, "*"): "too_wide", (4, "*"): "too_narrow"} and run.report["counts"]["made"] == 1
    client = sign_in(cast.ines)
    assert "2 rows have more or fewer cells" in client.get(page("change", run)).content.decode()
    mend(client, run, do="widths", widths="fill")
    # What is shifted is a problem still: Skip exchange is no customer's template.
    assert run.report["counts"]["made"] == 2 and (3, "template") in problems(run)


def test_a_row_that_breaks_off_behind_the_cells_that_are_used_goes_in(cast, checked):
    columns = {"external_id": {"from": ["id"]}, "template": {"from": ["template"]}, "customer": {"from": ["customer"]}}
    run = checked(csv_of(NAMES, row(1), NARROW), by=cast.ines, columns=columns)
    assert run.report["counts"]["made"] == 2


def test_a_legend_asks_nothing_about_quotation_marks(cast, checked, sign_in):
    def legend(sheet):
        sheet["H2"], sheet["H3"] = "red", "urgent"

    run = checked(xlsx_of(NAMES, row(1), row(2), change=legend), by=cast.ines)
    assert run.report["counts"]["made"] == 2


def test_names_that_would_be_new_and_look_broken_are_said_before_the_import(cast, checked, sign_in):
    run = checked(
        csv_of(NAMES, row(1, customer="M?ller Bau"), row(2, customer="???"), row(3, customer="Fine Ltd")), by=cast.ines
    )
    assert run.report["broken_names"] == ["M?ller Bau", "???"]
    assert "look broken" in sign_in(cast.ines).get(page("change", run)).content.decode()


JOINED = {
    "date and time": (["Date", "Time"], ["10.12.2026", "14:30"], "planned_start", "2026-12-10 14:30"),
    "Datum und Uhrzeit": (["Datum", "Uhrzeit"], ["10.12.2026", "14:30"], "planned_start", "2026-12-10 14:30"),
    "a date with midnight": (["Start date", "Start time"], ["2026-12-10 00:00:00", "14:30"], "planned_start",
                             "2026-12-10 14:30"),
    "the names of a contact": (["First name", "Last name"], ["Pat", "Rowe"], "contact_name", "Pat Rowe"),
    "a street and its number": (["Strasse", "Hausnummer"], ["Hauptstr.", "12a"], "address", "Hauptstr. 12a"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(JOINED))
def test_what_stands_in_two_columns_is_joined_and_the_page_shows_it(cast, checked, sign_in, name):
    names, cells, key, joined = JOINED[name]
    run = checked(csv_of([*NAMES[:3], *names], [*row(1)[:3], *cells]), by=cast.ines)
    assert run.columns[key]["from"] == names and run.report["samples"][0]["cells"][key] == joined
    form = sign_in(cast.ines).get(page("mapping", run)).context["form"]
    assert (form[f"from:{key}"].value(), form[f"and:{key}"].value()) == tuple(names)


def test_a_street_and_a_building_are_joined_with_a_comma(cast, checked):
    columns = {
        "customer": {"from": ["customer"]},
        "template": {"from": ["template"]},
        "address": {"from": ["place", "more"]},
    }
    table = csv_of(["customer", "template", "place", "more"], ["Acme Builders", "Skip exchange", "12 Road", "Gate 7"])
    run = checked(table, by=cast.ines, columns=columns)
    assert run.report["samples"][0]["cells"]["address"] == "12 Road, Gate 7"


# --- step 1: said, and corrected with one click


def hidden(sheet):
    sheet.row_dimensions[3].hidden = True
    sheet.parent.create_sheet("Prices").append(["what", "how much"])


SIX = [row(number) for number in range(1, 7)]
TWO_LINES = [["Job", "", "Client", "", ""], ["number", "Service", "name", "start", "notes"]]
GERMAN = csv_of(["Wer", "Was"], ["Acme", "Skip"], ["Birch", "Hire"])
HIDDEN = xlsx_of(NAMES, *SIX, change=hidden)
# The file, words of what is said of it, the field that one click corrects, and the rows that are read then.
SAID = {
    "hidden rows": (HIDDEN, "1 row is hidden", "read_hidden", "1", 6),
    "other sheets": (HIDDEN, "The others: Prices.", "sheet", "Prices", 0),
    "notes below": (csv_of(NAMES, *SIX, ["Total", "", "", "", "6"]), "stand notes or sums", "last_row", "0", 7),
    "a table below": (csv_of(NAMES, *SIX, [], NAMES[1:3], ["Skip", "Acme"]), "another table", "last_row", "0", 8),
    "two lines": (csv_of(*TWO_LINES, row(1), row(2)), "stand in rows 1 to 2", "header_lines", "1", 2),
    "no names": (csv_of(row(1), row(2), row(3)), "No column names were found", "header_row", "1", 2),
    "no known names": (GERMAN, "None of the column names", "header_row", "0", 3),
}


@pytest.mark.parametrize("name", list(SAID))
def test_the_page_says_what_was_found_and_one_click_corrects_it(cast, upload, sign_in, name):
    from imports import reading
    from imports.services.files import path_of

    data, words, field, value, rows = SAID[name]
    run = upload(data, by=cast.ines)
    client = sign_in(cast.ines)
    answer = client.get(page("mapping", run))
    finding = next(one for one in answer.context["findings"] if words in one.words)
    assert (finding.name, str(finding.value)) == (field, value)
    sent = {
        name: one.value() or ""
        for name in answer.context["reading_form"].fields
        if (one := answer.context["reading_form"][name])
    }
    client.post(page("mapping", run), sent | {"do": "read", field: value})
    run.refresh_from_db()
    how = reading.Reading.from_json(run.reading)
    assert str(int(getattr(how, field)) if isinstance(getattr(how, field), bool) else getattr(how, field)) == value
    assert sum(1 for _row in reading.read_rows(path_of(run), how)) == rows


def test_the_check_says_what_was_not_read(cast, checked, sign_in):
    run = checked(csv_of(NAMES, *map(row, range(1, 7)), [], ["* net"]), by=cast.ines)
    assert "Below row 7 stand notes or sums" in sign_in(cast.ines).get(page("change", run)).content.decode()


def test_the_next_file_of_the_same_make_is_read_the_same_way(cast, upload, sign_in):
    from django.core.files.uploadedfile import SimpleUploadedFile

    data = csv_of(["Kim", "wrote", "this"], ["Wer", "Was", "Nr"], ["Acme Builders", "Skip exchange", "A-1"])
    run = set_reading(upload(data, by=cast.ines), by=cast.ines, header_row=2, last_row=3)
    columns = {"customer": {"from": ["Wer"]}, "template": {"from": ["Was"]}}
    run = set_mapping(run, columns, by=cast.ines, mapping_name="Ours")
    assert save_mapping("Ours", run, by=cast.ines).reading == {"header_row": 2, "last_row": 3}
    sent = {"kind": "jobs", "file": SimpleUploadedFile("next.csv", data + b"x,y,z\n")}
    sign_in(cast.ines).post(reverse("admin:imports_importrun_upload"), sent)
    again = ImportRun.objects.latest("pk")
    assert again.reading["header_row"] == 2 and again.reading["last_row"] == 3
    assert guess_mapping(again, by=cast.ines)[2] == "Ours"


def test_nell_and_sam_answer_nothing(cast, checked, sign_in):
    run = checked(csv_of(NAMES, row(1), WIDE), by=cast.ines)
    for who, status in ((cast.sam, 403), (cast.nell, 404)):
        assert sign_in(who).post(page("remedy", run), {"do": "widths", "widths": "fill"}).status_code == status
    run.refresh_from_db()
    assert run.formats.get("widths", "ask") == "ask"


# --- the command


def test_the_command_says_it_and_takes_the_same_corrections(cast, tmp_path, capsys):
    path = tmp_path / "jobs.xlsx"
    path.write_bytes(xlsx_of(NAMES, row(1), row(2), row(3), [], ["Total", "", "", "", "3"], change=hidden))
    call_command("import_jobs", path, "--by", cast.ines.email)
    printed = capsys.readouterr().out
    assert "1 row is hidden in the workbook" in printed and "Below row 4 stand notes or sums" in printed
    assert "2 made" in printed and Job.objects.count() == 2
    with pytest.raises(CommandError):
        call_command("import_jobs", path, "--by", cast.ines.email, "--hidden-rows", "--last-row", "0")
    assert "1 made, 0 changed, 2 left, 1 failed" in capsys.readouterr().out


def test_the_command_mends_and_fills_where_told_to(cast, tmp_path, capsys):
    path = tmp_path / "jobs.csv"
    path.write_bytes(csv_of(NAMES, row(1, customer="MÃ¼ller"), NARROW))
    call_command("import_jobs", path, "--by", cast.ines.email, "--spelling", "mend", "--widths", "fill")
    assert "2 made" in capsys.readouterr().out and Job.objects.filter(customer__name="Müller").exists()
