"""What Portico writes as a reason names no other record, and what it once wrote is not told to the limited."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from accounts.models import Customer
from audit.act import Source, acting
from audit.reasons import names_others
from permissions.models import CustomerGrant
from permissions.services.merging import merge_customers
from tests.factories import make_customer

OLD = {
    "Dove Dental merged into Acme Builders": Source.CONSOLE,
    "Import of dove dental.csv": Source.IMPORT,
    "Undo of the import of dove dental.csv": Source.IMPORT,
    "Named in the file dove dental.csv": Source.CONSOLE,
}


@pytest.fixture
def sam(cast):
    """May look at Acme."""
    cast.sam.only_granted_customers = True
    cast.sam.save()
    permission = Permission.objects.get(codename="view_customer")
    CustomerGrant.objects.create(user=cast.sam, permission=permission, content_object=cast.acme)
    return cast.sam


def pages(client, acme):
    return [
        client.get(reverse("admin:accounts_customer_history", args=[acme.pk])).content.decode(),
        client.get(reverse("admin:changelog")).content.decode(),
    ]


def test_a_merge_names_neither_customer(cast):
    merge_customers(cast.acme, make_customer("Dove Dental"), by=cast.olivia)
    reasons = Customer.history.exclude(history_change_reason=None).values_list("history_change_reason", flat=True)
    assert set(reasons) == {"Customers merged"}


@pytest.mark.parametrize("reason", OLD)
def test_sam_is_not_told_what_was_written_before(cast, sam, sign_in, reason):
    with acting(by=cast.olivia, source=OLD[reason], reason=reason):
        cast.acme.notes = "Blue gate"
        cast.acme.save()
    for page in pages(sign_in(sam), cast.acme):
        assert "Blue gate" in page and "Dove" not in page and "dove" not in page
        assert "(not shown to you)" in page
    for page in pages(sign_in(cast.olivia), cast.acme):
        assert reason in page


def test_sam_does_not_find_by_it(cast, sam, sign_in):
    with acting(by=cast.olivia, reason="Dove Dental merged into Acme Builders"):
        cast.acme.notes = "Blue gate"
        cast.acme.save()
    for words, found in (("Dove", False), ("Blue", False), ("Acme", True)):
        page = sign_in(sam).get(reverse("admin:changelog"), {"words": words})
        assert ("Blue gate" in page.content.decode()) == found, words


@pytest.mark.parametrize("reason", ["Customers merged", "Import no. 12", "", "Import of bins stops in May"])
def test_what_people_write_in_the_console_is_told(reason):
    assert not names_others(reason, Source.CONSOLE)
