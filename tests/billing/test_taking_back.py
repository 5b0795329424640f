"""What billing's records ask for before they are taken back from history."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import Permission

from audit.restore import Hindered, restore_request
from billing.models import BillingSettings, InvoiceLine
from billing.services import WantedLine, change_invoice, make_invoices, post_invoice, save_billing_settings
from console.taking_back import StaffJudge
from templates_app.choices import Unit
from tests.billing.making import bill_to, order, set_up_billing
from tests.conftest import Cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("removed", [False, True])
def test_a_line_that_was_changed_before_it_was_posted_stays(cast: Cast, removed: bool) -> None:
    set_up_billing()
    bill_to(cast.acme)
    [invoice] = make_invoices([order(cast.acme, ("Hour", "1", "60"), ("Visit", "1", "0")).pk], by=cast.bill).invoices
    lines = [
        WantedLine(line.pk, "Another hour", line.quantity, Unit(line.unit), line.unit_price, line.tax_code)
        for line in invoice.lines.order_by("position")
    ]
    change_invoice(invoice, {}, by=cast.bill, lines=lines[: 1 if removed else 2])
    changed = InvoiceLine.history.latest("history_id").request_id
    post_invoice(invoice, by=cast.bill)
    with pytest.raises(Hindered):
        restore_request(changed, by=cast.olivia, judge=StaffJudge(cast.olivia))


def test_books_are_opened_again_only_by_who_may_close_them(cast: Cast) -> None:
    settings = set_up_billing()
    settings.books_closed_until = date(2026, 1, 31)
    save_billing_settings(settings, by=cast.olivia)
    closed = BillingSettings.history.latest("history_id").request_id
    clerk = cast.bill
    clerk.user_permissions.add(
        *Permission.objects.filter(codename__in=["change_billingsettings", "view_billingsettings"])
    )
    clerk = type(clerk).objects.get(pk=clerk.pk)
    assert not clerk.has_perm("billing.close_books")
    with pytest.raises(Hindered):
        restore_request(closed, by=clerk, judge=StaffJudge(clerk))
    assert BillingSettings.load().books_closed_until == date(2026, 1, 31)
