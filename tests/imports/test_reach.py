"""An import knows what its person was granted: other names are unknown names, and nothing foreign is made or undone."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Contact, PortalUser, User
from console.errors import NotAllowed, Refused
from imports.choices import Existing, RecordKind, RowState, RunState
from imports.models import ImportMapping, ImportRun
from imports.services import (
    commit_run,
    guess_mapping,
    planned_rows,
    save_mapping,
    set_mapping,
    start_undo,
    undo_would_keep,
    work_on_run,
)
from jobs.models import Job
from permissions.models import CustomerGrant, TemplateGrant
from permissions.services import remove_portal_user, set_only_listed_templates, set_template_access
from tests.factories import make_customer, make_job, make_portal_user

JOBS = "Order number,Service,Customer,Customer ID\n"
PEOPLE = "E-mail,Name,Customer\n"


def limit(user, *, change=(), view=(), templates=None):
    """The user, limited to customers, or to ``templates``: [(template, action)]."""
    kind, granted = "customer", [(one, "change") for one in change] + [(one, "view") for one in view]
    if templates is not None:
        kind, granted = "template", templates
    model, codename = {"customer": (CustomerGrant, "customer"), "template": (TemplateGrant, "jobtemplate")}[kind]
    model.objects.filter(user=user).delete()
    for record, action in granted:
        permission = Permission.objects.get(codename=f"{action}_{codename}")
        model.objects.create(user=user, permission=permission, content_object=record)
    User.objects.filter(pk=user.pk).update(**{f"only_granted_{kind}s": True})
    return User.objects.get(pk=user.pk)


@pytest.fixture
def ines(cast):
    """Works with Acme, may look at Birch, and knows nothing of Cedar."""
    cast.cedar.external_id = "C-9"
    cast.cedar.save()
    return limit(cast.ines, change=[cast.acme], view=[cast.birch])


def reasons(run):
    return {(group["rows"][0][1], group["reason"]) for group in run.report["problems"]}


def test_a_foreign_name_reads_like_one_that_nobody_bears(cast, ines, checked):
    text = JOBS + "A-1,Skip exchange,Cedar School,\nA-2,Skip exchange,Nobody Ltd,\n"
    run = checked(text, by=ines)
    (cedar, why), (nobody, also) = sorted(reasons(run))
    assert (cedar, nobody) == ("Cedar School", "Nobody Ltd") and why == also
    assert run.report["counts"]["failed"] == 2


def test_so_does_a_foreign_number(cast, ines, checked):
    text = JOBS + "A-1,Skip exchange,,C-9\nA-2,Skip exchange,,C-10\n"
    (known, why), (unknown, also) = sorted(reasons(checked(text, by=ines)))
    assert (known, unknown) == ("C-10", "C-9") and why == also


def test_a_customer_to_look_at_gets_no_job_and_no_login(cast, ines, checked, imported):
    run = checked(JOBS + "A-1,Skip exchange,Birch Hotel,\nA-2,Skip exchange,Acme Builders,\n", by=ines)
    assert reasons(run) == {("Birch Hotel", "may be looked at by you, but not worked with")}
    assert (run.report["counts"]["made"], run.report["counts"]["failed"]) == (1, 1)
    people = imported(PEOPLE + "new@example.com,New,Birch Hotel\nalso@example.com,Also,Acme Builders\n", by=ines,
                      kind=RecordKind.PORTAL_USERS)  # fmt: skip
    assert (people.made, people.failed) == (1, 1)
    assert not PortalUser.objects.filter(user__email="new@example.com").exists()


def test_a_template_to_look_at_makes_no_job(cast, checked):
    ines = limit(cast.ines, templates=[(cast.exchange, "view")])
    run = checked(JOBS + "A-1,Skip exchange,Acme Builders,\nA-2,Site inspection,Acme Builders,\n", by=ines)
    assert reasons(run) == {
        ("Skip exchange", "may be looked at by you, but not worked with"),
        ("Site inspection", "is not a template"),
    }


@pytest.mark.parametrize("existing", [Existing.SKIP, Existing.UPDATE])
def test_a_foreign_jobs_external_id_is_taken_and_nothing_more_is_said(cast, ines, checked, existing):
    foreign = make_job(cast.cedar, cast.exchange, external_id="A-1", notes="Blue gate")
    run = checked(JOBS + "A-1,Skip exchange,Acme Builders,\n", by=ines, existing=existing)
    assert reasons(run) == {("A-1", "is taken already: give the job another")}
    assert foreign.number not in str(run.report) and "Blue" not in str(run.report)
    assert planned_rows(run, 1, by=ines)[0].label == ""


def test_a_check_tells_no_address_that_has_a_login_elsewhere(cast, ines, checked):
    run = checked(PEOPLE + "carl@example.com,Carl,Acme Builders\nnew@example.com,New,Acme Builders\n", by=ines,
                  kind=RecordKind.PORTAL_USERS)  # fmt: skip
    assert run.report["counts"]["made"] == 2 and "Cedar" not in str(run.report)


def test_a_check_names_only_the_customers_of_a_person_that_ines_may_see(cast, ines, checked):
    make_portal_user("pat@example.com", cast.birch, cast.cedar)
    run = checked(PEOPLE + "pat@example.com,Pat,Acme Builders\n", by=ines, kind=RecordKind.PORTAL_USERS)
    assert run.report["changes"][0]["fields"] == [["customers", "Birch Hotel", "Birch Hotel, Acme Builders"]]


def test_undoing_the_link_of_somebody_known_elsewhere_leaves_their_login(cast, ines, imported):
    run = imported(PEOPLE + "carl@example.com,Carl,Acme Builders\n", by=ines, kind=RecordKind.PORTAL_USERS)
    assert (run.made, run.changed) == (0, 1) and cast.carl.links.count() == 2
    run = start_undo(run, by=ines)
    assert run.undo_report["restored"] == 1
    assert [link.customer for link in cast.carl.links.all()] == [cast.cedar]
    cast.carl.refresh_from_db()
    assert cast.carl.state == "active"


# --- what was granted goes away meanwhile


def test_a_grant_taken_between_check_and_commit_counts(cast, ines, checked):
    run = checked(JOBS + "A-1,Skip exchange,Acme Builders,\n", by=ines)
    run = commit_run(run, by=ines)
    limit(cast.ines, view=[cast.acme])
    work_on_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made, run.failed) == (RunState.FINISHED, 0, 1) and not Job.objects.exists()


def test_a_role_taken_between_check_and_commit_counts(cast, checked):
    run = commit_run(checked(JOBS + "A-1,Skip exchange,Acme Builders,\n", by=cast.ines), by=cast.ines)
    cast.ines.groups.clear()
    work_on_run(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED and not Job.objects.exists()
    assert "may not" in run.problem


def test_undo_leaves_the_jobs_of_customers_that_were_taken_away(cast, ines, imported):
    ines = limit(ines, change=[cast.acme, cast.birch])
    run = imported(JOBS + "A-1,Skip exchange,Acme Builders,\nA-2,Skip exchange,Birch Hotel,\n", by=ines)
    ines = limit(ines, change=[cast.acme])
    assert undo_would_keep(run, by=ines) == 1
    run = start_undo(run, by=ines)
    assert [job.customer for job in Job.objects.all()] == [cast.birch]
    assert run.undo_report["why"] == [["(a job you can't see)", "was not, or is no longer, granted to you"]]
    assert (run.undo_report["removed"], run.undo_report["kept"]) == (1, 1)


def test_undo_changes_back_only_what_is_still_granted(cast, ines, imported):
    ines = limit(ines, change=[cast.acme, cast.birch])
    for external_id, customer in (("A-1", cast.acme), ("A-2", cast.birch)):
        make_job(customer, cast.exchange, external_id=external_id, asset_id="OLD")
    text = (
        "Order number,Customer,Service,Asset\nA-1,Acme Builders,Skip exchange,NEW\nA-2,Birch Hotel,Skip exchange,NEW\n"
    )
    run = imported(text, by=ines, existing=Existing.UPDATE)
    assert run.changed == 2
    start_undo(run, by=limit(ines, change=[cast.acme], view=[cast.birch]))
    assert set(Job.objects.values_list("external_id", "asset_id")) == {("A-1", "OLD"), ("A-2", "NEW")}


def test_undo_leaves_customers_and_people_that_were_taken_away(cast, imported):
    run = imported("Name,E-mail\nDove Dental,desk@dove.example\n", by=cast.ines, kind=RecordKind.CUSTOMERS)
    people = imported(PEOPLE + "new@example.com,New,Acme Builders\n", by=cast.ines, kind=RecordKind.PORTAL_USERS)
    ines = limit(cast.ines, change=[cast.birch])
    assert start_undo(run, by=ines).undo_report["kept"] == 1
    report = start_undo(people, by=ines).undo_report
    assert (report["removed"], report["kept"]) == (0, 1) and "new@" not in str(report) and "Dove" not in str(report)
    assert Contact.objects.filter(email="desk@dove.example").exists()
    assert PortalUser.objects.get(user__email="new@example.com").links.count() == 1


# --- runs and mappings belong to somebody


@pytest.mark.parametrize("limited_by", ["customer", "template"])
def test_ines_limited_in_any_way_sees_her_own_imports_and_mappings(cast, checked, sign_in, limited_by):
    text = JOBS + "A-1,Skip exchange,Acme Builders,\n"
    foreign = checked(text, by=cast.olivia)
    template = {"from": ["Service"], "values": {"x": "Site inspection"}}
    foreign = set_mapping(foreign, {**foreign.columns, "template": template}, by=cast.olivia)
    save_mapping("Secret habits", foreign, by=cast.olivia)
    granted = {"customer": {"change": [cast.acme]}, "template": {"templates": [(cast.exchange, "change")]}}
    ines = limit(cast.ines, **granted[limited_by])
    own = checked(text, by=ines)
    assert list(ImportRun.objects.visible_to(ines)) == [own]
    assert not ImportMapping.objects.visible_to(ines).exists()
    assert "Site inspection" not in str(guess_mapping(own, by=ines))
    client = sign_in(ines)
    for name, key in (("importrun", foreign.pk), ("importmapping", ImportMapping.objects.get().pk)):
        page = reverse(f"admin:imports_{name}_change", args=[key])
        assert client.get(page).status_code in (302, 404), name
        assert "Secret" not in client.get(reverse(f"admin:imports_{name}_changelist")).content.decode()
    assert "Secret" not in client.get(reverse("admin:changelog")).content.decode()
    with pytest.raises(Refused, match="The name “Secret habits” is taken"):
        save_mapping("Secret habits", own, by=ines)
    with pytest.raises(NotAllowed):
        start_undo(foreign, by=ines)


def test_the_row_of_a_mapping_says_who_saved_it(cast, ines, checked):
    run = checked(JOBS + "A-1,Skip exchange,Acme Builders,\n", by=ines)
    assert save_mapping("Mine", run, by=ines).saved_by == ines
    assert list(ImportMapping.objects.visible_to(ines).values_list("name", flat=True)) == ["Mine"]


def test_template_limited_ines_names_any_customer(cast, imported):
    make_customer("Dove Dental")
    ines = limit(cast.ines, templates=[(cast.exchange, "change")])
    run = imported(JOBS + "A-1,Skip exchange,Dove Dental,\n", by=ines)
    assert (run.made, run.rows.get().state) == (1, RowState.MADE)


# --- keys to the companion site (decision 0090)


def test_the_check_foresees_who_may_not_be_invited_or_linked_by_whoever_works_with_certain_templates(cast, checked):
    special = make_portal_user("special@example.com", cast.birch)
    set_only_listed_templates(special, True, by=cast.olivia)
    set_template_access(special, cast.inspection, "add", by=cast.olivia)
    gone = make_portal_user("gone@example.com", cast.birch)
    remove_portal_user(gone, by=cast.olivia)
    ines = limit(cast.ines, templates=[(cast.inspection, "change")])
    rows = ["new@example.com", "carl@example.com", "special@example.com", "gone@example.com", "cora@example.com"]
    run = checked(
        PEOPLE + "".join(f"{email},,Acme Builders\n" for email in rows), by=ines, kind=RecordKind.PORTAL_USERS
    )
    sentence = "This person sees jobs of templates that were not granted to you. Ask a colleague."
    (group,) = run.report["problems"]
    assert group["reason"] == sentence
    assert {value for _row, value in group["rows"]} == {"new@example.com", "carl@example.com", "gone@example.com"}
    counts = run.report["counts"]
    assert (counts["made"], counts["changed"], counts["skipped"], counts["failed"]) == (0, 1, 1, 3)


def test_what_the_check_foresees_is_what_the_services_say(cast, checked, imported):
    for templates in ([(cast.inspection, "change")], [(cast.inspection, "view"), (cast.exchange, "view")]):
        ines = limit(cast.ines, templates=templates)
        text = PEOPLE + f"new{len(templates)}@example.com,New,Acme Builders\n"
        foreseen = checked(text, by=ines, kind=RecordKind.PORTAL_USERS).report["counts"]
        run = imported(text, by=ines, kind=RecordKind.PORTAL_USERS) if foreseen["made"] else None
        assert (run.made if run else 0, foreseen["failed"]) == (len(templates) - 1, 2 - len(templates))


def test_the_check_foresees_that_everybody_acts_for_any_customer(cast, ines, portal, checked):
    portal.default_permissions = portal.default_permissions | {"any_customer": True}
    portal.save()
    run = checked(PEOPLE + "new@example.com,New,Acme Builders\n", by=ines, kind=RecordKind.PORTAL_USERS)
    ((value, reason),) = reasons(run)
    assert value == "new@example.com" and "By default every portal user may act for any customer" in reason
