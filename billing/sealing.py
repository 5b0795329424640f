"""Seals: what a posted document says and the seal before it, in one number that anybody can work out anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal

from billing.models import Invoice, InvoiceLine

# What the seal covers: everything that is printed. A field that is added later gets a new version of the recipe.
_FIELDS = (
    "kind", "number", "currency", "prices_include_tax", "issued_on", "due_on", "service_from", "service_to", "terms",
    "language", "po_number", "buyer_reference", "introduction", "footer", "correction_reason", "seller", "buyer",
    "tax_groups", "net", "tax", "total",
)  # fmt: skip
_LINE_FIELDS = (
    "position", "heading", "description", "quantity", "unit", "unit_price", "tax_category", "tax_rate", "printed",
    "net", "tax_share", "gross",
)  # fmt: skip


def seal_of(invoice: Invoice, lines: Iterable[InvoiceLine], previous: str) -> str:
    """The seal of a document: SHA-256 of what it says and of the seal before it, in hexadecimal."""
    said = {
        "document": {name: _text(getattr(invoice, name)) for name in _FIELDS},
        "lines": [{name: _text(getattr(line, name)) for name in _LINE_FIELDS} for line in lines],
        "previous": previous,
        "recipe": 1,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _text(value: object) -> object:
    # 2, 2.0 and 2.000 say the same, before it was stored and after.
    if isinstance(value, Decimal):
        return f"{value.normalize() + 0:f}"
    return value if isinstance(value, dict | list | bool | int | str) else str(value)
