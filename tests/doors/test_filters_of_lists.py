"""A list answers for what it declares, and for no other column: nobody reads a secret out of it bit by bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.http import QueryDict
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from console.addresses import UnknownParameter
from console.errors import Refused
from console.exporting.runs import request_export, table_of, write_export
from console.kit import ChoiceFilter, ConsoleModelAdmin
from console.kit.checks import ConsoleChecks, declared_paths
from console.secrets import is_secret, names_a_secret
from tests.factories import make_job

LOOKUPS = ("", "__exact", "__startswith", "__regex", "__gt", "__in", "__isnull", "__contains", "__date")
PAGES: dict[str, Any] = {model._meta.label_lower: page for model, page in admin.site._registry.items()}
LISTS = sorted(PAGES)


def columns(model: type[models.Model], further: int = 1) -> Iterator[str]:
    """Every column of a model, and of the records one relation further, in both directions."""
    for field in model._meta.get_fields():
        name = field.name
        yield name
        if isinstance(field, models.ForeignKey):
            yield field.attname
        if further and isinstance(field.related_model, type):
            yield from (f"{name}__{column}" for column in columns(field.related_model, further - 1))


def request_for(user: Any, query: str = "") -> Any:
    request = RequestFactory().get("/", QUERY_STRING=query)
    request.user = user
    return request


def answers(page: Any, user: Any, query: str) -> bool:
    """Does the list, or its file, answer this address?"""
    answered = []
    for ask in (page.get_changelist_instance, page.get_export_queryset):
        try:
            ask(request_for(user, query))
        except UnknownParameter:
            continue
        answered.append(ask)
    return bool(answered)


@pytest.mark.parametrize("label", LISTS)
def test_no_list_answers_for_a_column_it_does_not_declare(cast, label):
    page = PAGES[label]
    declared = page.declared_parameters(request_for(cast.olivia))
    query = [f"{column}{lookup}" for column in columns(page.model) for lookup in LOOKUPS]
    others = [name for name in query if name not in declared]
    request = request_for(cast.olivia)
    assert others and not [name for name in others if page.lookup_allowed(name, "1", request)]
    # The list and its file ask it; each is told so once for each column.
    told = [name for name in others if name.endswith("__startswith")]
    assert not [name for name in told if answers(page, cast.olivia, f"{name}=1")]


@pytest.mark.parametrize("label", LISTS)
def test_what_a_list_declares_it_takes(cast, label):
    page = PAGES[label]
    declared = page.declared_parameters(request_for(cast.olivia))
    assert [name for name in declared if not answers(page, cast.olivia, f"{name}=1")] == []


@pytest.mark.parametrize("label", LISTS)
def test_nothing_a_list_declares_leads_to_a_secret(label):
    assert [path for path in declared_paths(PAGES[label]) if names_a_secret(PAGES[label].model, path)] == []


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("accounts.user", "password__startswith"),
        ("accounts.user", "password__regex"),
        ("accounts.portaluser", "user__password__startswith"),
        ("accounts.portaluser", "user__invitations__token__gt"),
        ("jobs.job", "portal_links__token__startswith"),
        ("jobs.portallink", "token__startswith"),
        ("accounts.apitoken", "digest__startswith"),
        ("alerts.delivery", "token_digest__startswith"),
        ("accounts.worker", "api_tokens__digest__isnull"),
    ],
)
def test_sam_gets_one_sentence_for_a_guess_at_a_secret_whether_it_is_right_or_wrong(cast, sign_in, label, path):
    make_job(cast.acme, cast.exchange)
    sam, address = sign_in(cast.sam), reverse(f"admin:{label.replace('.', '_')}_changelist")
    right, wrong = (sam.get(address, {path: guess}) for guess in ("p", "no such beginning"))
    if right.status_code == 403:
        right, wrong = (sign_in(cast.olivia).get(address, {path: guess}) for guess in ("p", "no such beginning"))
    assert right.status_code == wrong.status_code == 400
    assert f"“{path}” is not a filter of this list." in right.content.decode()
    assert right.content.count(b"<tr") == wrong.content.count(b"<tr")


def test_the_answer_names_what_was_asked_for_and_leads_back(cast, sign_in):
    address = reverse("admin:accounts_customer_changelist")
    query = {"name__startswith": "A", "id__gt": "3", "contacts__email": "x", "notes": "y", "payment_terms__exact": "14"}
    text = sign_in(cast.dana).get(address, query).content.decode()
    for name in ("name__startswith", "id__gt", "contacts__email"):
        assert f"“{name}” is not a filter of this list." in text
    assert "1 more part of the address" in text and f'href="{address}"' in text
    assert cast.acme.name not in text


def test_a_guess_is_not_written_into_the_log(cast, sign_in, caplog):
    with caplog.at_level("DEBUG"):
        sign_in(cast.sam).get("/admin/accounts/user/", {"password__startswith": "md5$secret"})
    assert "md5$secret" not in caplog.text


def test_nell_is_refused_before_anything_is_said_of_the_list(cast, sign_in):
    assert sign_in(cast.nell).get("/admin/accounts/user/", {"password__startswith": "p"}).status_code == 403


@pytest.mark.parametrize("name", ["email", "password", "full_name", "nonsense"])
def test_a_record_is_not_found_by_another_column_than_its_key(cast, sign_in, name):
    olivia = sign_in(cast.olivia)
    for address in ("/admin/accounts/user/", f"/admin/accounts/user/{cast.sam.pk}/change/"):
        assert olivia.get(address, {"_to_field": name}).status_code == 400


# --- the order


def test_a_list_is_sorted_by_the_columns_it_offers_and_no_other(cast, sign_in):
    answer = sign_in(cast.dana).get("/admin/jobs/job/", {"o": "4"})  # the customer's name
    assert "The list cannot be sorted by column “4”." in answer.content.decode()
    plain = sign_in(cast.dana).get("/admin/jobs/job/").context["cl"]
    assert answer.context["cl"].get_ordering_field_columns() == plain.get_ordering_field_columns()
    answer = sign_in(cast.dana).get("/admin/jobs/job/", {"o": "-1.1.3"})
    assert answer.context["cl"].get_ordering_field_columns() == {1: "desc"}
    assert "The list cannot be sorted by column “3”." in answer.content.decode()


@pytest.mark.parametrize("label", LISTS)
def test_no_list_is_sorted_by_a_secret(cast, label):
    page, olivia = PAGES[label], request_for(cast.olivia)
    shown = page.get_changelist_instance(olivia)
    orders = [shown.get_ordering_field(column) for column in page.get_sortable_by(olivia)]
    assert [order for order in orders if isinstance(order, str) and names_a_secret(page.model, order.lstrip("-"))] == []


# --- files


def test_an_export_is_refused_like_its_list(cast, sign_in):
    address = reverse("admin:accounts_user_export") + "?password__startswith=p"
    olivia = sign_in(cast.olivia)
    for answer in (olivia.get(address), olivia.post(address, {"format": "0"})):
        assert answer.status_code == 400
        assert "“password__startswith” is not a filter of this list." in answer.content.decode()


@pytest.mark.parametrize("query", ["password__startswith=p", "groups__id__exact=999999", "groups__id__exact=x"])
def test_the_worker_refuses_a_kept_address_that_its_list_would_not_take(cast, query):
    with pytest.raises(Refused, match="no longer possible"):
        table_of("accounts.user", cast.olivia, QueryDict(query), ["full_name"])


def test_who_asked_for_such_a_file_reads_why_there_is_none(cast, settings, committed):
    export = request_export(
        source="accounts.user", title="Staff", query="password__regex=^p", columns=["full_name"], format_name="csv",
        by=cast.olivia,
    )  # fmt: skip
    write_export(export.pk)
    export.refresh_from_db()
    assert export.state == "failed" and "no longer possible" in export.problem


# --- the search boxes of foreign keys


@pytest.mark.parametrize(
    ("app", "model", "field"),
    [
        ("accounts", "customer", "links"),  # points back
        ("accounts", "user", "password"),  # points nowhere
        ("accounts", "user", "nonsense"),
        ("accounts", "nonsense", "customer"),
        ("nonsense", "customer", "name"),
        ("auth", "permission", "content_type"),  # has no list
        ("sessions", "session", "session_key"),
        ("jobs", "portallinkattempt", "token"),
    ],
)
def test_a_search_box_finds_records_for_foreign_keys_only(cast, sign_in, app, model, field):
    query = {"app_label": app, "model_name": model, "field_name": field, "term": "a"}
    assert sign_in(cast.olivia).get("/admin/autocomplete/", query).status_code == 403


def test_nell_and_carl_search_nothing(cast, sign_in):
    query = {"app_label": "accounts", "model_name": "customerlink", "field_name": "customer", "term": "a"}
    assert sign_in(cast.nell).get("/admin/autocomplete/", query).status_code == 403
    assert sign_in(cast.carl).get("/admin/autocomplete/", query).status_code == 302
    assert "Acme" in sign_in(cast.dana).get("/admin/autocomplete/", query).content.decode()


# --- what keeps it so


class Loose(ConsoleModelAdmin):
    """What somebody might write."""

    list_filter = ("is_active", "password")
    search_fields = ("full_name", "password")
    export_columns = (("password", "Password"),)


def test_a_page_that_declares_a_secret_or_a_foreign_filter_does_not_start():
    found = ConsoleChecks().check(Loose(User, admin.site))
    assert [error.id for error in found] == ["portico.E001", "portico.E001", "portico.E002", "portico.E002"]


def test_a_declared_secret_is_refused_all_the_same(cast):
    page = Loose(User, admin.site)
    page.list_filter = (("password", ChoiceFilter),)
    assert not page.lookup_allowed("password__exact", "x", request_for(cast.olivia))


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("accounts.User", "password"),
        ("accounts.Invitation", "token_digest"),
        ("jobs.PortalLink", "encrypted_token"),
        ("accounts.ApiToken", "digest"),
        ("alerts.Delivery", "token_digest"),
        ("otp_static.StaticToken", "token"),
        ("accounts.AuthenticatorApp", "encrypted_secret"),
    ],
)
def test_what_opens_a_door_counts_as_a_secret(model, name):
    assert is_secret(apps.get_model(model)._meta.get_field(name))
