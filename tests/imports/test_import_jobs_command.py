from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command

from imports.models import ImportRun
from jobs.models import Job
from templates_app.models import JobTemplate
from tests.imports.conftest import GOOD


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "jobs.csv"
    path.write_text(GOOD)
    return path


def run(*args, capsys=None):
    call_command("import_jobs", *map(str, args))


def test_it_imports_prints_the_counts_and_says_that_rows_failed(cast, file, capsys):
    with pytest.raises(CommandError) as end:
        run(file, "--by", cast.ines.email)
    assert (end.value.returncode, str(end.value)) == (1, "1 row failed.")
    printed = capsys.readouterr().out
    assert "2 made, 0 changed, 0 left, 1 failed" in printed and "row 4, Planned start (Start): “not a date”" in printed
    assert Job.objects.count() == 2


def test_a_dry_run_writes_nothing(cast, file):
    with pytest.raises(CommandError):
        run(file, "--by", cast.ines.email, "--dry-run")
    assert not Job.objects.exists() and not ImportRun.objects.exists()


def test_a_mapping_may_be_a_file(cast, tmp_path):
    table, mapping = tmp_path / "t.csv", tmp_path / "m.json"
    table.write_text("what,when\nSkip exchange,1538492521\n")
    columns = {
        "template": {"from": ["what"]},
        "customer": {"fixed": "City of Hoboken"},
        "requested_start": {"from": ["when"]},
    }
    mapping.write_text(json.dumps({"columns": columns, "formats": {"dates": "epoch"}}))
    run(table, "--mapping", mapping, "--by", cast.ines.email)
    assert Job.objects.get().requested_start.year == 2018


@pytest.mark.parametrize("arguments", [["--by", "nobody@example.com"], ["--mapping", "nothing", "--by", "ines"]])
def test_what_cannot_be_is_a_sentence(cast, file, arguments):
    arguments = [cast.ines.email if word == "ines" else word for word in arguments]
    with pytest.raises(CommandError) as end:
        run(file, *arguments)
    assert end.value.returncode == 2


def test_several_are_counted_as_several(cast, tmp_path, capsys):
    path = tmp_path / "jobs.csv"
    path.write_text(GOOD + "A-4,Skip exchange,New Bakery,,never\nA-5,Skip exchange,New Bakery,,soon\n")
    with pytest.raises(CommandError, match=r"^3 rows failed\.$"):
        run(path, "--by", cast.ines.email)
    assert "(and 2 more rows)" in capsys.readouterr().out


CITY = "ID,Title,Date Created\n7001,Pothole,1538492521\n7002,Lamp,1533250609\n7001,Pothole,1538492521\n"


@pytest.fixture
def city(tmp_path):
    table, mapping = tmp_path / "city.csv", tmp_path / "city.json"
    table.write_text(CITY)
    columns = {"external_id": {"from": ["ID"]}, "template": {"from": ["Title"]}, "customer": {"fixed": "City"}}
    mapping.write_text(json.dumps({"columns": columns}))
    return table, mapping


def test_it_makes_templates_and_tells_repetitions_apart_where_told_to(cast, city, capsys):
    table, mapping = city
    arguments = (table, "--mapping", mapping, "--by", cast.ines.email, "--create-templates", "--repeats", "number")
    run(*arguments)
    assert sorted(Job.objects.values_list("external_id", flat=True)) == ["7001", "7001-2", "7002"]
    printed = capsys.readouterr().out
    assert "1 row repeats an external ID that stands earlier in this file: jobs of their own" in printed
    run(*arguments)
    assert Job.objects.count() == 3


def test_a_dry_run_makes_no_templates_either(cast, city, capsys):
    table, mapping = city
    with pytest.raises(CommandError):
        run(table, "--mapping", mapping, "--by", cast.ines.email, "--create-templates", "--dry-run")
    assert "templates that would be made: Pothole, Lamp" in capsys.readouterr().out
    assert not JobTemplate.objects.filter(name="Pothole").exists()
