from __future__ import annotations

from audit.act import Road
from permissions.models import PermissionOverride


def test_it_says_what_she_may_do_for_each_account(cast, sign_in):
    link = cast.cora.links.get(customer=cast.acme)
    PermissionOverride.objects.create(link=link, permission="cancel_jobs", effect="deny")
    response = sign_in(cast.cora).get("/me/")
    assert response.context["columns"] == ["Acme Builders", "Birch Hotel"]
    row = next(row for row in response.context["rows"] if row.permission.code == "cancel_jobs")
    assert [cell.decision.allowed for cell in row.cells] == [False, True]
    assert "Act for every customer" not in response.content.decode()


def test_she_changes_her_name_and_number_but_not_her_address(cast, sign_in):
    client = sign_in(cast.cora)
    client.post("/me/details/", {"name": "Cora Calder", "phone": "040 123", "email": "evil@example.com"})
    cast.cora.user.refresh_from_db()
    user = cast.cora.user
    assert (user.full_name, user.phone, user.email) == ("Cora Calder", "040 123", "cora@example.com")
    row = user.history.first()
    assert (row.history_user, row.road) == (user, Road.PORTAL)


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
