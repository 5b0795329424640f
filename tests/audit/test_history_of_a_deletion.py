from __future__ import annotations

from permissions.models import PermissionOverride


def test_what_goes_with_a_link_keeps_its_customer_in_history(cast):
    link = cast.cora.links.get(customer=cast.acme)
    override = PermissionOverride.objects.create(link=link, permission="cancel_jobs", effect="deny")
    cast.cora.links.all().delete()
    last = PermissionOverride.history.filter(id=override.pk).first()
    assert (last.history_type, last.customer_ref, last.label) == ("-", cast.acme.pk, "Deny: Cancel jobs")
