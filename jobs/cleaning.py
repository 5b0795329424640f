"""For migrations: texts that were saved while notes and messages held the addresses of portal links, without them.

Works on tables, in pieces, each in a transaction of its own: begun again after an interruption it goes on. No history
is written: what was said stays, only the key in it goes (docs/decisions/0077-placeholder-of-a-link.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.apps.registry import Apps
from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast

from audit.encryption import digest_of_token
from audit.expressions import Match
from jobs.link_in_text import ADDRESS, MARKS, PLACEHOLDER, mask_addresses, possible_tokens, up_to_token

PIECE = 1000
# The length of a path with a token; a shorter column holds none.
SHORTEST = 20
# digest of a token -> the key of its job
Links = dict[str, int]
# the columns asked for, with the text that may hold an address among them
Row = dict[str, Any]
# (the row, the digest and the whole address found in it, the links that are known) -> what stands there from now on
Instead = Callable[[Row, str, str, Links], str]


def clean_column(
    apps: Apps, model: type[models.Model], column: str, instead: Instead, facts: Sequence[str] = ()
) -> int:
    """Replaces addresses of portal links in one column (text or JSON); returns how many rows changed.

    ``facts``: other columns that ``instead`` asks the row for.
    """
    links = apps.get_model("jobs", "PortalLink")
    quote = connection.ops.quote_name
    key = str(model._meta.pk.column)
    sql = f"UPDATE {quote(model._meta.db_table)} SET {quote(column)} = %s WHERE {quote(key)} = %s"  # noqa: S608
    changed = 0
    for rows in _pieces(model, column, facts):
        written = {found[1] for row in rows for found in ADDRESS.finditer(row["cleaned_text"])}
        digests = {digest_of_token(token) for one in written for token in possible_tokens(one)}
        known: Links = dict(links.objects.filter(token_digest__in=digests).values_list("token_digest", "job_id"))
        cleaned = {row["pk"]: _cleaned(row, instead, known) for row in rows}
        updates = [(cleaned[row["pk"]], row["pk"]) for row in rows if cleaned[row["pk"]] != row["cleaned_text"]]
        with transaction.atomic(), connection.cursor() as cursor:
            if updates:
                cursor.executemany(sql, updates)
        changed += len(updates)
    return changed


def free_texts(model: type[models.Model]) -> list[str]:
    """The columns of a model that people's words can be in: texts long enough for an address, and JSON."""
    return [
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, (models.TextField, models.JSONField))
        or (type(field) is models.CharField and not field.choices and (field.max_length or 0) >= SHORTEST)
    ]


def _cleaned(row: Row, instead: Instead, known: Links) -> str:
    def put(found: Match) -> str:
        tokens = {token: digest_of_token(token) for token in possible_tokens(found[1])}
        token = next((token for token, digest in tokens.items() if digest in known), found[1])
        address, behind = up_to_token(found, token)
        if "/l/" not in address:
            return (address.replace(token, "…") if tokens[token] in known else address) + behind
        return instead(row, tokens[token], address, known) + behind

    return ADDRESS.sub(put, row["cleaned_text"])


def _pieces(model: type[models.Model], column: str, facts: Sequence[str]) -> Iterator[list[Row]]:
    after = 0
    text = Cast(F(column), TextField())
    holds_mark = reduce(or_, (Q(cleaned_text__contains=mark) for mark in MARKS))
    rows = model._base_manager.annotate(cleaned_text=text).filter(holds_mark).order_by("pk")
    while piece := list(rows.filter(pk__gt=after).values("pk", "cleaned_text", *facts)[:PIECE]):
        yield piece
        after = piece[-1]["pk"]


def masked(row: Row, digest: str, address: str, known: Links) -> str:
    """Takes the token out of the address of a link there is."""
    return mask_addresses(address) if digest in known else address


def in_notes(job: str, still_there: Callable[[int], bool]) -> Instead:
    """What stands in a job's notes, or in their history: the placeholder for its own link, no key of another.

    ``job``: the column with the job's key. A job that is gone has lost its links: what names our site was its own.
    """

    def instead(row: Row, digest: str, address: str, known: Links) -> str:
        if digest in known:
            return PLACEHOLDER if known[digest] == row[job] else mask_addresses(address)
        if not address.startswith(settings.SITE_URL):
            return address
        return mask_addresses(address) if still_there(row[job]) else PLACEHOLDER

    return instead


def clean_kept_answers(rows: Iterable[Any]) -> None:
    """Answers that are kept for a while: the address of the job's link, and where the notes name it."""
    for kept in rows:
        body = kept.body
        if isinstance(body, dict) and isinstance(address := body.get("portal_link"), str):
            kept.body = json.loads(json.dumps(body).replace(json.dumps(address)[1:-1], PLACEHOLDER)) | {
                "portal_link": None
            }
            kept.save(update_fields=["body"])
