from __future__ import annotations

import pytest
from django.core import mail
from django.utils import translation

from accounts.languages import language_of, languages_of
from accounts.models import User
from accounts.services import choose_language, invite_staff, make_invitation, use_invitation
from business.models import PortalSettings
from console.errors import Refused
from permissions.services import invite_portal_user, merging
from tests.accounts.test_names_kept_before import confirm, invite, pause, reset, second_step, staff
from tests.alerts.mails import send_mails

GERMAN = {"Accept-Language": "de"}
ENGLISH = {"Accept-Language": "en"}


def test_cora_chooses_german_on_her_own_page_whatever_her_browser_asks(cast, sign_in):
    client = sign_in(cast.cora)
    said = {"name": cast.cora.user.full_name, "phone": "", "language": "de"}
    answer = client.post("/me/details/", said, headers=ENGLISH, follow=True).content.decode()
    assert "Ihre Angaben sind gespeichert." in answer
    assert '<html lang="de">' in client.get("/", headers=ENGLISH).content.decode()
    assert "Deutsch" in client.get("/me/", headers=ENGLISH).content.decode()


def test_cora_goes_back_to_what_her_browser_asks(cast, sign_in):
    choose_language(cast.cora.user, "de", by=cast.cora.user)
    client = sign_in(cast.cora)
    client.post("/me/details/", {"name": "Cora", "phone": "", "language": ""}, headers=ENGLISH)
    assert '<html lang="en">' in client.get("/", headers=ENGLISH).content.decode()
    assert '<html lang="de">' in client.get("/", headers=GERMAN).content.decode()


@pytest.mark.parametrize("who", ["dana", "nell"])
def test_staff_choose_in_the_menu_of_the_console(cast, sign_in, who):
    client = sign_in(getattr(cast, who))
    assert 'href="/admin/language/"' in client.get("/admin/", headers=ENGLISH).content.decode()
    assert "Deutsch" in client.get("/admin/language/", headers=ENGLISH).content.decode()
    page = client.post("/admin/language/", {"language": "de"}, headers=ENGLISH, follow=True).content.decode()
    assert "Ihre Sprache ist gespeichert." in page and '<html lang="de' in page
    person = User.objects.get(pk=getattr(cast, who).pk)
    assert person.history.first().language == "de" and person.history.first().actor == str(person)


def test_the_page_of_the_console_is_for_staff_alone(cast, sign_in, client):
    for someone in (sign_in(cast.carl), client):
        assert someone.post("/admin/language/", {"language": "de"}).status_code == 302
    assert not User.objects.exclude(language="").exists()


def test_looking_at_the_page_chooses_nothing(cast, sign_in):
    sign_in(cast.dana).get("/admin/language/?language=de", headers=ENGLISH)
    assert User.objects.get(pk=cast.dana.pk).language == ""


def test_a_language_we_do_not_have_is_refused(cast, sign_in):
    with pytest.raises(Refused):
        choose_language(cast.dana, "fr", by=cast.dana)
    page = sign_in(cast.dana).post("/admin/language/", {"language": "fr"}, headers=ENGLISH)
    assert page.status_code == 200
    assert User.objects.get(pk=cast.dana.pk).language == ""


def test_an_invitation_speaks_the_language_of_whoever_gets_it(cast):
    choose_language(cast.colm.user, "de", by=cast.olivia)
    mail.outbox.clear()
    make_invitation(cast.colm.user, by=cast.olivia)
    send_mails()
    assert mail.outbox[-1].subject.startswith("Legen Sie Ihr Passwort")
    assert "Der Link gilt bis" in mail.outbox[-1].body
    make_invitation(cast.carl.user, by=cast.olivia)
    send_mails()
    assert mail.outbox[-1].subject.startswith("Create your password")


def test_who_chose_none_is_written_to_in_the_language_of_the_business(cast, settings):
    settings.LANGUAGE_CODE = "de"
    make_invitation(cast.carl.user, by=cast.olivia)
    send_mails()
    assert mail.outbox[-1].subject.startswith("Legen Sie Ihr Passwort")
    choose_language(cast.carl.user, "en", by=cast.olivia)
    make_invitation(cast.carl.user, by=cast.olivia)
    send_mails()
    assert mail.outbox[-1].subject.startswith("Create your password")


@pytest.mark.parametrize("cause", [invite, confirm, staff, reset, second_step, pause])
def test_every_mail_to_a_person_is_in_their_language_whoever_causes_it(cast, settings, cause):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    choose_language(cast.cora.user, "de", by=cast.olivia)
    cast.cora.user.refresh_from_db()
    mail.outbox.clear()
    cause(cast)
    (letter,) = mail.outbox
    assert any(word in f" {letter.body} " for word in (" Sie ", " Ihr ", " Ihre ")), letter.body
    assert not any(word in f" {letter.subject} {letter.body} " for word in (" you ", " your ", "Your ", "Hello"))


def test_whoever_joins_in_german_stays_german(cast, client):
    made = invite_portal_user(email="dora@example.com", name="Dora", customers=[cast.acme], by=cast.olivia)
    said = {"full_name": "Dora", "phone": "", "password": "Kiel im Regen"}
    client.post(f"/join/{made.invitation.token}/", said, headers=GERMAN)
    assert User.objects.get(email="dora@example.com").language == "de"


def test_joining_does_not_undo_a_choice(cast):
    choose_language(cast.colm.user, "en", by=cast.colm.user)
    invitation = make_invitation(cast.colm.user, by=cast.olivia)
    assert use_invitation(invitation, password="Kiel im Regen", language="de").language == "en"


def test_whoever_signs_up_in_german_gets_a_german_mail(cast, client, committed):
    PortalSettings.objects.update(access=PortalSettings.Access.PUBLIC)
    said = {"full_name": "Dora", "email": "dora@example.com", "password": "Kiel im Regen", "phone": "+49 40 555123"}
    client.post("/signup/", said | {"company": "D", "address": "Weg 1"}, headers=GERMAN)
    dora = User.objects.get(email="dora@example.com")
    assert dora.language == "de"
    send_mails()
    assert mail.outbox[-1].subject.startswith("Bestätigen Sie Ihre Adresse")


def test_an_administrator_sets_the_language_of_staff(cast, sign_in):
    made = invite_staff(email="gerd@example.com", name="Gerd", roles=[], by=cast.olivia, language="de")
    assert made.language == "de"
    assert 'name="language"' in sign_in(cast.olivia).get(f"/admin/accounts/user/{made.pk}/change/").content.decode()


def test_languages_are_found_by_address_in_one_query(cast, django_assert_num_queries):
    choose_language(cast.cora.user, "de", by=cast.cora.user)
    with django_assert_num_queries(1):
        assert languages_of([" CORA@example.com ", "carl@example.com", ""]) == {"cora@example.com": "de"}
    with django_assert_num_queries(0):
        assert languages_of([]) == {}
    assert language_of(None) == "en"


def test_history_is_kept_in_the_language_of_the_business(cast):
    with translation.override("de"):
        merging.merge_customers(cast.acme, cast.birch, choices={}, by=cast.olivia)
    reason = cast.acme.history.model.objects.exclude(history_change_reason=None).latest("history_id")
    assert reason.history_change_reason == "Customers merged"
