"""What the database itself keeps as it was: posted documents, their lines, money that came or went, the ledger.

Triggers, because no code of ours is meant to change these rows, and neither is a hand in the database. SQLite raises
IntegrityError by RAISE(ABORT), PostgreSQL by restrict_violation: Django's IntegrityError both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# Not among these: where a posted document stands, whose it is after a merge, a place that is gone, how it is found.
_INVOICE = (
    "kind", "series_id", "year", "counter", "number", "reference", "corrects_id", "correction_reason", "currency",
    "prices_include_tax", "issued_on", "due_on", "service_from", "service_to", "posted_at", "terms", "language",
    "po_number", "buyer_reference", "introduction", "footer", "seller", "buyer", "tax_groups", "net", "tax", "total",
    "seal", "previous_seal", "source", "created_by_id", "created_at",
)  # fmt: skip
_ENTRY = (
    "currency", "kind", "on", "at", "amount", "number", "invoice_id", "payment_id", "refund_id", "write_off_id",
    "reverses_id", "by_id", "actor", "source", "request_id",
)  # fmt: skip
_ALLOCATION = (
    "credit_note_id", "payment_id", "write_off_id", "invoice_id", "amount", "on", "at", "by_id", "actor", "source",
    "request_id",
)  # fmt: skip
_MONEY = (
    "series_id", "year", "counter", "number", "reference", "currency", "amount", "on", "source", "created_by_id",
    "created_at",
)  # fmt: skip
_BOOKED = "OLD.state IN ('succeeded', 'voided')"
# Tables and what is kept of them; the condition under which a row is kept.
_KEPT: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("billing_invoice", _INVOICE, "OLD.status <> 'pending'"),
    ("billing_accountentry", _ENTRY, "1 = 1"),
    ("billing_allocation", _ALLOCATION, "1 = 1"),
    ("billing_payment", _MONEY, _BOOKED),
    ("billing_refund", (*_MONEY, "payment_id", "credit_note_id"), _BOOKED),
    ("billing_writeoff", (*_MONEY, "invoice_id"), _BOOKED),
)
_POSTED_LINE = "EXISTS (SELECT 1 FROM billing_invoice i WHERE i.id = {row}.invoice_id AND i.status <> 'pending')"


def _names() -> list[tuple[str, str]]:
    """(trigger, table) of all of them."""
    found = [(f"{table}_stays_{what}", table) for table, _columns, _when in _KEPT for what in ("changed", "gone")]
    found += [(f"billing_invoiceline_stays_{what}", "billing_invoiceline") for what in ("changed", "gone", "made")]
    return found


def _differs(columns: Sequence[str], vendor: str) -> str:
    if vendor == "sqlite":
        return " OR ".join(f'OLD."{name}" IS NOT NEW."{name}"' for name in columns)
    return " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in columns)


def _conditions(vendor: str) -> list[tuple[str, str, str, str]]:
    """(trigger, table, event, condition)."""
    made = []
    for table, columns, kept in _KEPT:
        changed = _differs(columns, vendor)
        if table == "billing_invoice":
            changed += " OR NEW.status = 'pending'"
        elif kept == _BOOKED:
            changed += " OR NEW.state IN ('pending', 'failed')"
        made.append((f"{table}_stays_changed", table, "UPDATE", f"({kept}) AND ({changed})"))
        made.append((f"{table}_stays_gone", table, "DELETE", kept))
    line = "billing_invoiceline"
    columns = (
        "invoice_id", "position", "job_id", "heading", "description", "quantity", "unit", "unit_price", "tax_code_id",
        "tax_category", "tax_rate", "printed", "net", "tax_share", "gross", "corrects_line_id", "source",
    )  # fmt: skip
    posted = _POSTED_LINE.format(row="OLD")
    made.append((f"{line}_stays_changed", line, "UPDATE", f"{posted} AND ({_differs(columns, vendor)})"))
    made.append((f"{line}_stays_gone", line, "DELETE", posted))
    made.append((f"{line}_stays_made", line, "INSERT", _POSTED_LINE.format(row="NEW")))
    return made


def freeze(connection: BaseDatabaseWrapper) -> None:
    """Puts the triggers up, anew where they were up, for the tables that are there.

    After each migration (``billing.apps``): SQLite makes a table anew where it is altered, and loses its triggers.
    """
    thaw(connection)
    vendor = connection.vendor
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION billing_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION 'A posted row of % stays as it is', TG_TABLE_NAME "
                "USING ERRCODE = 'restrict_violation'; END $$"
            )
        for name, table, event, condition in _conditions(vendor):
            if table not in tables:
                continue
            if vendor == "postgresql":
                # A condition that asks another table stands in the function there: WHEN takes no subquery.
                cursor.execute(_postgresql(name, table, event, condition))
            else:
                cursor.execute(
                    f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW WHEN {condition} '
                    f"BEGIN SELECT RAISE(ABORT, 'A posted row of {table} stays as it is'); END"
                )


def _postgresql(name: str, table: str, event: str, condition: str) -> str:
    if "EXISTS" not in condition:
        return (
            f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW WHEN ({condition}) '
            "EXECUTE FUNCTION billing_stays()"
        )
    row = "OLD" if event == "DELETE" else "NEW"
    return (
        f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN '
        f"RAISE EXCEPTION 'A posted row of {table} stays as it is' USING ERRCODE = 'restrict_violation'; END IF; "
        f'RETURN {row}; END $$; CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" FOR EACH ROW '
        f'EXECUTE FUNCTION "{name}"()'
    )


def thaw(connection: BaseDatabaseWrapper) -> None:
    """Takes the triggers down: for migrations that go back, and for a test database that is emptied."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for name, table in _names():
            if connection.vendor == "postgresql" and table in tables:
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')
                cursor.execute(f'DROP FUNCTION IF EXISTS "{name}"()')
            elif connection.vendor == "sqlite":
                cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS billing_stays()")
