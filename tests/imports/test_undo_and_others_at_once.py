"""Somebody changes a customer, or comes in by her invitation, just while the import she came with is undone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, connections

from accounts.choices import PortalUserState
from accounts.models import Contact, Customer, Invitation, PortalUser
from accounts.services.customer_sheets import CustomerSheet, update_customer
from accounts.services.invitations import use_invitation
from console.errors import Refused
from imports.choices import RecordKind
from imports.kinds import customers, portal_users
from imports.services import start_undo

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one writer in at a time"),
]


@pytest.fixture
def between(monkeypatch):
    """``between(module, name, action)``: the action is begun by somebody else when that function of the module has been
    asked or is about to act; ``between.result()`` is what came of it."""
    begun = []
    pool = ThreadPoolExecutor(1)

    def begin(action):
        def alone():
            try:
                return action()
            finally:
                connections.close_all()

        begun.append(pool.submit(alone))
        # Time enough, if nothing holds it up.
        with suppress(TimeoutError):
            begun[0].exception(timeout=1)

    def _between(module, name, action, *, before=False):
        real = getattr(module, name)

        def then(*args, **kwargs):
            if before and not begun:
                begin(action)
            answer = real(*args, **kwargs)
            if not begun:
                begin(action)
            return answer

        monkeypatch.setattr(module, name, then)

    _between.result = lambda: begun[0].result(20)
    yield _between
    pool.shutdown()


def test_a_customer_who_is_being_removed_is_not_changed_unseen(cast, imported, between):
    run = imported("Name,External ID\nNewco,N-1\n", by=cast.olivia, kind=RecordKind.CUSTOMERS)
    newco = Customer.objects.get(external_id="N-1")
    sheet = CustomerSheet(fields={"name": "Newco Ltd"})
    between(customers, "customers_touched_since", lambda: update_customer(newco, sheet, by=cast.dana))
    run = start_undo(run, by=cast.olivia)
    assert run.undo_report["removed"] == 1
    with pytest.raises(ObjectDoesNotExist):
        between.result()


def test_a_contact_of_a_customer_who_is_being_removed_neither(cast, imported, between):
    run = imported("Name,External ID,Contact\nNewco,N-1,Pia\n", by=cast.olivia, kind=RecordKind.CUSTOMERS)
    key = Contact.objects.get(name="Pia").pk
    rename = Contact.objects.filter(pk=key).update
    between(customers, "customers_touched_since", lambda: rename(name="Paula"))
    run = start_undo(run, by=cast.olivia)
    assert run.undo_report["removed"] == 1 and between.result() == 0


def test_a_person_who_is_being_removed_does_not_come_in_unseen(cast, imported, between):
    run = imported("E-mail,Customer\nnew@x.example,Acme Builders\n", by=cast.olivia, kind=RecordKind.PORTAL_USERS)
    invitation = Invitation.objects.get(user__email="new@x.example")
    come_in = {"password": "a long and quiet river"}
    between(portal_users, "remove_portal_user", lambda: use_invitation(invitation, **come_in), before=True)
    run = start_undo(run, by=cast.olivia)
    assert run.undo_report["removed"] == 1
    assert PortalUser.objects.get(user__email="new@x.example").state == PortalUserState.REMOVED
    with pytest.raises(Refused):
        between.result()
