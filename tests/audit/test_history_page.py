from __future__ import annotations

from accounts.models import CustomerLink, Label
from permissions.services import link_customer, set_override


def test_a_portal_users_history_tells_of_links_and_denials(cast, sign_in):
    link_customer(cast.cora, cast.cedar, by=cast.dana)
    set_override(cast.cora, "cancel_jobs", "deny", by=cast.dana, reason="Cancelled five in a row")
    page = sign_in(cast.dana).get(f"/admin/accounts/portaluser/{cast.cora.pk}/history/").content.decode()
    assert "Cancelled five in a row" in page and "Cedar School" in page and "Deny" in page
    assert "Saved without a change" not in page


def test_a_customers_history_tells_of_her_people_contacts_and_labels(cast, sign_in):
    link_customer(cast.carl, cast.acme, by=cast.dana)
    cast.acme.labels.add(Label.objects.create(name="Weekly round"))
    page = sign_in(cast.sam).get(f"/admin/accounts/customer/{cast.acme.pk}/history/").content.decode()
    assert "Carl – Acme Builders" in page and "Weekly round" in page and "site@acme.example" in page
    assert "Cedar School" not in page


def test_a_narrowed_dispatcher_reads_nothing_of_other_customers_there(cast, sign_in):
    from permissions.services import grant

    set_override(
        CustomerLink.objects.get(portal_user=cast.cora, customer=cast.birch), "edit_jobs", "deny", by=cast.olivia
    )
    cast.dana.only_granted_customers = True
    cast.dana.save()
    grant(cast.dana, cast.acme, change=True, by=cast.olivia)
    page = sign_in(cast.dana).get(f"/admin/accounts/portaluser/{cast.cora.pk}/history/").content.decode()
    assert "Acme Builders" in page and "Birch" not in page
