"""What was kept of mistyped forms before goes with the upgrade; the counts of tries, and with them the pauses, stay."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt, AccessLog
from django.db.migrations.state import StateApps

from tests.accounts.test_no_table_holds_what_was_typed import TOKEN, TYPED
from tests.factories import PASSWORD
from tests.jobs.test_no_table_holds_a_token import holders
from tests.upgrade.installation import Story


def fill(before: StateApps) -> None:
    facts = {"ip_address": "127.0.0.1", "http_accept": "x", "path_info": f"/join/{TOKEN}/"}
    typed = {"post_data": f"old_password={TYPED}", "get_data": f"next=/l/{TOKEN}/", "failures_since_start": 8}
    attempts = before.get_model("axes", "AccessAttempt").objects
    for number, name in enumerate((TYPED.lower(), "nina@example.com", "browser:a:b", None)):
        attempts.create(username=name, user_agent=str(number), **facts, **typed)
    before.get_model("axes", "AccessFailureLog").objects.create(username=TYPED, user_agent="x", **facts)
    before.get_model("axes", "AccessLog").objects.create(username="nina@example.com", user_agent="x", **facts)


STORY = Story(
    at=(("accounts", "0018_encrypt_authenticator_secrets"), ("axes", "0010_accessattemptexpiration")), fill=fill
)


@pytest.fixture(autouse=True)
def counted(settings):
    settings.AXES_ENABLED = True


def test_what_was_kept_before_goes_and_the_counts_stay(upgraded, client):
    assert [held for part in (TYPED, TYPED.lower(), TOKEN) for held in holders(part)] == []
    assert AccessAttempt.objects.count() == 4 and AccessAttempt.objects.filter(username="browser:a:b").exists()
    assert AccessLog.objects.get().username == "nina@example.com"
    answer = client.post("/login/", {"username": "Nina@example.com", "password": PASSWORD})
    assert answer.status_code == 429, "the pause goes on"
