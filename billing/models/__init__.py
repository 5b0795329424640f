"""The tables of billing."""

from billing.models.accounts import AccountEntry, CustomerAccount
from billing.models.allocations import Allocation
from billing.models.documents import Document
from billing.models.invoices import Invoice, InvoiceJob, InvoiceLine
from billing.models.numbers import NumberSeries, SeriesYear
from billing.models.profiles import BillingProfile
from billing.models.settings import BillingSettings
from billing.models.tax import TaxCode, TaxRate

__all__ = [
    "AccountEntry",
    "Allocation",
    "BillingProfile",
    "BillingSettings",
    "CustomerAccount",
    "Document",
    "Invoice",
    "InvoiceJob",
    "InvoiceLine",
    "NumberSeries",
    "SeriesYear",
    "TaxCode",
    "TaxRate",
]
