from __future__ import annotations

from accounts.choices import PortalUserState
from accounts.models import PortalUser
from imports.choices import RecordKind
from imports.services import start_undo
from permissions.services import link_customer, set_override, unlink_customer

SHEET = """E-mail,Name,Customer
vera@acme.example,Vera Moss,Acme Builders
vera@acme.example,Vera Moss,Birch Hotel
cora@example.com,Cora,Cedar School
cora@example.com,Cora,Acme Builders
nobody,No One,Acme Builders
who@acme.example,Who,Unknown Ltd
"""


def test_new_people_are_invited_once_and_known_ones_are_linked(cast, imported):
    run = imported(SHEET, by=cast.ines, kind=RecordKind.PORTAL_USERS)
    assert (run.made, run.changed, run.skipped, run.failed) == (2, 1, 1, 2)
    vera = PortalUser.objects.get(user__email="vera@acme.example")
    assert vera.state == PortalUserState.INVITED and vera.links.count() == 2
    assert vera.user.invitations.count() == 1 if hasattr(vera.user, "invitations") else True
    assert cast.cedar in cast.cora.customers.all()


def test_undo_takes_back_invitations_and_links_but_keeps_who_came_in(cast, imported):
    run = imported(SHEET, by=cast.ines, kind=RecordKind.PORTAL_USERS)
    vera = PortalUser.objects.get(user__email="vera@acme.example")
    vera.state = PortalUserState.ACTIVE
    vera.save()
    run = start_undo(run, by=cast.ines)
    vera.refresh_from_db()
    assert vera.state == PortalUserState.ACTIVE and run.undo_report["why"][0][0] == "Vera Moss"
    assert cast.cedar not in cast.cora.customers.all() and cast.acme in cast.cora.customers.all()


def test_nobody_links_herself_by_a_file(cast, checked):
    run = checked(f"E-mail,Customer\n{cast.ines.email},Acme Builders\n", by=cast.ines, kind=RecordKind.PORTAL_USERS)
    assert run.report["counts"]["failed"] == 1


def test_what_the_office_decided_before_holds_for_whom_a_file_links_again(cast, imported):
    link = cast.colm.links.filter(customer=cast.acme).first() or link_customer(cast.colm, cast.acme, by=cast.olivia)
    set_override(link, "cancel_jobs", "deny", by=cast.olivia)
    unlink_customer(link, by=cast.olivia)
    imported(
        f"E-mail,Customer\n{cast.colm.user.email.upper()},Acme Builders\n", by=cast.ines, kind=RecordKind.PORTAL_USERS
    )
    assert cast.colm.links.get(customer=cast.acme).overrides.get().effect == "deny"
