"""What a link made again would do counts the decisions that come back with it, for whoever may read them."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from console.reader import UNLIMITED, StaffReader
from permissions.impact import foresee, linked
from permissions.services import grant, set_override
from permissions.services.kept_decisions import kept_words, returning_decisions, returning_words
from permissions.services.portal_users import link_customer, unlink_customer
from tests.console.forms import filled

ADD = "/admin/accounts/customerlink/add/"


@pytest.fixture
def gone(cast):
    """Colm was denied one thing at Acme, and allowed another, before he was taken off."""
    link = cast.colm.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia, reason="Too many")
    set_override(link, "view_worker", "allow", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    return cast.colm


def narrowed(person, customer, by):
    person.only_granted_customers = True
    person.save()
    grant(person, customer, change=True, by=by)
    return StaffReader(type(person).objects.get(pk=person.pk))


def gained(forecast):
    return {effect.label for effect in forecast.permissions if effect.gains}


def test_a_new_link_is_foreseen_with_what_comes_back(cast, gone):
    with_them = foresee([gone], linked(cast.acme.pk, returning_decisions(gone, cast.acme, UNLIMITED)), UNLIMITED)
    without = foresee([gone], linked(cast.acme.pk), UNLIMITED)
    assert gained(without) - gained(with_them) == {"Cancel jobs"}
    assert len(gained(with_them) - gained(without)) == 1


def test_two_new_links_keep_their_decisions_apart(cast, gone):
    birch = linked(cast.birch.pk, {"edit_jobs": False})
    acme = linked(cast.acme.pk, {"cancel_jobs": False})

    def both(person, rights):
        rights = birch(person, acme(person, rights))
        assert cast.acme.pk not in rights.customers_allowing("cancel_jobs")
        assert cast.birch.pk in rights.customers_allowing("cancel_jobs")
        assert cast.birch.pk not in rights.customers_allowing("edit_jobs")
        return rights

    assert foresee([gone], both, UNLIMITED)


def test_a_link_there_is_changes_nothing(cast):
    assert not foresee([cast.cora], linked(cast.acme.pk, {"cancel_jobs": False}), UNLIMITED)


def test_the_persons_page_counts_them_before_it_saves(cast, gone, sign_in):
    client = sign_in(cast.dana)
    url = f"/admin/accounts/portaluser/{gone.pk}/change/"
    data = {"full_name": "Colm", "email": "colm@example.com", "phone": ""}
    for prefix in ("links", "template_access", "overrides", "overrides-2"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    data |= {"links-TOTAL_FORMS": "1", "links-0-portal_user": gone.pk, "links-0-customer": cast.acme.pk}
    question = client.post(url, data)
    text = question.content.decode()
    assert "2 decisions about Colm at Acme Builders from before apply again." in text
    assert "See jobs: 1 person gains it." in text and "Cancel jobs: 1 person gains it." not in text
    assert "bg-red-500 inline-flex" not in text, "a question is no error, on no tab"
    wrong = client.post(url, data | {"email": "no address"}).content.decode()
    assert "bg-red-500 inline-flex" in wrong
    assert not gone.links.exists()
    seen = {"_effect_seen": question.wsgi_request.shown_effect["mark"]}
    assert client.post(url, data | seen).status_code == 302
    assert gone.links.get().overrides.count() == 2


def _taken_off(client, person):
    """The page of a person, posted with the box that removes their only link."""
    url = f"/admin/accounts/portaluser/{person.pk}/change/"
    data = filled(client.get(url)) | {"links-0-DELETE": "on"}
    return client.post(url, data)


def test_the_persons_page_says_what_is_kept_before_a_link_goes(cast, sign_in):
    link = cast.colm.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia)
    set_override(link, "edit_jobs", "deny", by=cast.olivia)
    set_override(link, "edit_jobs", None, by=cast.olivia)
    text = _taken_off(sign_in(cast.dana), cast.colm).content.decode()
    assert "1 decision is kept and applies again if Colm is linked to Acme Builders again." in text
    assert cast.colm.links.filter(pk=link.pk).exists()


def test_the_persons_page_says_nothing_of_decisions_where_there_are_none(cast, sign_in):
    text = _taken_off(sign_in(cast.dana), cast.colm).content.decode()
    assert "Nothing is saved yet" in text or "_effect_seen" in text
    assert "applies again if" not in text


KEPT = "1 decision is kept and applies again if Colm is linked to Acme Builders again."


def test_the_page_that_asks_before_a_link_is_deleted_says_what_is_kept(cast, sign_in):
    link = cast.colm.links.get(customer=cast.acme)
    client, url = sign_in(cast.olivia), f"/admin/accounts/customerlink/{link.pk}/delete/"
    assert "is kept" not in client.get(url).content.decode()
    set_override(link, "cancel_jobs", "deny", by=cast.olivia)
    assert KEPT in client.get(url).content.decode()
    assert KEPT in client.post(url, {"post": "yes"}, follow=True).content.decode()


def test_the_page_of_a_customer_asks_before_a_link_with_decisions_goes(cast, sign_in):
    link = cast.colm.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia)
    client, url = sign_in(cast.dana), f"/admin/accounts/customer/{cast.acme.pk}/change/"
    data = filled(client.get(url))
    row = next(
        name
        for name, value in data.items()
        if name.startswith("links-") and name.endswith("-id") and str(value) == str(link.pk)
    )
    data |= {f"{row.removesuffix('-id')}-DELETE": "on"}
    question = client.post(url, data)
    assert KEPT in question.content.decode() and cast.colm.links.filter(pk=link.pk).exists()
    seen = {"_effect_seen": question.wsgi_request.shown_effect["mark"]}
    assert client.post(url, data | seen).status_code == 302
    assert not cast.colm.links.filter(pk=link.pk).exists()


def test_who_may_not_read_overrides_is_told_nothing_of_what_is_kept(cast):
    link = cast.colm.links.get(customer=cast.acme)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia)
    cast.nell.user_permissions.add(*Permission.objects.filter(codename__in=["delete_customerlink", "view_customer"]))
    assert kept_words(link, StaffReader(type(cast.nell).objects.get(pk=cast.nell.pk))) == ""
    assert kept_words(link, narrowed(cast.dana, cast.birch, cast.olivia)) == ""
    assert kept_words(link, UNLIMITED).startswith("1 decision is kept")


@pytest.mark.parametrize("place", ["link", "customer"])
def test_the_pages_of_a_link_and_of_a_customer_ask_once(cast, gone, sign_in, place):
    client = sign_in(cast.dana)
    if place == "link":
        url = ADD
        data = filled(client.get(url)) | {"portal_user": gone.pk, "customer": cast.acme.pk}
    else:
        url = f"/admin/accounts/customer/{cast.acme.pk}/change/"
        data = filled(client.get(url))
        at = int(data["links-TOTAL_FORMS"])
        data |= {"links-TOTAL_FORMS": at + 1, f"links-{at}-customer": cast.acme.pk, f"links-{at}-portal_user": gone.pk}
    question = client.post(url, data)
    assert "2 decisions about Colm at Acme Builders from before apply again." in question.content.decode()
    assert not gone.links.exists()
    seen = {"_effect_seen": question.wsgi_request.shown_effect["mark"]}
    assert client.post(url, data | seen).status_code == 302
    assert gone.links.exists()


def test_a_link_that_brings_nothing_back_is_made_at_once(cast, sign_in):
    client = sign_in(cast.dana)
    data = filled(client.get(ADD)) | {"portal_user": cast.carl.pk, "customer": cast.acme.pk}
    assert client.post(ADD, data).status_code == 302
    assert cast.carl.links.filter(customer=cast.acme).exists()


def test_a_reader_narrowed_to_birch_is_told_nothing_of_acme(cast, gone):
    dana = narrowed(cast.dana, cast.birch, cast.olivia)
    assert returning_decisions(gone, cast.acme, dana) == {}
    assert returning_words(gone, cast.acme, dana) == ""
    forecast = foresee([gone], linked(cast.acme.pk, returning_decisions(gone, cast.acme, dana)), dana)
    assert not any(effect.gains or effect.loses or effect.keeps for effect in forecast.permissions)


def test_narrowed_to_birch_she_reads_no_name_when_she_links_to_birch(cast, gone, sign_in):
    link = link_customer(gone, cast.birch, by=cast.olivia)
    set_override(link, "edit_jobs", "deny", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    narrowed(cast.dana, cast.birch, cast.olivia)
    dana = StaffReader(type(cast.dana).objects.get(pk=cast.dana.pk))
    said = returning_words(gone, cast.birch, dana)
    assert said.startswith("1 decision about ") and "Acme" not in said
    data = filled(sign_in(dana.user).get(ADD)) | {"portal_user": gone.pk, "customer": cast.acme.pk}
    answer = sign_in(dana.user).post(ADD, data)
    assert answer.status_code == 200 and "from before" not in answer.content.decode()
    assert "Acme" not in answer.content.decode()


def test_who_may_not_read_overrides_is_told_none(cast, gone):
    cast.nell.user_permissions.add(*Permission.objects.filter(codename__in=["add_customerlink", "view_customer"]))
    nell = StaffReader(type(cast.nell).objects.get(pk=cast.nell.pk))
    assert returning_words(gone, cast.acme, nell) == "" and returning_decisions(gone, cast.acme, nell) == {}
