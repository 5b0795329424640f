"""The requests of docs/api.md, and a world in which each of them is good.

The documentation is where good requests stand; the tests of the document, of the examples and of who may do what all
read them there.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import timezone

from billing.services import make_invoices, post_invoice, record_payment
from config.api import api
from jobs.models import JobNumber, PortalLink, Series
from jobs.services import create_series, report_position, skip_date
from tests.billing.making import bill_to, order, set_up_billing
from tests.factories import make_job, make_template

# The day on which the documentation is read.
TODAY = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
BODY = re.compile(r"^ {4}(GET|POST|PUT|PATCH|DELETE) (/api/v1/\S+)\n((?: {4}.*\n)*)", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """One request as the documentation shows it, and the operation of the document it is one of."""

    method: str
    address: str
    body: str
    operation: str
    scope: str

    def __str__(self) -> str:
        return f"{self.method} {self.address}"

    @property
    def scopes(self) -> list[str]:
        """What a token needs for it: its operation's scope, and another's where the request changes more than one."""
        return [self.scope, *(["jobs.write"] if "change_open_jobs" in self.body else [])]

    def sent_by(self, program: Any) -> Any:
        """The answer that this program gets."""
        path = self.address.removeprefix("/api/v1")
        return program(self.method, path, json.loads(self.body)) if self.body else program(self.method, path)


def operations() -> dict[str, str]:
    """Every operation of the document as "METHOD address", with the scope it needs."""
    paths = api.get_openapi_schema()["paths"]
    return {
        f"{method.upper()} {address}": operation["security"][0]["TokenAuth"][0]
        for address, found in paths.items()
        for method, operation in found.items()
    }


def _examples() -> Iterator[Example]:
    known = operations()
    for method, address, body in BODY.findall(TEXT):
        path = address.partition("?")[0]
        fits = [name for name in known if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", name), f"{method} {path}")]
        # /worker/jobs is no job called "jobs" of a worker: the address without a blank to fill goes first.
        operation = min(fits, key=lambda name: name.count("{"), default="")
        yield Example(method, address, body.strip(), operation, known.get(operation, ""))


EXAMPLES = list(_examples())


def make_world(cast: Any) -> None:
    """The records that the documentation speaks of."""
    cast.acme.external_id = "C-17"
    cast.acme.save()
    cast.theo.external_id = "VAN-3"
    cast.theo.save()
    cast.exchange.delete()
    fields = ({"label": "Size", "kind": "text"},)
    steps = ("Drive there", "Exchange the skip", "Empty it")
    cast.exchange = make_template("Skip exchange", steps=steps, fields=fields, price="120.00")
    JobNumber.objects.update_or_create(pk=1, defaults={"last": 41})
    facts = {"external_id": "A-17", "worker": cast.theo, "address": "2 Mill Lane", "planned_start": timezone.now()}
    job = make_job(cast.acme, cast.exchange, by=cast.dana, **facts)
    assert job.number == "J-000042"
    report_position(cast.theo, latitude=Decimal("53.55"), longitude=Decimal("9.99"))
    facts = {"name": "Daily", "customer": cast.acme, "template": cast.exchange, "starts_on": timezone.localdate()}
    series = create_series(facts | {"rules": [{"kind": "day", "every": 1}], "create_days_ahead": 0}, by=None)
    series.occurrences.all().delete()
    Series.objects.filter(pk=series.pk).update(id=5)
    set_up_billing()
    bill_to(cast.acme)
    invoices = []
    for _n in range(2):
        [invoice] = make_invoices([order(cast.acme, ("Skip exchange", "1", "100.00")).pk], by=None).invoices
        invoices.append(post_invoice(invoice, by=None))
    assert [one.number for one in invoices] == ["R-2026-000001", "R-2026-000002"]
    payment = record_payment(cast.acme, Decimal(150), by=None, parts={invoices[0].pk: Decimal(100)})
    assert payment.number == "P-2026-000001"
    # Once all links are made: PostgreSQL counts on from test to test, and one of them may be the twelfth.
    PortalLink.objects.filter(id=12).exclude(job=job).update(id=10**6)
    PortalLink.objects.filter(job=job).update(id=12)


def before(example: Example, cast: Any) -> None:
    """What must have happened before this one request is good."""
    if example.method == "DELETE":
        skip_date(Series.objects.get(pk=5), datetime.date(2099, 12, 24), by=None)
