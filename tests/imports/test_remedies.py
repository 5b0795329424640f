"""What the check finds can be mended where it is shown: one click, all its rows, and the saved mapping learns it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from console.errors import NotAllowed, Refused
from imports.models import ImportMapping
from imports.services import commit_run, map_value, save_mapping, work_on_run
from jobs.models import Job
from templates_app.models import JobTemplate

TEXT = "id,template,customer\n1,Skip hire,Acme Builders\n2,Skip hire,Acme Builders\n3,Grab lorry,Acme Builders\n"


def page(name, run):
    return reverse(f"admin:imports_importrun_{name}", args=[run.pk])


@pytest.fixture
def run(cast, checked):
    return checked(TEXT, by=cast.ines)


def mend(client, run, **data):
    answer = client.post(page("remedy", run), data, follow=True)
    run.refresh_from_db()
    return answer


def test_the_check_groups_and_offers_all_three(cast, run, sign_in):
    html = sign_in(cast.ines).get(page("change", run)).content.decode()
    assert "<strong>2</strong>" in html and "Skip hire" in html
    for offer in ("It means", "Create it", "Leave the rows out", "Create them all"):
        assert offer in html


def test_ines_makes_the_template_on_the_spot(cast, run, sign_in):
    answer = mend(sign_in(cast.ines), run, do="create", column="template", theirs="Skip hire")
    assert "1 template was made" in answer.content.decode()
    made = JobTemplate.objects.get(name="Skip hire")
    assert not made.is_portal_default and made.steps.count() == 0
    assert (made.history.get().actor, made.history.get().history_change_reason) == (
        "Ines",
        f"Named in import no. {run.pk}",
    )
    assert (run.report["counts"]["made"], run.report["counts"]["failed"]) == (2, 1)


def test_all_of_them_at_once(cast, run, sign_in):
    mend(sign_in(cast.ines), run, do="create", theirs=["Skip hire", "Grab lorry"])
    assert run.report["counts"]["made"] == 3


def test_rows_can_be_left_out(cast, run, sign_in):
    mend(sign_in(cast.ines), run, do="leave_out", column="template", theirs="Skip hire")
    assert run.report["counts"] == {"made": 0, "changed": 0, "skipped": 2, "failed": 1}
    assert dict(run.report["notes"]) == {"left out, as you said": 2}


def test_what_was_left_out_is_no_failure_of_the_run(cast, run):
    map_value(run, "template", "Skip hire", None, by=cast.ines)
    run = map_value(run, "template", "Grab lorry", "Skip exchange", by=cast.ines)
    from imports.services import check_run

    run = commit_run(check_run(run, by=cast.ines), by=cast.ines, all_or_nothing=True)
    work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.made, run.skipped, run.failed, Job.objects.count()) == (1, 2, 0, 1)


def test_the_saved_mapping_learns_it(cast, run, sign_in):
    run.mapping_name = "Ours"
    run.save()
    save_mapping("Ours", run, by=cast.ines)
    mend(sign_in(cast.ines), run, do="leave_out", column="template", theirs="Skip hire")
    mend(sign_in(cast.ines), run, do="repeats", repeats="number")
    saved = ImportMapping.objects.get(name="Ours")
    assert saved.columns["template"]["values"] == {"Skip hire": None}
    assert saved.formats["repeats"] == "number"
    html = sign_in(cast.ines).get(reverse("admin:imports_importmapping_change", args=[saved.pk])).content.decode()
    assert "Skip hire" in html


def test_repetitions_are_asked_about_on_the_page(cast, checked, sign_in):
    text = "id,template,customer\nX,Skip exchange,Acme Builders\nX,Skip exchange,Acme Builders\n"
    run = checked(text, by=cast.ines)
    client = sign_in(cast.ines)
    html = client.get(page("change", run)).content.decode()
    assert "1 row repeats an external ID that stands earlier in this file" in html and "row 3: X" in html
    assert "Each row is a job of its own now" in mend(client, run, do="repeats", repeats="number").content.decode()
    assert run.report["counts"]["made"] == 2
    assert "That is not a choice" in mend(client, run, do="repeats", repeats="nonsense").content.decode()


def test_who_may_make_no_templates_is_not_offered_it(cast, checked, sign_in):
    cast.ines.groups.clear()
    from django.contrib.auth.models import Permission

    codes = ["add_importrun", "change_importrun", "view_importrun", "add_job", "view_job", "view_jobtemplate"]
    cast.ines.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    run = checked(TEXT, by=type(cast.ines).objects.get(pk=cast.ines.pk))
    client = sign_in(cast.ines)
    assert "Create it" not in client.get(page("change", run)).content.decode()
    assert client.post(page("remedy", run), {"do": "create", "theirs": "Skip hire"}).status_code == 403
    assert not JobTemplate.objects.filter(name="Skip hire").exists()


def test_once_it_has_begun_nothing_is_mended_any_more(cast, run, sign_in):
    from imports.services import create_templates

    run = commit_run(_mended(run, cast.ines), by=cast.ines)
    with pytest.raises(Refused):
        create_templates(run, ["Grab lorry"], by=cast.ines)
    with pytest.raises(NotAllowed):
        create_templates(run, ["Grab lorry"], by=cast.sam)
    assert not JobTemplate.objects.filter(name="Grab lorry").exists()


def _mended(run, by):
    from imports.services import check_run

    return check_run(map_value(run, "template", "Skip hire", "Skip exchange", by=by), by=by)


def test_each_row_can_be_looked_at_a_page_at_a_time(cast, checked, sign_in):
    lines = [f"{n},{'Skip hire' if n == 60 else 'Skip exchange'},Acme Builders" for n in range(1, 71)]
    run = checked("\n".join(["id,template,customer", *lines]) + "\n", by=cast.ines)
    client = sign_in(cast.ines)
    first = client.get(page("rows", run)).content.decode()
    assert "Page 1 of 2" in first and "Skip hire" not in first
    second = client.get(page("rows", run) + "?page=2").content.decode()
    assert "is not a template" in second and "Page 2 of 2" in second
    assert client.get(page("rows", run) + "?page=99999999999999999999").status_code == 200
    assert not Job.objects.exists()


def test_each_changed_cell_is_shown_old_and_new_in_the_words_of_the_page(cast, imported, checked, sign_in):
    imported("id,template,customer,amount\nX,Skip exchange,Acme Builders,10\n", by=cast.ines)
    run = checked("id,template,customer,amount\nX,Skip exchange,Acme Builders,12\n", by=cast.ines, existing="update")
    client = sign_in(cast.ines)
    for name in ("change", "rows"):
        html = client.get(page(name, run)).content.decode()
        assert "<del>10.00</del>" in html and "<ins>12.00</ins>" in html and "Amount" in html
