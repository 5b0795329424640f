"""Every page of the console stands on our bases, and every button asks first (docs/decisions/0004)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models

from console.kit import ConsoleModelAdmin, ConsoleStackedInline, ConsoleTabularInline
from tests.architecture.tree import APPS, modules

# Models that have no page and are no inline of one, and why.
WITHOUT_A_PAGE = {
    "accounts.AuthenticatorApp": "the secret of a second step, shown once by the page that switches it on",
    "alerts.JobAlert": "what a customer asked to be told about one job; its messages stand on the ledger",
    "audit.ChangeLog": "no table; the change log is a page over all histories",
    "billing.Document": "handed out by its invoice",
    "accounts.Invitation": "an outbox of letters, shown on the portal user",
    "imports.ImportRow": "shown on its run, by problem and in pages",
    "billing.AccountEntry": "the ledger, shown on the customer's page as what is owed",
    "billing.CustomerAccount": "what a customer owes, shown on its page",
    "billing.InvoiceJob": "which orders a document is for, shown beside its lines",
    "billing.SeriesYear": "how far a series of numbers is, shown on it",
    "business.Hold": "decided about on the page “After a restore”, which lists the earlier ones",
    "business.Progress": "one row, how far the database has come",
    "jobs.JobNumber": "one row, the counter behind job numbers",
    "accounts.AccountEvent": "shown as the messages that it brings",
    "jobs.JobEvent": "shown on the job's own page, as what happened",
    "jobs.JobFile": "handed out by the job it belongs to",
    "accounts.KeptAnswer": "answers of the API to a repeated request, forgotten after two days",
    "jobs.WorkerPosition": "read through the API, and on the job while it is under way",
    "jobs.Occurrence": "shown on its series, as dates",
    "jobs.PortalLinkAttempt": "counted on the register of links",
    "portal_site.Attempt": "counts attempts, and forgets them after a day",
    "console.SentForm": "remembers a form that was sent, so that it counts once",
    "templates_app.TemplateVersion": "the frozen text of a template, shown through its jobs",
}

# Models that keep no history, and why.
WITHOUT_HISTORY = {
    "accounts.AuthenticatorApp": "switching it on and off is told by the account",
    "accounts.KeptAnswer": "made by the API for itself",
    "alerts.ChannelHold": "says itself since when it was held, and until when",
    "alerts.Delivery": "says itself what became of it, and when",
    "accounts.AccountEvent": "is history",
    "audit.ChangeLog": "no table",
    "billing.AccountEntry": "only ever added: says itself who wrote it, and when",
    "billing.CustomerAccount": "the sum of its entries",
    "billing.InvoiceJob": "what became of the document says it",
    "billing.SeriesYear": "its documents say it",
    "audit.SecurityEvent": "is history",
    "console.ListExport": "a file that is kept for a week",
    "imports.ImportRow": "says what a run did; nobody changes it",
    "jobs.JobEvent": "is history",
    "billing.Document": "says itself when it was made, and made anew",
    "business.Progress": "a counter",
    "jobs.JobNumber": "a counter",
    "jobs.PortalLinkAttempt": "made by whoever tries a link, counted and forgotten",
    "jobs.WorkerPosition": "made by a telephone every minute, and forgotten",
    "portal_site.Attempt": "counted and forgotten",
    "console.SentForm": "remembered for a week",
    "templates_app.TemplateVersion": "never changed",
}
# Models that refer to something narrowed and are not narrowed with it, and why.
WITHOUT_SCOPE = {
    "templates_app.TemplateVersion": "read through its template and its jobs",
}


def pages() -> list[ConsoleModelAdmin]:
    admin.autodiscover()
    return list(admin.site._registry.values())  # type: ignore[arg-type]


def inlines() -> Iterator[tuple[Any, Any]]:
    for page in pages():
        for inline in page.inlines:
            yield page, inline


def our_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if model.__module__.split(".")[0] in APPS and not model.__name__.startswith("Historical")
    ]


def test_every_page_derives_from_our_base():
    others = [type(page).__name__ for page in pages() if not isinstance(page, ConsoleModelAdmin)]
    assert not others, f"Derive from console.kit.ConsoleModelAdmin: {others}"


def test_every_inline_derives_from_our_base():
    bases = (ConsoleTabularInline, ConsoleStackedInline)
    others = [f"{page}: {inline.__name__}" for page, inline in inlines() if not issubclass(inline, bases)]
    assert not others, f"Derive from ConsoleTabularInline or ConsoleStackedInline: {others}"


def buttons(page: ConsoleModelAdmin) -> Iterator[tuple[str, Any]]:
    """(name, function) of every button, those in a menu as well."""
    for kind in ("actions_list", "actions_row", "actions_detail", "actions_submit_line"):
        for entry in getattr(page, kind, ()) or ():
            for name in entry["items"] if isinstance(entry, dict) else [entry]:
                yield name, getattr(page, name, None) if isinstance(name, str) else name


def test_every_button_is_a_console_action():
    plain = [
        f"{page}: {name}" for page in pages() for name, function in buttons(page) if not hasattr(function, "console")
    ]
    assert not plain, f"Make it with console.kit.console_action: {plain}"


def test_whatever_is_done_to_ticked_rows_is_a_console_bulk_action():
    for page in pages():
        for action in page.actions or ():
            function = getattr(page, action) if isinstance(action, str) else action
            assert hasattr(function, "console"), f"{page}: make {action} with console.kit.console_bulk_action."


def test_nobody_uses_unfolds_own_buttons():
    used = [place for module in modules() for place in _unfold_action(module)]
    assert not used, f"An Unfold action writes on GET: use console_action: {used}"


def _unfold_action(module: Any) -> list[str]:
    return [
        f"{module.path}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in ("unfold.decorators", "django.contrib.admin")
        and any(alias.name == "action" for alias in node.names)
    ]


def test_every_model_has_a_page_or_a_reason():
    shown = {page.model for page in pages()} | {inline.model for _page, inline in inlines()}
    hidden = {model._meta.label for model in our_models() if model not in shown}
    assert hidden <= set(WITHOUT_A_PAGE), f"Give it a page, or the reason why not: {hidden - set(WITHOUT_A_PAGE)}"


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_a_model_keeps_history_or_says_why_not(model):
    kept = hasattr(model._meta, "simple_history_manager_attribute")
    assert kept != (model._meta.label in WITHOUT_HISTORY), "history = History(), or here the reason why not."


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_a_model_that_hangs_on_something_narrowed_is_narrowed(model):
    hangs = [f.name for f in model._meta.fields if f.is_relation and hasattr(f.related_model, "scope")]
    assert not hangs or hasattr(model, "scope") or model._meta.label in WITHOUT_SCOPE, (
        f"scope = Scope(...), as it hangs on {hangs}, or here the reason why not."
    )


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_every_record_has_a_name_people_can_read(model):
    assert model.__str__ is not models.Model.__str__, "It would be called “object (1)”."
    written = model._meta.original_attrs
    assert "verbose_name" in written, "Say in Meta what one of them is called."
    assert "verbose_name_plural" in written, "Say in Meta what several of them are called."
