from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from permissions.models import PermissionOverride
from permissions.services import grant, set_override
from tests.factories import make_job


def rights(client, person, **query):
    return client.get(f"/admin/accounts/portaluser/{person.pk}/rights/", query)


def answers(answer, code, which=0):
    [line] = [
        line
        for _heading, lines in answer.context["sheets"][which].groups
        for line in lines
        if line.row.permission.code == code
    ]
    return {shown.column: (bool(shown.decision), shown.decision.decided_by.value) for shown in line.answers}


def test_it_shows_the_level_of_each_answer(cast, sign_in):
    set_override(cast.cora.links.get(customer=cast.acme), "cancel_jobs", "deny", by=cast.dana)
    said = answers(rights(sign_in(cast.sam), cast.cora), "cancel_jobs")
    assert said == {"": (True, "default"), "Acme Builders": (False, "link override"), "Birch Hotel": (True, "default")}


def test_it_is_a_tab_of_the_person(cast, sign_in):
    page = sign_in(cast.dana).get(f"/admin/accounts/portaluser/{cast.cora.pk}/change/").content.decode()
    assert "Effective rights" in page and "Hidden:" in page


def test_two_people_side_by_side(cast, sign_in):
    set_override(cast.colm, "cancel_jobs", "deny", by=cast.dana)
    answer = rights(sign_in(cast.sam), cast.cora, other=cast.colm.pk)
    assert answer.context["differences"] == [("Cancel jobs", "yes", "no")]


def test_as_of_a_past_moment(cast, sign_in, time_machine):
    start = timezone.now()
    time_machine.move_to(start + timedelta(days=2))
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    time_machine.move_to(start + timedelta(days=4))
    client = sign_in(cast.sam)
    then = timezone.localtime(start + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    assert answers(rights(client, cast.cora), "cancel_jobs")[""][0] is False
    assert answers(rights(client, cast.cora, at=then), "cancel_jobs")[""][0] is True


def test_a_moment_to_come_is_refused(cast, sign_in):
    assert "has not come yet" in rights(sign_in(cast.sam), cast.cora, at="2999-01-01T00:00").content.decode()


def test_one_click_resets_to_inherited(cast, sign_in):
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana)
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/reset_override/?permission=cancel_jobs&level="
    assert sign_in(cast.sam).post(url, {"_form_submitted": "True"}).status_code == 403
    assert PermissionOverride.objects.exists()
    assert sign_in(cast.dana).post(url, {"_form_submitted": "True"}).status_code == 302
    assert not PermissionOverride.objects.exists()


def test_a_narrowed_dispatcher_sees_only_her_customers(cast, sign_in):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    client = sign_in(cast.dana)
    page = rights(client, cast.cora)
    assert "Acme Builders" in page.content.decode() and "Birch Hotel" not in page.content.decode()
    assert rights(client, cast.carl).status_code == 404
    changed = client.get(f"/admin/accounts/portaluser/{cast.cora.pk}/change/").content.decode()
    assert "Birch Hotel" not in changed
    listed = client.get("/admin/accounts/portaluser/").content.decode()
    assert "Carl" not in listed and "Birch" not in listed


def test_why_says_no_and_the_chain(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    set_override(cast.cora.links.get(customer=cast.acme), "cancel_jobs", "deny", by=cast.dana, reason="Too many")
    answer = sign_in(cast.sam).get(
        "/admin/why/", {"person": cast.cora.pk, "permission": "cancel_jobs", "job": job.number}
    )
    page = answer.content.decode()
    assert "No." in page and "Too many" in page and "This decides." in page
    assert f"/admin/accounts/customerlink/{cast.cora.links.get(customer=cast.acme).pk}/change/" in page


def test_why_from_a_job_names_everybody(cast, sign_in):
    job = make_job(cast.acme, cast.exchange)
    set_override(cast.colm, "edit_jobs", "deny", by=cast.dana)
    crowds = sign_in(cast.sam).get("/admin/why/", {"job": job.number}).context["crowds"]
    said = {str(label): {str(one.person): bool(one.decision) for one in people} for label, people in crowds}
    assert said["See jobs"] == {"Cora": True, "Colm": True}
    assert said["Change jobs"] == {"Cora": True, "Colm": False}


def test_a_job_out_of_reach_is_as_if_it_were_not(cast, sign_in):
    job = make_job(cast.cedar, cast.exchange)
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    assert "There is no job" in sign_in(cast.dana).get("/admin/why/", {"job": job.number}).content.decode()


@pytest.mark.parametrize(("who", "why", "sheet"), [("nell", 403, 404), ("carl", 302, 302), ("bill", 403, 404)])
def test_others_are_refused(cast, sign_in, who, why, sheet):
    client = sign_in(getattr(cast, who))
    assert client.get("/admin/why/").status_code == why
    assert rights(client, cast.cora).status_code == sheet


def preview(client, url, **said):
    return client.post(url, {"_form_submitted": "True", "_preview": "1", **said}, headers={"HX-Request": "true"})


def test_the_dialog_shows_the_effect_and_writes_nothing(cast, sign_in):
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/set_permission/"
    page = preview(sign_in(cast.dana), url, level="", permission="cancel_jobs", effect="deny").content.decode()
    assert "Cancel jobs: 1 person loses it." in page and not PermissionOverride.objects.exists()


def test_a_bulk_action_shows_its_effect_first(cast, sign_in):
    client = sign_in(cast.dana)
    people = [cast.cora.pk, cast.colm.pk]
    said = {"action": "deny_permission", "_selected_action": people, "permission": "cancel_jobs", "index": "0"}
    page = preview(client, "/admin/accounts/portaluser/", **said).content.decode()
    assert "2 people lose it" in page and not PermissionOverride.objects.exists()
    client.post("/admin/accounts/portaluser/", said | {"_form_submitted": "True"})
    assert PermissionOverride.objects.filter(effect="deny").count() == 2


def test_taking_a_link_away_shows_its_effect_first(cast, sign_in):
    client = sign_in(cast.dana)
    link = cast.colm.links.get()
    url = f"/admin/accounts/portaluser/{cast.colm.pk}/change/"
    data = {"full_name": "Colm", "email": "colm@example.com", "phone": ""}
    for prefix in ("links", "template_access", "overrides", "overrides-2"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    data |= {"links-TOTAL_FORMS": "1", "links-INITIAL_FORMS": "1", "links-0-id": link.pk, "links-0-DELETE": "on"}
    data |= {"links-0-portal_user": cast.colm.pk}
    question = client.post(url, data)
    assert "See jobs: 1 person loses it." in question.content.decode() and cast.colm.links.exists()
    mark = question.wsgi_request.shown_effect["mark"]
    assert client.post(url, data | {"_effect_seen": mark}).status_code == 302
    assert not cast.colm.links.exists()
