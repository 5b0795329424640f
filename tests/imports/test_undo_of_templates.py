"""Templates made from a check are part of what its run did: undo takes them back, unless somebody made them hers."""

from __future__ import annotations

import pytest
from django.urls import reverse

from alerts.models import Alert
from console.errors import NotAllowed
from imports.choices import RunState
from imports.services import check_run, commit_run, create_templates, start_undo, work_on_run
from jobs.models import Job
from permissions.models import TemplateAccess
from permissions.services import grant
from templates_app.models import JobTemplate, TemplateStep
from templates_app.services import archive_template
from tests.factories import make_job

TEXT = "id,template,customer\n1,Skip hire,Acme Builders\n2,Grab lorry,Acme Builders\n3,Skip exchange,Acme Builders\n"
DIALOG = {"HX-Request": "true"}


@pytest.fixture
def run(cast, checked):
    """Imported, with the two templates its file names and nobody knew."""
    run = checked(TEXT, by=cast.ines)
    assert create_templates(run, ["Skip hire", "Grab lorry"], by=cast.ines) == 2
    commit_run(check_run(run, by=cast.ines), by=cast.ines)
    work_on_run(run.pk)
    run.refresh_from_db()
    assert run.made == 3
    return run


def template(name):
    return JobTemplate.objects.filter(name=name).first()


def page(name, run):
    return reverse(f"admin:imports_importrun_{name}", args=[run.pk])


def test_undo_takes_them_back_and_leaves_those_that_were_there(cast, run):
    run = start_undo(run, by=cast.ines)
    assert run.state == RunState.UNDONE and run.undo_report["templates"] == 2 and run.undo_report["kept"] == 0
    assert template("Skip hire") is None and template("Grab lorry") is None and template("Skip exchange")


def test_history_says_who_and_why(cast, run):
    start_undo(run, by=cast.olivia)
    rows = JobTemplate.history.filter(name="Skip hire").order_by("history_id")
    assert [(row.history_type, row.actor) for row in rows] == [("+", "Ines"), ("-", "Olivia")]
    assert rows[0].request_id == run.request_id and rows[1].history_change_reason == f"Undo of import no. {run.pk}"


def test_ines_is_asked_in_numbers_and_told_in_numbers(cast, run, sign_in):
    client = sign_in(cast.ines)
    question = client.get(page("undo", run), headers=DIALOG).content.decode()
    assert "2 templates were made from its check: those nobody has changed or used go too." in question
    client.post(page("undo", run), {"_form_submitted": "True"})
    assert "2 templates made from its check went too." in client.get(page("change", run)).content.decode()


def test_an_import_without_such_templates_speaks_of_none(cast, imported, sign_in):
    run = imported("id,template,customer\n1,Skip exchange,Acme Builders\n", by=cast.ines)
    client = sign_in(cast.ines)
    assert "made from its check" not in client.get(page("undo", run), headers=DIALOG).content.decode()
    start_undo(run, by=cast.ines)
    assert "made from its check" not in client.get(page("change", run)).content.decode()


def test_what_dana_changed_stays_and_is_named_with_her(cast, run, sign_in):
    archive_template(template("Skip hire"), by=cast.dana)
    run = start_undo(run, by=cast.ines)
    [[name, why]] = run.undo_report["why"]
    assert name == "Skip hire" and "changed by Dana" in why
    assert (run.undo_report["templates"], run.undo_report["kept"]) == (1, 1)
    html = sign_in(cast.ines).get(page("change", run)).content.decode()
    assert "1 template made from its check went too." in html and "changed by Dana" in html


def _another_job(cast):
    make_job(cast.cedar, template("Skip hire"), by=cast.dana)


def _a_kept_job(cast):
    from jobs.services import update_job

    update_job(Job.objects.get(external_id="1"), {"notes": "Ring twice"}, by=cast.dana)


def _a_step(cast):
    TemplateStep.objects.create(template=template("Skip hire"), name="Drive there")


def _an_access(cast):
    TemplateAccess.objects.create(portal_user=cast.cora, template=template("Skip hire"))


def _a_grant(cast):
    grant(cast.sam, template("Skip hire"), change=False, by=cast.olivia)


def _an_alert(cast):
    alert = Alert.objects.first() or Alert.objects.create(name="Hers", event="job.created")
    alert.templates.add(template("Skip hire"))


def _a_job_that_was_made_from_it_once(cast):
    job = make_job(cast.cedar, template("Skip hire"), by=cast.dana)
    Job.objects.filter(pk=job.pk).update(template=cast.exchange)


@pytest.mark.parametrize(
    "use",
    [_another_job, _a_kept_job, _a_step, _an_access, _a_grant, _an_alert, _a_job_that_was_made_from_it_once],
)
def test_what_somebody_uses_stays_and_is_named(cast, run, use):
    use(cast)
    run = start_undo(run, by=cast.ines)
    assert run.state == RunState.UNDONE and template("Skip hire") and template("Grab lorry") is None
    assert "used by" in dict(run.undo_report["why"])["Skip hire"] and run.undo_report["templates"] == 1


def test_the_same_file_can_be_mended_and_imported_again(cast, run, checked):
    start_undo(run, by=cast.ines)
    again = checked(TEXT, by=cast.ines)
    assert again.report["counts"]["made"] == 1
    create_templates(again, ["Skip hire", "Grab lorry"], by=cast.ines)
    assert check_run(again, by=cast.ines).report["counts"]["made"] == 3


def test_a_template_another_check_made_is_not_this_runs(cast, run, checked, imported):
    later = imported("id,template,customer\n7,Skip hire,Acme Builders\n", by=cast.ines)
    later = start_undo(later, by=cast.ines)
    assert later.undo_report["removed"] == 1 and template("Skip hire") and "templates" not in later.undo_report


def test_who_discards_the_file_is_told_that_they_stay(cast, checked, sign_in):
    run = checked(TEXT, by=cast.ines)
    create_templates(run, ["Skip hire"], by=cast.ines)
    client = sign_in(cast.ines)
    question = client.get(page("discard", run), headers=DIALOG).content.decode()
    assert "1 template made from its check stays." in question
    client.post(page("discard", run), {"_form_submitted": "True"})
    assert template("Skip hire")


def test_sam_and_the_strangers_take_nothing_back(cast, run, sign_in):
    data = {"_form_submitted": "True"}
    assert sign_in(cast.sam).post(page("undo", run), data).status_code == 403
    assert sign_in(cast.nell).post(page("undo", run), data).status_code == 404
    assert sign_in(cast.carl).post(page("undo", run), data).status_code in (302, 404)
    with pytest.raises(NotAllowed):
        start_undo(run, by=cast.sam)
    assert template("Skip hire") and Job.objects.count() == 3
