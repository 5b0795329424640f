from __future__ import annotations

from audit.act import Source
from business.catalogue import PORTAL_PERMISSIONS
from permissions.models import PermissionOverride
from portal_site.own_rights import LEFT_OUT, WORDS


def test_it_says_what_she_may_do_for_each_account(cast, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="cancel_jobs", effect="deny")
    response = sign_in(cast.cora).get("/me/")
    assert response.context["columns"] == ["Acme Builders", "Birch Hotel"]
    right = next(right for right in response.context["rights"] if right.row.permission.code == "cancel_jobs")
    assert [cell.decision.allowed for cell in right.row.cells] == [False, True]
    page = response.content.decode()
    assert "Cancel a job before it begins" in page
    assert "Up to 24 hours before it; later you ask us." in page
    assert "Skip exchange" in page, "the kinds of job she has"
    assert "Site inspection" not in page


def test_every_permission_has_the_words_of_a_customer_or_a_reason():
    assert set(PORTAL_PERMISSIONS) == set(WORDS) | set(LEFT_OUT)
    assert not set(WORDS) & set(LEFT_OUT)


def test_colm_with_one_account_reads_one_column(cast, sign_in):
    PermissionOverride.objects.create(portal_user=cast.colm, permission="create_jobs", effect="deny")
    response = sign_in(cast.colm).get("/me/")
    assert response.context["columns"] == []
    right = next(right for right in response.context["rights"] if right.row.permission.code == "create_jobs")
    assert not right.row.cells[0].decision.allowed


def test_her_colleagues_are_one_click_away_if_she_may(cast, sign_in):
    assert 'href="/colleagues/"' not in sign_in(cast.cora).get("/me/").content.decode()
    PermissionOverride.objects.create(portal_user=cast.cora, permission="manage_colleagues", effect="allow")
    assert 'href="/colleagues/"' in sign_in(cast.cora).get("/me/").content.decode()


def test_it_says_whether_two_factor_is_on(cast, sign_in):
    page = sign_in(cast.cora).get("/me/").content.decode()
    assert 'href="/me/two-factor/"' in page
    assert "With it a stolen password opens nothing" in page


def test_she_changes_her_name_and_number_but_not_her_address(cast, sign_in):
    client = sign_in(cast.cora)
    client.post("/me/details/", {"name": "Cora Calder", "phone": "040 123", "email": "evil@example.com"})
    cast.cora.user.refresh_from_db()
    user = cast.cora.user
    assert (user.full_name, user.phone, user.email) == ("Cora Calder", "040 123", "cora@example.com")
    row = user.history.first()
    assert (row.history_user, row.history_source) == (user, Source.PORTAL)


def test_without_a_name_nothing_is_saved(cast, sign_in):
    response = sign_in(cast.cora).post("/me/details/", {"name": " ", "phone": ""})
    assert response.context["form"].errors
    cast.cora.user.refresh_from_db()
    assert cast.cora.user.full_name


def test_signing_out_everywhere_leaves_her_here(cast, sign_in):
    here, elsewhere = sign_in(cast.cora), sign_in(cast.cora)
    assert here.get("/me/sign-out-everywhere/").status_code == 405
    assert here.post("/me/sign-out-everywhere/").status_code == 302
    assert here.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
