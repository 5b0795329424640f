"""Orders become invoices; what is owed stands in a ledger."""
