"""API tokens of a database from before, when they were kept by another app: they go on opening what they opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import ApiToken, KeptAnswer, User
from accounts.services import find_token, make_token
from accounts.services.tokens import digest_of

BEFORE = [("jobs", "0020_placeholders_in_notes"), ("accounts", "0019_keep_no_forms_of_tries")]
PLAIN = "portico_from_before"
MOVED = {"apitoken", "historicalapitoken", "keptanswer"}


def migrate(targets: list[tuple[str, str]] | None = None) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection).loader.project_state(targets or []).apps


@pytest.fixture
def before(transactional_db) -> Any:
    """The apps as they were, and afterwards the tables as they are."""
    yield migrate(BEFORE)
    migrate()


def kinds_of(app: str) -> set[str]:
    return set(ContentType.objects.filter(app_label=app, model__in=MOVED).values_list("model", flat=True))


def test_tokens_histories_answers_and_rights_are_there_afterwards(before):
    ends = timezone.now() + timedelta(days=30)
    user = before.get_model("accounts", "User").objects.create(email="sue@example.com", full_name="Sue", is_staff=True)
    facts = {"name": "Books", "user": user, "prefix": "portico_from", "scopes": ["jobs.read"], "expires_at": ends}
    token = before.get_model("jobs", "ApiToken").objects.create(**facts, digest=digest_of(PLAIN))
    before.get_model("jobs", "HistoricalApiToken").objects.create(
        **facts, id=token.pk, created_at=token.created_at, history_date=timezone.now(), history_type="+", label="Books"
    )
    before.get_model("jobs", "KeptAnswer").objects.create(
        token=token, key="k", request_digest="r", status=201, body={"number": "J-1"}
    )
    assert kinds_of("jobs") == MOVED and not kinds_of("accounts")
    right = before.get_model("auth", "Permission").objects.get(
        codename="change_apitoken", content_type__app_label="jobs"
    )
    role = before.get_model("auth", "Group").objects.create(name="Keeper of keys")
    role.permissions.add(right)
    user.groups.add(role)

    migrate()

    found = find_token(PLAIN)
    assert found is not None and (found.pk, found.user.email, found.scopes) == (token.pk, user.email, ["jobs.read"])
    assert found.history.get().name == "Books"
    assert KeptAnswer.objects.get().token == found and KeptAnswer.objects.get().body == {"number": "J-1"}
    assert kinds_of("accounts") == MOVED and not kinds_of("jobs")
    sue = User.objects.get(pk=user.pk)
    assert sue.has_perm("accounts.change_apitoken")
    made, _plain = make_token(name="Another", by=None, user=sue)
    assert made.pk > token.pk and ApiToken.objects.count() == 2
