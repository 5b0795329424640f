"""What somebody types on the pages that make records, and the key that their forms carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from tests.console.forms import filled

KEY = re.compile(r'name="_once" value="([0-9a-f]{32})"')
# What is typed into the form of a page that makes records, beside what it holds already.
TYPED: dict[str, Callable[[Any], dict[str, Any]]] = {
    "accounts.Customer": lambda cast: {"name": "Dorn Hotel"},
    "accounts.CustomerLink": lambda cast: {"portal_user": cast.colm.pk, "customer": cast.birch.pk},
    "accounts.Label": lambda cast: {"name": "VIP"},
    "accounts.PortalUser": lambda cast: {"full_name": "Paul", "email": "paul@example.com"},
    "accounts.User": lambda cast: {"full_name": "Petra", "email": "petra@harbour.example"},
    "accounts.Worker": lambda cast: {"name": "Tess"},
    "alerts.Alert": lambda cast: {"name": "Tell them"},
    "auth.Group": lambda cast: {"name": "Night shift"},
    "billing.BillingProfile": lambda cast: {"customer": cast.acme.pk, "street": "1 Mill Lane", "city": "Hamburg"},
    "billing.NumberSeries": lambda cast: {
        "name": "Cash sales", "kind": "invoice", "pattern": "C-{year}-{number}", "digits": "6",
    },
    "billing.TaxCode": lambda cast: {"code": "fr-standard", "name": "TVA", "country": "FR", "category": "S"},
    "jobs.CancellationReason": lambda cast: {"text": "No key"},
    "jobs.Job": lambda cast: {"customer": cast.acme.pk, "notes": "Blue gate"},
    "jobs.Series": lambda cast: {
        "name": "Acme daily", "customer": cast.acme.pk, "template": cast.exchange.pk, "rule1_kind": "day",
        "rule1_every": "1", "create_days_ahead": "2", "start_time": "07:30",
        "starts_on": timezone.localdate().isoformat(),
    },
    "templates_app.JobTemplate": lambda cast: {"name": "Bin exchange"},
}  # fmt: skip


def pages() -> dict[str, Any]:
    return {model._meta.label: page for model, page in admin.site._registry.items()}


def add_address(label: str) -> str:
    app, _dot, model = label.lower().partition(".")
    return reverse(f"admin:{app}_{model}_add") + ("?template=skip-exchange" if label == "jobs.Job" else "")


def key_on(answer: Any) -> str:
    found = KEY.search(answer.content.decode())
    assert found, "the form carries no key"
    return found[1]


def said(answer: Any) -> list[str]:
    return [str(one) for one in get_messages(answer.wsgi_request)]


def open_form(client: Any, label: str, cast: Any) -> dict[str, Any]:
    """The form of a new record as somebody has filled it in."""
    shown = client.get(add_address(label))
    return filled(shown) | {"_once": key_on(shown)} | TYPED[label](cast)
