"""API tokens: shown once, kept as a fingerprint, worth as much as the person behind them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from console.errors import NotAllowed, Refused
from jobs.models import ApiToken, KeptAnswer
from jobs.services import forget_answers, make_token, revoke_token
from tests.api.test_jobs_api import NEW, problem
from tests.console.people import narrow
from tests.factories import make_worker


def test_only_a_fingerprint_is_kept(cast):
    token, plain = make_token(name="Accounting", by=cast.olivia, user=cast.dana, scopes=("jobs.read",))
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert plain not in str(row)
    assert plain not in str(list(token.history.values()))
    assert token.history.get().actor == "Olivia"


@pytest.mark.parametrize("header", [None, "", "Bearer ", "Bearer nonsense", "Basic abc", "Bearer \u00e9", "bearer"])
def test_without_a_good_one_nobody_gets_in(cast, client, header):
    headers = {} if header is None else {"Authorization": header}
    answer = client.get("/api/v1/jobs", headers=headers)
    problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token(cast, sign_in):
    problem(sign_in(cast.olivia).get("/api/v1/jobs"), 401)


def test_it_ends_when_it_is_revoked_expires_or_its_person_goes(cast, program):
    revoked, expired, off, demoted = (program(cast.dana) for _ in range(4))
    assert revoked.get("/jobs").status_code == 200
    revoke_token(revoked.token, by=cast.olivia, reason="lost")
    problem(revoked.get("/jobs"), 401)
    ApiToken.objects.filter(pk=expired.token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    problem(expired.get("/jobs"), 401)
    cast.dana.is_staff = False
    cast.dana.save()
    problem(demoted.get("/jobs"), 401)
    cast.dana.is_staff, cast.dana.is_active = True, False
    cast.dana.save()
    problem(off.get("/jobs"), 401)
    theo = make_worker("Tim")
    tims = program(theo)
    assert tims.get("/worker/jobs").status_code == 200
    theo.is_active = False
    theo.save()
    problem(tims.get("/worker/jobs"), 401)


def test_when_it_was_last_used_is_known(program, cast):
    danas = program(cast.dana)
    danas.get("/jobs")
    danas.token.refresh_from_db()
    assert danas.token.last_used_at


def test_who_asks_too_often_waits(program, cast, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    with time_machine.travel("2026-11-23T09:00:10Z", tick=False) as clock:
        danas, others = program(cast.dana), program(cast.olivia)
        assert [danas.get("/jobs").status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = danas.get("/jobs")
        problem(answer, 429)
        assert answer["Retry-After"] == "50"
        assert others.get("/jobs").status_code == 200
        clock.move_to("2026-11-23T09:01:00Z")
        assert danas.get("/jobs").status_code == 200


def test_who_guesses_is_stopped(cast, client):
    with time_machine.travel("2026-11-23T09:00:10Z", tick=False):
        for _ in range(30):
            client.get("/api/v1/jobs", headers={"Authorization": "Bearer wrong"})
        problem(client.get("/api/v1/jobs", headers={"Authorization": "Bearer wrong"}), 429)


def test_a_program_with_an_old_token_does_not_lock_out_its_neighbour(cast, client, program):
    with time_machine.travel("2026-11-23T09:00:10Z", tick=False):
        for _ in range(40):
            client.get("/api/v1/jobs", headers={"Authorization": "Bearer wrong"})
        assert program(cast.dana).get("/jobs").status_code == 200


def test_nobody_makes_one_that_may_more_than_herself(cast):
    with pytest.raises(Refused, match="administrator"):
        make_token(name="x", by=cast.dana, user=cast.olivia, scopes=("jobs.read",))
    with pytest.raises(Refused, match="member of staff"):
        make_token(name="x", by=cast.olivia, user=cast.cora.user, scopes=("jobs.read",))
    with pytest.raises(Refused, match="whom"):
        make_token(name="x", by=cast.olivia, user=cast.dana, worker=cast.theo)


def test_kept_answers_are_forgotten(cast, program):
    program(cast.dana).post("/jobs", NEW, **{"Idempotency-Key": "k"})
    assert forget_answers() == 0
    assert forget_answers(timezone.now() + timedelta(hours=49)) == 1
    assert not KeptAnswer.objects.exists()


class TestConsole:
    ANSWERS = {"_form_submitted": "on", "name": "Accounting", "scopes": ["jobs.read"], "days": "90"}

    def test_olivia_makes_one_and_sees_it_once(self, cast, sign_in, client):
        olivias = sign_in(cast.olivia)
        url = reverse("admin:jobs_apitoken_make")
        assert olivias.get(url).status_code == 200
        assert not ApiToken.objects.exists()
        answer = olivias.post(url, self.ANSWERS | {"user": cast.dana.pk})
        plain = answer.context["plain"]
        assert plain in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        headers = {"Authorization": f"Bearer {plain}"}
        assert client.get("/api/v1/jobs", headers=headers).status_code == 200
        token = ApiToken.objects.get()
        for page in ("admin:jobs_apitoken_changelist", "admin:jobs_apitoken_change", "admin:jobs_apitoken_history"):
            args = [] if page.endswith("changelist") else [token.pk]
            assert plain not in olivias.get(reverse(page, args=args)).content.decode()

    def test_what_is_missing_is_asked_for(self, cast, sign_in):
        answer = sign_in(cast.olivia).post(reverse("admin:jobs_apitoken_make"), {**self.ANSWERS, "scopes": []})
        assert "Choose one" in answer.content.decode()
        assert not ApiToken.objects.exists()

    def test_revoking_asks_first(self, cast, sign_in, program):
        token = program(cast.dana).token
        url = reverse("admin:jobs_apitoken_revoke", args=[token.pk])
        olivias = sign_in(cast.olivia)
        assert "never used" in olivias.get(url).content.decode()
        olivias.post(url, {"_form_submitted": "on", "reason": "lost"})
        token.refresh_from_db()
        assert token.state == "revoked"
        assert token.history.first().history_change_reason == "lost"

    @pytest.mark.parametrize("who", ["dana", "sam", "nell"])
    def test_nobody_else_makes_or_revokes_one(self, cast, sign_in, program, who):
        token, client = program(cast.dana).token, sign_in(getattr(cast, who))
        assert client.post(reverse("admin:jobs_apitoken_make"), self.ANSWERS).status_code == 403
        assert client.post(reverse("admin:jobs_apitoken_revoke", args=[token.pk])).status_code in (403, 404)


def test_nobody_makes_a_token_that_may_more_than_she(cast):
    """Whoever was given the right to make tokens does not rise by it."""
    cast.bill.user_permissions.add(Permission.objects.get(codename="add_apitoken"))
    bill = User.objects.get(pk=cast.bill.pk)
    for other in (cast.olivia, cast.dana):
        with pytest.raises(NotAllowed):
            make_token(name="Mine", by=bill, user=other, scopes=("jobs.write",))
    narrow(bill, cast.acme)
    cast.sam.groups.set(bill.groups.all())
    with pytest.raises(NotAllowed, match="not granted to you"):
        make_token(name="Mine", by=bill, user=cast.sam, scopes=("jobs.read",))
    assert not ApiToken.objects.exists()
    assert make_token(name="Mine", by=bill, user=bill, scopes=("jobs.read",))
