"""Dana, narrowed to Acme, reads about Cora, who also acts for Birch: nothing of Birch is told."""

from __future__ import annotations

import uuid

import pytest
from django.contrib.auth.models import Permission

from accounts.models import CustomerLink
from alerts.models import Alert
from audit.act import acting
from business.models import PortalSettings
from console.reader import UNLIMITED, StaffReader, names_for
from console.scope import forget_reach, in_scope
from console.taking_back import NotTakenBack, take_back_request
from permissions.effective import effective_rights_of
from permissions.explain import explain, who_may
from permissions.impact import foresee, override_on_link
from permissions.services import grant, set_override, set_template_access
from tests.console.forms import filled
from tests.factories import make_job, make_portal_user
from tests.permissions.test_portal_settings_page import fields


@pytest.fixture
def dana(cast):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    forget_reach(cast.dana)
    return cast.dana


@pytest.fixture
def theirs(cast) -> CustomerLink:
    """Cora's link to Birch, with a reason that is Birch's."""
    link = CustomerLink.objects.get(portal_user=cast.cora, customer=cast.birch)
    set_override(link, "view_worker", "allow", by=cast.olivia, reason="Birch asked for it")
    return link


def _said(explanation) -> str:
    return " ".join(step.text for step in explanation.steps)


def test_why_tells_nothing_of_another_customer(cast, dana, theirs):
    said = _said(explain(cast.cora, "view_worker", None, StaffReader(dana)))
    assert "Birch" not in said
    assert "linked to 1 customer." in said


def test_why_counts_several_customers(cast):
    assert "linked to 2 customers." in _said(explain(cast.cora, "view_worker", None, UNLIMITED))


def test_whoever_sees_all_reads_the_reason(cast, theirs):
    assert "Birch asked for it" in _said(explain(cast.cora, "view_worker", None, UNLIMITED))


def test_of_an_override_on_the_whole_person_it_tells_what_and_not_why(cast, dana):
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.olivia, reason="They cancelled Birch's jobs")
    job = make_job(cast.acme, cast.exchange)
    explanation = explain(cast.cora, "cancel_jobs", job, StaffReader(dana))
    assert not explanation.decision
    said = _said(explanation)
    assert "denied" in said
    assert "Birch" not in said and "Olivia" not in said


def test_of_somebody_who_acts_for_acme_alone_it_tells_why(cast, dana):
    set_override(cast.colm, "cancel_jobs", "deny", by=cast.olivia, reason="They asked us to")
    said = _said(explain(cast.colm, "cancel_jobs", make_job(cast.acme, cast.exchange), StaffReader(dana)))
    assert "They asked us to" in said


def test_the_page_of_a_shared_person_shows_no_reason_of_theirs(cast, dana, theirs, sign_in):
    set_override(cast.cora, "view_map", "deny", by=cast.olivia, reason="Because of Birch's yard")
    client = sign_in(dana)
    for page in ("change", "rights", "history"):
        text = client.get(f"/admin/accounts/portaluser/{cast.cora.pk}/{page}/").content.decode()
        assert "Birch" not in text, page


def test_the_sheet_has_the_customers_and_templates_of_its_reader(cast, dana, theirs):
    sheet = effective_rights_of(cast.cora, StaffReader(dana))
    assert {cell.customer_name for row in sheet.permissions for cell in row.cells} == {"Acme Builders"}


def test_who_may_leaves_out_whom_the_reader_may_not_see(cast, dana):
    set_override(cast.carl, "any_customer", "allow", by=cast.olivia)
    job = make_job(cast.acme, cast.exchange)
    assert cast.carl in [one.person for one in who_may("view_jobs", job, UNLIMITED)]
    assert cast.carl not in [one.person for one in who_may("view_jobs", job, StaffReader(dana))]


def test_a_change_at_another_customer_is_no_news(cast, dana, theirs):
    change = override_on_link(theirs.pk, "view_worker", False)
    assert foresee([cast.cora], change, UNLIMITED)
    assert not foresee([cast.cora], change, StaffReader(dana))


def test_a_dispatcher_of_one_template_saves_a_portal_user(cast, sign_in):
    person = make_portal_user("una@example.com", cast.acme)
    set_template_access(person, cast.inspection, "add", by=cast.olivia)
    cast.dana.only_granted_templates = True
    cast.dana.save()
    grant(cast.dana, cast.exchange, change=True, by=cast.olivia)
    client = sign_in(cast.dana)
    address = f"/admin/accounts/portaluser/{person.pk}/change/"
    page = client.get(address)
    assert cast.inspection.name not in page.content.decode()
    answer = client.post(address, filled(page) | {"full_name": "Una New"})
    assert answer.status_code == 302
    person.user.refresh_from_db()
    assert person.user.full_name == "Una New"
    assert person.template_access.get().template == cast.inspection


def test_default_templates_that_somebody_may_not_see_stay(cast, portal, sign_in):
    cast.olivia.is_superuser = False
    cast.olivia.only_granted_templates = True
    cast.olivia.save()
    for template in (cast.exchange, cast.inspection):
        template.is_portal_default = True
        template.save()
    grant(cast.olivia, cast.exchange, change=True, by=None)
    address = "/admin/business/portalsettings/1/change/"
    client = sign_in(cast.olivia)
    page = client.get(address)
    assert cast.inspection.name not in page.content.decode()
    answer = client.post(address, fields(client, introduction="Welcome"))
    assert answer.status_code == 302, answer.context["errors"]
    assert PortalSettings.load().introduction == "Welcome"
    cast.inspection.refresh_from_db()
    assert cast.inspection.is_portal_default


@pytest.fixture
def shared(cast) -> Alert:
    """An alert for Acme and Birch."""
    alert = Alert.objects.create(name="To both", event="job.scheduled", subject="Planned", message="Planned")
    alert.customers.set([cast.acme, cast.birch])
    return alert


def test_an_alert_for_others_too_names_them_as_a_number(cast, dana, shared, sign_in):
    text = sign_in(dana).get(f"/admin/alerts/alert/{shared.pk}/change/").content.decode()
    assert "Acme Builders and 1 more" in text
    assert "Birch" not in text


@pytest.mark.parametrize("names", [(), ("birch",), ("acme", "birch")])
def test_what_concerns_others_is_not_hers_to_change(cast, editor, names, sign_in):
    alert = Alert.objects.create(name="Alert", event="job.scheduled", subject="Planned", message="Planned")
    alert.customers.set([getattr(cast, name) for name in names])
    assert not in_scope(editor, alert, "change")
    client = sign_in(editor)
    for way in ("change", "delete", "switch"):
        assert client.post(f"/admin/alerts/alert/{alert.pk}/{way}/", {"_form_submitted": "1"}).status_code in (403, 404)
    alert.refresh_from_db()
    assert alert.is_active and alert.customers.count() == len(names)


def test_an_alert_for_hers_alone_is(cast, dana):
    alert = Alert.objects.create(name="Alert", event="job.scheduled", subject="Planned", message="Planned")
    alert.customers.set([cast.acme])
    assert in_scope(dana, alert, "change")


def test_names_are_told_as_far_as_they_may_be_seen(cast, dana):
    reader = StaffReader(dana)
    assert names_for(reader, [cast.acme, cast.birch, cast.cedar]) == "Acme Builders and 2 more"
    assert names_for(reader, [cast.birch]) == "1 you can't see"
    assert names_for(reader, []) == ""
    assert names_for(UNLIMITED, [cast.acme, cast.birch]) == f"{cast.acme}, {cast.birch}"


def test_the_page_why_without_a_customer_tells_no_foreign_reason_and_no_number(cast, dana, theirs, sign_in):
    set_override(theirs, "cancel_jobs", "deny", by=cast.olivia, reason="Birch asked for it too")
    client = sign_in(dana)
    for code in ("view_worker", "cancel_jobs", "any_customer"):
        answer = client.get("/admin/why/", {"person": cast.cora.pk, "permission": code})
        steps = " ".join(step.text for step in answer.context["explanation"].steps)
        assert "linked to 1 customer" in steps
        assert "linked to 2" not in steps
        assert "Birch" not in answer.content.decode()


@pytest.fixture
def editor(dana):
    """Dana, with the right to change alerts."""
    dana.user_permissions.add(Permission.objects.get(codename="change_alert"))
    return type(dana).objects.get(pk=dana.pk)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "This alert is for all customers; only somebody who sees them all may change it."),
        (("acme", "birch"), "This alert is also for 1 other customer; only somebody who sees them all may change it."),
        (("acme",), ""),
    ],
)
def test_the_page_of_an_alert_says_why_it_is_not_hers_to_change(cast, editor, names, said, sign_in):
    alert = Alert.objects.create(name="Alert", event="job.scheduled", subject="Planned", message="Planned")
    alert.customers.set([getattr(cast, name) for name in names])
    page = sign_in(editor).get(f"/admin/alerts/alert/{alert.pk}/change/")
    assert page.context["notes"] == ([said] if said else [])
    assert said in page.content.decode()


def test_whoever_sees_all_reads_no_such_sentence(cast, shared, sign_in):
    page = sign_in(cast.olivia).get(f"/admin/alerts/alert/{shared.pk}/change/")
    assert page.context["notes"] == []


def test_the_page_of_a_colleague_says_how_much_more_was_granted(cast, dana, sign_in):
    dana.user_permissions.add(
        *Permission.objects.filter(codename__in=["view_user", "change_user", "view_customergrant"])
    )
    for customer in (cast.acme, cast.birch, cast.cedar):
        grant(cast.sam, customer, change=True, by=cast.olivia)
    page = sign_in(dana).get(f"/admin/accounts/user/{cast.sam.pk}/change/")
    text = page.content.decode()
    assert "Customer grants: and 2 more that you can&#x27;t see." in text
    assert "Acme Builders" in text and "Birch" not in text


def test_a_narrowed_person_takes_back_no_change_of_an_alert_for_others(cast, editor):
    alert = Alert.objects.create(name="Before", event="job.scheduled", subject="Planned", message="Planned")
    alert.customers.set([cast.acme, cast.birch])
    request = uuid.uuid4()
    with acting(by=cast.olivia, request_id=request):
        alert.name = "After"
        alert.save()
    with pytest.raises(NotTakenBack) as refusal:
        take_back_request(request, by=editor)
    assert "granted to you" in str(refusal.value) and "Birch" not in str(refusal.value)
    alert.refresh_from_db()
    assert alert.name == "After"


def test_history_and_change_log_name_no_template_beyond_ones_own(cast, sign_in):
    for template in (cast.exchange, cast.inspection):
        with acting(by=cast.olivia, reason=f"Reason of {template.pk}"):
            template.description = "Other words"
            template.save()
    cast.dana.only_granted_templates = True
    cast.dana.save()
    grant(cast.dana, cast.exchange, change=True, by=cast.olivia)
    client = sign_in(cast.dana)
    own = client.get(f"/admin/templates_app/jobtemplate/{cast.exchange.pk}/history/")
    assert own.status_code == 200 and cast.inspection.name not in own.content.decode()
    assert client.get(f"/admin/templates_app/jobtemplate/{cast.inspection.pk}/history/").status_code == 404
    cast.dana.user_permissions.add(*Permission.objects.filter(codename__contains="changelog"))
    log = client.get("/admin/changelog/")
    assert log.status_code == 200 and f"Reason of {cast.exchange.pk}" in log.content.decode()
    assert cast.inspection.name not in log.content.decode()
    assert f"Reason of {cast.inspection.pk}" not in log.content.decode()
