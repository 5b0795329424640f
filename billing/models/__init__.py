"""The tables of billing."""

from billing.models.accounts import AccountEntry, CustomerAccount
from billing.models.allocations import Allocation
from billing.models.documents import Document
from billing.models.invoices import Invoice, InvoiceJob, InvoiceLine
from billing.models.numbers import NumberSeries, SeriesYear
from billing.models.payments import MoneyRecord, Payment, Refund, WriteOff
from billing.models.profiles import BillingProfile
from billing.models.settings import BillingSettings
from billing.models.tax import TaxCode, TaxRate
from billing.models.to_bill import OrderToBill

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
    "MoneyRecord",
    "NumberSeries",
    "OrderToBill",
    "Payment",
    "Refund",
    "SeriesYear",
    "TaxCode",
    "TaxRate",
    "WriteOff",
]
