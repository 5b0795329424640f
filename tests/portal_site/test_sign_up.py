from __future__ import annotations

import pytest

from accounts.choices import PortalUserState
from accounts.models import Customer, Invitation, PortalUser, User
from business.models import PortalSettings

GOOD = "the gate is green"


@pytest.fixture
def public(portal):
    portal.access = PortalSettings.Access.PUBLIC
    portal.save()
    return portal


def fill(**changed):
    return {"full_name": "Vera", "email": "Vera@new.example", "phone": "040 1", "password": GOOD, **changed}


def test_a_private_portal_has_no_sign_up(portal, client):
    assert client.get("/signup/").status_code == 404
    assert client.post("/signup/", fill()).status_code == 404
    assert not User.objects.filter(email="vera@new.example").exists()


def test_the_login_page_leads_there_when_it_is_public(public, client):
    assert "/signup/" in client.get("/login/").content.decode()


def test_she_waits_until_she_followed_the_mail(public, client):
    assert client.post("/signup/", fill())["Location"] == "/signup/sent/"
    person = PortalUser.objects.get(user__email="vera@new.example")
    assert person.state == PortalUserState.AWAITING and not person.links.exists()
    assert client.post("/login/", {"username": "vera@new.example", "password": GOOD}).status_code == 200
    url = Invitation.objects.get().url
    client.get(url)
    person.refresh_from_db()
    assert person.state == PortalUserState.AWAITING
    client.post(url, {"password": GOOD})
    person.refresh_from_db()
    assert person.state == PortalUserState.ACTIVE


def test_who_does_not_know_the_password_does_not_get_in_by_the_mail(public, client):
    client.post("/signup/", fill())
    page = client.post(Invitation.objects.get().url, {"password": "something else"})
    assert "not the password you chose" in page.content.decode()
    assert PortalUser.objects.get().state == PortalUserState.AWAITING


def test_only_what_the_settings_demand_is_asked(public, client):
    public.signup_asks_phone, public.signup_asks_company, public.signup_asks_address = False, True, True
    public.save()
    page = client.get("/signup/")
    assert list(page.context["form"].fields) == ["full_name", "email", "company", "address", "password"]
    wrong = client.post("/signup/", fill())
    assert set(wrong.context["form"].errors) == {"company", "address"}
    client.post("/signup/", fill(company="Vera & Co", address="1 Mill Lane"))
    person = PortalUser.objects.get()
    assert (person.company, person.address) == ("Vera & Co", "1 Mill Lane")


def test_the_answer_is_the_same_for_a_known_address(public, cast, client):
    known = client.post("/signup/", fill(email="cora@example.com"))
    unknown = client.post("/signup/", fill())
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    cast.cora.user.refresh_from_db()
    assert not cast.cora.user.check_password(GOOD) and not Invitation.objects.filter(user=cast.cora.user).exists()


def test_she_is_never_matched_to_a_customer(public, cast, client):
    client.post("/signup/", fill(email="site@acme.example", full_name="Acme Builders"))
    client.post(Invitation.objects.get().url, {"password": GOOD})
    assert not PortalUser.objects.get(user__email="site@acme.example").links.exists()


def test_a_customer_of_her_own_when_the_settings_say_so(public, cast, client):
    public.new_customer_for_signup = True
    public.signup_asks_company = True
    public.save()
    client.post("/signup/", fill(company="Acme Builders"))
    assert Customer.objects.filter(name="Acme Builders").count() == 1
    client.post(Invitation.objects.get().url, {"password": GOOD})
    link = PortalUser.objects.get(user__email="vera@new.example").links.get()
    assert link.customer != cast.acme and link.customer.name == "Acme Builders"
    assert link.customer.contacts.get().email == "vera@new.example"


def test_a_password_is_refused_with_the_reason(public, client):
    page = client.post("/signup/", fill(password="password")).content.decode()
    assert "too common" in page and not PortalUser.objects.exists()


def test_many_sign_ups_from_one_place_are_stopped(public, client):
    codes = {client.post("/signup/", fill(email=f"v{n}@new.example")).status_code for n in range(23)}
    assert codes == {302, 429} and PortalUser.objects.count() == 20
