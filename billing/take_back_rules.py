"""What documents ask for before they are taken back (``audit.take_back``)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import Customer
from audit.restore import Plan, RestoreStep
from billing.models import BillingSettings, Invoice


def count_version(settings: BillingSettings, step: RestoreStep) -> None:
    """Before old settings are saved again: whoever has the page open notices."""
    settings.version += 1


def why_not_posted(step: RestoreStep, plan: Plan) -> str:
    """A posted document stays as it was printed; with a customer that comes back from a merge, it goes back."""
    invoice = step.record
    if step.action != "revert" or not isinstance(invoice, Invoice) or invoice.is_pending:
        return ""
    former = step.values.get("customer_id")
    if set(step.values) == {"customer_id"} and plan.does("recreate", (Customer, former or 0)):
        return ""
    return _("%s is posted: what it says stays. Credit it instead.") % invoice
