from __future__ import annotations

import pytest

from accounts.models import PortalUser, User, ViewAs
from console.errors import NotAllowed
from permissions.services import grant, link_customer, set_override, start_view_as
from tests.factories import make_job


@pytest.fixture
def look(cast, sign_in):
    """Dana, looking through Cora's eyes."""
    client = sign_in(cast.dana)
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/view_as/"
    answer = client.post(url, {"reason": "She called", "_form_submitted": "True"})
    assert answer["Location"] == "/"
    return client


def test_she_sees_what_cora_sees(cast, look):
    mine, other = make_job(cast.acme, cast.exchange), make_job(cast.cedar, cast.exchange)
    page = look.get("/jobs/").content.decode()
    assert mine.number in page and other.number not in page
    assert "You see this site as <strong>Cora</strong>" in page and "Stop looking" in page
    assert look.get(f"/jobs/{other.number}/").status_code == 404


def test_the_server_refuses_every_unsafe_method(cast, look):
    job = make_job(cast.acme, cast.exchange)
    for url in (f"/jobs/{job.number}/cancel/", "/accounts/switch/", "/me/password/", "/logout/", "/nothing/at/all/"):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(look, method)(url, {"reason": "-", "words": "x"}).status_code == 403
    job.refresh_from_db()
    assert job.is_open


def test_it_is_written_down_with_both_names(cast, look):
    row = ViewAs.history.get()
    assert (row.actor, row.label, row.history_change_reason) == ("Dana", "Dana as Cora", "She called")


def test_it_is_never_counted_as_her_visit(cast, look):
    look.get("/jobs/")
    assert PortalUser.objects.get(pk=cast.cora.pk).last_seen_at is None


def test_the_way_out(cast, look):
    assert look.post("/view-as/stop/")["Location"] == f"/admin/accounts/portaluser/{cast.cora.pk}/change/"
    assert ViewAs.objects.get().ended_at is not None
    assert "You see this site as" not in look.get("/").content.decode()


def test_who_loses_the_right_loses_the_look(cast, look):
    cast.dana.groups.clear()
    assert "You see this site as" not in look.get("/").content.decode()


def test_asking_writes_nothing(cast, sign_in):
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/view_as/"
    assert sign_in(cast.dana).get(url).status_code == 200 and not ViewAs.objects.exists()


def test_a_narrowed_dispatcher_looks_only_at_her_people(cast, sign_in):
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    url = f"/admin/accounts/portaluser/{cast.carl.pk}/view_as/"
    assert sign_in(cast.dana).post(url, {"_form_submitted": "True"}).status_code == 404


def narrowed(cast, *customers):
    """Dana, who works with these customers only."""
    User.objects.filter(pk=cast.dana.pk).update(only_granted_customers=True)
    for customer in customers:
        grant(cast.dana, customer, change=True, by=cast.olivia)
    return User.objects.get(pk=cast.dana.pk)


def test_through_nobodys_eyes_does_she_see_other_customers(cast):
    dana = narrowed(cast, cast.acme)
    with pytest.raises(NotAllowed):
        start_view_as(cast.cora, by=dana)
    assert start_view_as(cast.colm, by=dana).portal_user == cast.colm


def test_a_grant_of_the_person_does_not_show_her_customers(cast):
    dana = narrowed(cast, cast.acme)
    grant(dana, cast.cora, change=True, by=cast.olivia)
    with pytest.raises(NotAllowed):
        start_view_as(cast.cora, by=dana)


def test_to_see_a_customer_is_not_to_look_through_her_people(cast):
    dana = narrowed(cast)
    grant(dana, cast.acme, change=False, by=cast.olivia)
    with pytest.raises(NotAllowed):
        start_view_as(cast.colm, by=dana)


def test_who_acts_for_any_customer_shows_too_much(cast):
    set_override(cast.colm, "any_customer", "allow", by=cast.olivia)
    with pytest.raises(NotAllowed):
        start_view_as(cast.colm, by=narrowed(cast, cast.acme))


def test_who_sees_only_some_templates_sees_no_more_through_her(cast):
    User.objects.filter(pk=cast.dana.pk).update(only_granted_templates=True)
    dana = User.objects.get(pk=cast.dana.pk)
    with pytest.raises(NotAllowed):
        start_view_as(cast.colm, by=dana)
    grant(dana, cast.exchange, change=False, by=cast.olivia)
    assert start_view_as(cast.colm, by=dana)


def test_the_look_ends_when_the_person_gets_another_customer(cast, sign_in):
    client = sign_in(narrowed(cast, cast.acme))
    url = f"/admin/accounts/portaluser/{cast.colm.pk}/view_as/"
    client.post(url, {"reason": "She called", "_form_submitted": "True"})
    assert "You see this site as" in client.get("/").content.decode()
    link_customer(cast.colm, cast.cedar, by=cast.olivia)
    assert "You see this site as" not in client.get("/").content.decode()


@pytest.mark.parametrize(("who", "code"), [("sam", 403), ("nell", 404), ("bill", 404), ("carl", 302)])
def test_others_are_refused(cast, sign_in, who, code):
    client = sign_in(getattr(cast, who))
    url = f"/admin/accounts/portaluser/{cast.cora.pk}/view_as/"
    assert client.post(url, {"_form_submitted": "True"}).status_code == code
    assert not ViewAs.objects.exists()


def test_nobody_leaves_what_she_never_began(cast, sign_in):
    assert sign_in(cast.cora).post("/view-as/stop/").status_code == 404
