"""The API's part of billing: invoices to be read, payments, and what a customer's account says."""
