from __future__ import annotations

from accounts.models import Contact, PortalUser
from permissions.services.inviting_many import invite_contacts


def test_by_ticking_contacts(cast, sign_in):
    contact = cast.acme.contacts.get()
    Contact.objects.create(customer=cast.acme, name="Not ticked", email="no@acme.example")
    url = f"/admin/accounts/customer/{cast.acme.pk}/invite_contacts/"
    sign_in(cast.dana).post(url, {"contacts": [contact.pk], "_form_submitted": "True"})
    assert PortalUser.objects.get(user__email="site@acme.example").links.get().customer == cast.acme
    assert not PortalUser.objects.filter(user__email="no@acme.example").exists()


def test_contacts_of_others_are_no_choice(cast, sign_in):
    url = f"/admin/accounts/customer/{cast.acme.pk}/invite_contacts/"
    sent = {"contacts": [cast.cedar.contacts.get().pk], "_form_submitted": "True"}
    assert sign_in(cast.dana).post(url, sent).status_code == 200
    assert not PortalUser.objects.filter(user__email="office@cedar.example").exists()


def test_an_address_that_is_none_and_one_who_is_in_are_named_with_the_reason(cast):
    wrong = Contact.objects.create(customer=cast.acme, name="Lee", email="not an address")
    known = Contact.objects.create(customer=cast.acme, name="Colm", email="colm@example.com")
    outcome = invite_contacts([wrong, known, cast.acme.contacts.get(email="site@acme.example")], by=cast.dana)
    assert outcome.invited == ["site@acme.example"]
    assert len(outcome.skipped) == 2
    assert "not an e-mail address" in outcome.skipped[0] and "linked already" in outcome.skipped[1]


def test_support_cannot(cast, sign_in):
    url = f"/admin/accounts/customer/{cast.acme.pk}/invite_contacts/"
    sent = {"contacts": [cast.acme.contacts.get().pk], "_form_submitted": "True"}
    assert sign_in(cast.sam).post(url, sent).status_code == 403
    assert sign_in(cast.nell).post(url, sent).status_code == 404
    assert sign_in(cast.carl).post(url, sent).status_code == 302
    assert not PortalUser.objects.filter(user__email="site@acme.example").exists()
