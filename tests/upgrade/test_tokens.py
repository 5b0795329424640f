"""API tokens of a database from before, when they were kept by another app: they go on opening what they opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.migrations.state import StateApps
from django.utils import timezone

from accounts.models import ApiToken, KeptAnswer, User
from accounts.services import find_token, make_token
from accounts.services.tokens import digest_of
from tests.upgrade.installation import Story

PLAIN = "portico_from_before"
MOVED = {"apitoken", "historicalapitoken", "keptanswer"}


def kinds_of(app: str) -> set[str]:
    return set(ContentType.objects.filter(app_label=app, model__in=MOVED).values_list("model", flat=True))


def fill(before: StateApps) -> Any:
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
    kinds = before.get_model("contenttypes", "ContentType").objects
    kind = {name: kinds.create(app_label="jobs", model=name) for name in MOVED}["apitoken"]
    right = before.get_model("auth", "Permission").objects.create(
        codename="change_apitoken", content_type=kind, name="Can change API token"
    )
    role = before.get_model("auth", "Group").objects.create(name="Keeper of keys")
    role.permissions.add(right)
    user.groups.add(role)
    return {"token": token.pk, "user": user.pk}


STORY = Story(at=(("jobs", "0020_placeholders_in_notes"), ("accounts", "0019_keep_no_forms_of_tries")), fill=fill)


def test_tokens_histories_answers_and_rights_are_there_afterwards(upgraded):
    found = find_token(PLAIN)
    assert found is not None and (found.pk, found.user.email, found.scopes) == (
        upgraded["token"],
        "sue@example.com",
        ["jobs.read"],
    )
    assert found.history.get().name == "Books"
    assert KeptAnswer.objects.get(token=found).body == {"number": "J-1"}
    assert kinds_of("accounts") == MOVED and not kinds_of("jobs")
    sue = User.objects.get(pk=upgraded["user"])
    assert sue.has_perm("accounts.change_apitoken")
    made, _plain = make_token(name="Another", by=None, user=sue)
    assert made.pk > max(ApiToken.objects.exclude(pk=made.pk).values_list("pk", flat=True))
