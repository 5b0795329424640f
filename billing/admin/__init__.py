"""The pages of the console for who writes invoices."""

from billing.admin import (
    customers,
    invoices,
    orders,
    payments,
    profiles,
    series,
    settings,
    statements,
    taxes,
)

__all__ = ["customers", "invoices", "orders", "payments", "profiles", "series", "settings", "statements", "taxes"]
