"""A double click on Save, or Back and Save, makes one record; on every page and button that makes something."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Customer, Label, User
from console.models import SentForm
from jobs.models import Job
from tests.console.forms import filled
from tests.console.new_records import TYPED, add_address, key_on, open_form, pages, said

# Pages without a form of Django's for a new record, and what makes one there.
OTHERWISE = {"imports.ImportRun": "the upload, below"}


def test_every_page_on_which_somebody_adds_a_record_is_in_the_table(cast, sign_in):
    olivia = sign_in(cast.olivia)
    adding = {label for label in pages() if olivia.get(add_address(label)).status_code != 403}
    assert adding == set(TYPED) | set(OTHERWISE)


@pytest.mark.parametrize("label", TYPED)
def test_sent_twice_a_form_makes_one_record_and_leads_to_its_page(cast, sign_in, label):
    olivia, page = sign_in(cast.olivia), pages()[label]
    before = set(page.model.objects.values_list("pk", flat=True))
    typed = open_form(olivia, label, cast)
    first = olivia.post(add_address(label), typed)
    assert first.status_code == 302, first.context["adminform"].form.errors
    (made,) = page.model.objects.exclude(pk__in=before)
    jobs = Job.objects.count()
    second = olivia.post(add_address(label), typed)
    assert list(page.model.objects.exclude(pk__in=before)) == [made] and Job.objects.count() == jobs
    assert (second.status_code, second.url) == (302, page.change_url(made))
    assert said(second)[-1] == f"This was saved already: {made}."


@pytest.mark.parametrize("label", TYPED)
def test_saved_and_another_begins_with_a_key_of_its_own(cast, sign_in, label):
    olivia = sign_in(cast.olivia)
    assert key_on(olivia.get(add_address(label))) != key_on(olivia.get(add_address(label)))


def test_save_and_add_another_makes_two_and_its_double_click_none(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.Label", cast) | {"_addanother": "1"}
    assert "/label/add/" in olivia.post(add_address("accounts.Label"), typed).url
    again = olivia.post(add_address("accounts.Label"), typed)
    assert "/label/add/" in again.url and said(again)[-1] == "This was saved already: VIP."
    other = open_form(olivia, "accounts.Label", cast) | {"name": "Cash only", "_addanother": "1"}
    assert olivia.post(add_address("accounts.Label"), other).status_code == 302
    assert sorted(Label.objects.values_list("name", flat=True)) == ["Cash only", "VIP"]


def test_a_refused_form_is_sent_again_with_the_same_key(cast, sign_in):
    dana = sign_in(cast.dana)
    typed = open_form(dana, "accounts.Customer", cast)
    refused = dana.post(add_address("accounts.Customer"), typed | {"name": ""})
    assert refused.status_code == 200 and key_on(refused) == typed["_once"] and not SentForm.objects.exists()
    assert dana.post(add_address("accounts.Customer"), typed).status_code == 302
    dana.post(add_address("accounts.Customer"), typed)
    assert Customer.objects.filter(name="Dorn Hotel").count() == 1


def test_what_a_service_refuses_is_sent_again_too(cast, sign_in, monkeypatch):
    from accounts import services
    from console.errors import Refused

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise Refused("Not on a Sunday.")

    dana = sign_in(cast.dana)
    typed = open_form(dana, "accounts.Customer", cast)
    with monkeypatch.context() as patched:
        patched.setattr(services, "save_customer", refuse)
        assert "Not on a Sunday." in dana.post(add_address("accounts.Customer"), typed).content.decode()
    assert dana.post(add_address("accounts.Customer"), typed).status_code == 302
    assert Customer.objects.filter(name="Dorn Hotel").count() == 1


def test_gone_back_and_typed_something_else_nothing_is_saved_or_lost(cast, sign_in):
    """Whoever uses Back to copy a record is told, and makes the second one with one more press."""
    dana = sign_in(cast.dana)
    typed = open_form(dana, "accounts.Customer", cast)
    dana.post(add_address("accounts.Customer"), typed)
    other = typed | {"name": "Dorn Hotel East"}
    told = dana.post(add_address("accounts.Customer"), other)
    page = told.content.decode()
    assert (
        told.status_code == 200 and "This was saved already: Dorn Hotel." in page and 'value="Dorn Hotel East"' in page
    )
    assert not Customer.objects.filter(name="Dorn Hotel East").exists()
    fresh = other | {"_once": key_on(told)}
    assert fresh["_once"] != typed["_once"]
    for _click in "12":
        dana.post(add_address("accounts.Customer"), fresh)
    assert Customer.objects.filter(name__startswith="Dorn").count() == 2


def test_in_a_small_window_the_second_press_chooses_what_the_first_made(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.Label", cast) | {"_popup": "1"}
    for _click in "12":
        answer = olivia.post(add_address("accounts.Label") + "?_popup=1", typed)
        assert answer.status_code == 200 and "VIP" in answer.content.decode()
    assert Label.objects.count() == 1


@pytest.mark.parametrize("wanted", ["password", "is_superuser", "groups__name"])
def test_in_a_small_window_the_second_press_tells_no_column_that_nobody_refers_to(cast, sign_in, wanted):
    olivia, address = sign_in(cast.olivia), reverse("admin:accounts_user_change", args=[cast.dana.pk])
    typed = filled(olivia.get(address))
    assert olivia.post(address, typed).status_code == 302
    answer = olivia.post(address, typed | {"_popup": "1", "_to_field": wanted})
    assert answer.status_code == 400 and cast.dana.password not in answer.content.decode()


def test_new_rows_on_a_records_page_are_made_once(cast, sign_in):
    dana, address = sign_in(cast.dana), reverse("admin:accounts_customer_change", args=[cast.acme.pk])
    typed = filled(dana.get(address))
    row = int(typed["contacts-TOTAL_FORMS"])
    typed |= {"contacts-TOTAL_FORMS": row + 1, f"contacts-{row}-name": "Zoe", f"contacts-{row}-customer": cast.acme.pk}
    first = dana.post(address, typed)
    assert first.status_code == 302, first.context["errors"]
    second = dana.post(address, typed)
    assert (second.status_code, second.url) == (302, address)
    assert said(second)[-1] == "This was saved already: Acme Builders."
    assert cast.acme.contacts.filter(name="Zoe").count() == 1


def test_gone_back_to_a_record_and_changed_more_of_it_is_a_change_of_its_own(cast, sign_in):
    olivia, label = sign_in(cast.olivia), Label.objects.create(name="VIP")
    address = reverse("admin:accounts_label_change", args=[label.pk])
    typed = filled(olivia.get(address))
    for name, seen in (("Gold", "Gold"), ("Gold", "Gold")):
        olivia.post(address, typed | {"name": name})
        assert Label.objects.get().name == seen
    stale = olivia.post(address, typed | {"name": "Silver"})
    assert stale.status_code == 200 and "after you had opened it" in stale.content.decode()
    assert olivia.post(address, filled(stale) | {"name": "Silver"}).status_code == 302
    assert Label.objects.get().name == "Silver"


# --- whose key it is


def test_a_form_without_a_key_is_taken_as_it_is(cast, sign_in):
    """A page that was opened before the update, a program: a key guards people against their own second press only."""
    dana = sign_in(cast.dana)
    for key in ({}, {"_once": ""}, {"_once": "x" * 500}, {"_once": "' OR 1=1"}, {"_once": "é" * 32}):
        typed = {**open_form(dana, "jobs.Job", cast)}
        del typed["_once"]
        assert dana.post(add_address("jobs.Job"), typed | key).status_code == 302
    assert Job.objects.count() == 5 and not SentForm.objects.exists()


def test_colleagues_key_is_hers_and_tells_nobody_else_anything(cast, sign_in):
    olivia, dana = sign_in(cast.olivia), sign_in(cast.dana)
    typed = open_form(olivia, "jobs.Job", cast)
    olivia.post(add_address("jobs.Job"), typed | {"notes": "Hers"})
    answer = dana.post(add_address("jobs.Job"), typed | {"notes": "Dana's own"})
    assert answer.status_code == 302 and not [one for one in said(answer) if "already" in one]
    assert all(Job.objects.filter(notes__contains=notes).count() == 1 for notes in ("Hers", "Dana's own"))


def test_a_key_of_another_form_is_as_good_as_a_new_one(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.Label", cast)
    olivia.post(add_address("accounts.Label"), typed)
    worker = open_form(olivia, "accounts.Worker", cast) | {"_once": typed["_once"]}
    answer = olivia.post(add_address("accounts.Worker"), worker)
    assert answer.status_code == 302 and not [one for one in said(answer) if "already" in one]


def test_nell_learns_nothing_by_a_key_and_whoever_may_no_longer_add_nothing_by_her_own(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.Label", cast)
    olivia.post(add_address("accounts.Label"), typed)
    assert sign_in(cast.nell).post(add_address("accounts.Label"), typed).status_code == 403
    cast.olivia.groups.clear()
    User.objects.filter(pk=cast.olivia.pk).update(is_superuser=False)
    assert olivia.post(add_address("accounts.Label"), typed).status_code == 403


def test_what_was_deleted_since_is_not_made_again_and_not_named(cast, sign_in):
    olivia = sign_in(cast.olivia)
    typed = open_form(olivia, "accounts.Label", cast)
    olivia.post(add_address("accounts.Label"), typed)
    Label.objects.all().delete()
    answer = olivia.post(add_address("accounts.Label"), typed)
    assert answer.url == reverse("admin:accounts_label_changelist")
    assert said(answer)[-1] == "This was saved already." and not Label.objects.exists()


# --- buttons that make something
