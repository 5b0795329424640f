"""A wrong value may be long: what mends it names the whole of it, while the page shows its beginning."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from console.errors import NotAllowed
from imports.plan import WHOLE_VALUE
from imports.services import create_templates, missing_templates
from templates_app.models import JobTemplate

# Longer than what is shown, and as long as a template's name may be.
LONG = "Exchange of the large skip behind the workshop and " + "x" * 69
OTHER = LONG[:-1] + "y"
TOO_LONG = "The customer said on the telephone that " + "she waits and " * 20 + "hopes"
TEXT = f"id,template,customer\n1,{LONG},Acme Builders\n2,{LONG},Acme Builders\n3,{OTHER},Acme Builders\n"


@pytest.fixture
def run(cast, checked):
    return checked(TEXT, by=cast.ines)


def mend(client, run, **data):
    answer = client.post(reverse("admin:imports_importrun_remedy", args=[run.pk]), data, follow=True)
    run.refresh_from_db()
    return answer.content.decode()


def counts(run):
    return run.report["counts"]["made"], run.report["counts"]["skipped"], run.report["counts"]["failed"]


def remedies(client, run):
    answer = client.get(reverse("admin:imports_importrun_change", args=[run.pk]))
    return [group["remedy"] for group in answer.context["problems"]]


def test_ines_reads_its_beginning_and_the_button_knows_the_rest(cast, run, sign_in):
    client = sign_in(cast.ines)
    assert [(one["theirs"], one["shown"]) for one in remedies(client, run)] == [
        (LONG, LONG[:79] + "…"),
        (OTHER, LONG[:79] + "…"),
    ]


def test_she_says_what_it_means_and_it_means_that(cast, run, sign_in):
    said = mend(sign_in(cast.ines), run, column="template", theirs=LONG, ours="Skip exchange")
    assert counts(run) == (2, 0, 1) and "…” now means “Skip exchange”" in said


def test_she_leaves_its_rows_out(cast, run, sign_in):
    mend(sign_in(cast.ines), run, do="leave_out", column="template", theirs=LONG)
    assert counts(run) == (0, 2, 1)


def test_she_makes_the_template_it_names(cast, run, sign_in):
    mend(sign_in(cast.ines), run, do="create", column="template", theirs=LONG)
    assert JobTemplate.objects.filter(name=LONG).exists() and counts(run) == (2, 0, 1)


def test_line_ends_as_a_browser_sends_them_make_no_difference(cast, checked, sign_in):
    run = checked(f'id,template,customer\n1,"{LONG}\nand more",Acme Builders\n', by=cast.ines)
    [remedy] = remedies(sign_in(cast.ines), run)
    theirs = remedy["theirs"].replace("\n", "\r\n")
    mend(sign_in(cast.ines), run, column="template", theirs=theirs, ours="Skip exchange")
    assert counts(run) == (1, 0, 0)


def test_what_cannot_be_a_templates_name_stands_in_nobodys_way(cast, checked, sign_in):
    run = checked(f"{TEXT}4,{TOO_LONG},Acme Builders\n", by=cast.ines)
    client = sign_in(cast.ines)
    assert missing_templates(run) == [LONG, OTHER]
    assert [one["creates"] for one in remedies(client, run)] == [True, True, False]
    create_templates(run, missing_templates(run), by=cast.ines)
    mend(client, run, do="leave_out", column="template", theirs=TOO_LONG)
    assert counts(run) == (3, 1, 0)


def test_enormous_cells_leave_the_report_small_and_have_no_button(cast, checked, sign_in):
    rows = [f"{n},{n}{'x' * 100_000},Acme Builders" for n in range(12)]
    run = checked("\n".join(["id,template,customer", *rows]), by=cast.ines)
    assert counts(run) == (0, 0, 12) and len(json.dumps(run.report)) < 12 * 1000
    assert remedies(sign_in(cast.ines), run) == [{}]


def test_the_longest_that_is_kept_can_still_be_mended(cast, checked, sign_in):
    longest = "y" * WHOLE_VALUE
    run = checked(f"id,template,customer\n1,{longest},Acme Builders\n2,{longest}y,Acme Builders\n", by=cast.ines)
    client = sign_in(cast.ines)
    assert [bool(one) for one in remedies(client, run)] == [True, False]
    mend(client, run, column="template", theirs=longest, ours="Skip exchange")
    assert counts(run) == (1, 0, 1)


def test_a_meaning_that_is_wrong_itself_is_mended_like_any_value(cast, run, sign_in):
    client = sign_in(cast.ines)
    mend(client, run, column="template", theirs=LONG, ours="Skip hire")
    mend(client, run, column="template", theirs="Skip hire", ours="Skip exchange")
    assert counts(run) == (2, 0, 1)
    assert run.columns["template"]["values"][LONG] == "Skip exchange"


def test_sam_and_the_stranger_mend_nothing(cast, run, sign_in):
    address = reverse("admin:imports_importrun_remedy", args=[run.pk])
    data = {"do": "create", "theirs": LONG}
    assert sign_in(cast.sam).post(address, data).status_code == 403
    assert sign_in(cast.nell).post(address, data).status_code == 404
    assert sign_in(cast.carl).post(address, data).status_code in (302, 404)
    with pytest.raises(NotAllowed):
        create_templates(run, [LONG], by=cast.sam)
    assert not JobTemplate.objects.filter(name=LONG).exists()
