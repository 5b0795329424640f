from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, User, Worker
from accounts.services import make_token
from console.errors import NotAllowed
from jobs.services import create_series, report_position
from tests.console.people import narrow
from tests.factories import make_job, make_worker

ADD, LIST = "/admin/accounts/worker/add/", "/admin/accounts/worker/"
HERE = {"latitude": Decimal("53.551086"), "longitude": Decimal("9.993682")}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-24T10:00:00+01:00", tick=False):
        yield


def page(worker):
    return f"/admin/accounts/worker/{worker.pk}/change/"


def click(client, button, worker, **answers):
    return client.post(
        reverse(f"admin:accounts_worker_{button}", args=[worker.pk]), {"_form_submitted": "on", **answers}
    )


def hours(**days):
    """What the form sends: 14 times in a row, from and until for each day."""
    times = [time for day in ("mo", "tu", "we", "th", "fr", "sa", "su") for time in days.get(day, ("", ""))]
    return {
        f"working_hours_{day}_{edge}": times[2 * n + m]
        for n, day in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"))
        for m, edge in enumerate(("from", "until"))
    }


def filled_in(**answers):
    return {"name": "Wanda", "colour": "#b45309", "phone": "+49 151 5550102", "email": "", "user": ""} | answers


def names(response):
    return [worker.name for worker in response.context["cl"].result_list]


class TestTheList:
    def test_it_is_searched_and_filtered(self, cast, sign_in):
        make_worker("Wanda", phone="+49 151 777"), make_worker("Old Otto", is_active=False)
        client = sign_in(cast.dana)
        assert names(client.get(LIST)) == ["Old Otto", "Theo", "Wanda"]
        assert names(client.get(LIST, {"q": "777"})) == ["Wanda"]
        assert names(client.get(LIST, {"standing": "active"})) == ["Theo", "Wanda"]
        assert names(client.get(LIST, {"standing": "archived"})) == ["Old Otto"]
        assert names(client.get(LIST, {"q": "nobody"})) == []
        Worker.objects.all().delete()
        assert "No worker yet." in client.get(LIST).content.decode()

    def test_it_says_when_somebody_was_seen_to_those_who_may_know(self, cast, sign_in):
        report_position(cast.theo, **HERE)
        assert "24 Nov 2026, 10:00" in sign_in(cast.dana).get(LIST).content.decode()
        assert sign_in(cast.nell).get(LIST).status_code == 403
        assert sign_in(cast.bill).get(LIST).status_code == 403

    def test_it_costs_the_same_for_two_and_for_twenty(self, cast, sign_in):
        client = sign_in(cast.dana)

        def queries():
            with CaptureQueriesContext(connection) as caught:
                client.get(LIST)
            return len(caught)

        make_worker()
        queries()
        few = queries()
        for _n in range(18):
            worker = make_worker(working_hours={"mo": ["07:00", "16:00"]})
            make_job(cast.acme, cast.exchange, worker=worker)
            report_position(worker, **HERE)
        assert queries() == few


class TestTheForm:
    def test_dana_adds_somebody_with_her_hours(self, cast, sign_in):
        answers = filled_in(**hours(mo=("07:00", "16:00"), sa=("08:00", "12:00")))
        answer = sign_in(cast.dana).post(ADD, answers)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        wanda = Worker.objects.get(name="Wanda")
        assert wanda.working_hours == {"mo": ["07:00", "16:00"], "sa": ["08:00", "12:00"]}
        assert wanda.hours_in_words == "Mon 07:00–16:00, Sat 08:00–12:00"

    def test_nonsense_is_refused_by_its_day_and_what_was_typed_stays(self, cast, sign_in):
        answer = sign_in(cast.dana).post(ADD, filled_in(**hours(we=("16:00", "07:00"))))
        text = answer.content.decode()
        assert "Wednesday: the end lies before the start." in text and 'value="16:00"' in text
        assert not Worker.objects.filter(name="Wanda").exists()

    def test_a_change_is_on_record_with_the_hours_before_and_after(self, cast, sign_in):
        answers = filled_in(name="Theo", **hours(mo=("06:00", "14:00")))
        assert sign_in(cast.dana).post(page(cast.theo), answers).status_code == 302
        history = sign_in(cast.sam).get(f"/admin/accounts/worker/{cast.theo.pk}/history/").content.decode()
        assert "06:00" in history and "Dana" in history

    def test_sam_reads_it_and_changes_nothing(self, cast, sign_in):
        client = sign_in(cast.sam)
        assert "Theo" in client.get(page(cast.theo)).content.decode()
        assert client.post(page(cast.theo), filled_in()).status_code == 403
        for button in ("archive", "make_token", "revoke_token"):
            assert click(client, button, cast.theo, name="x", reason="x").status_code == 403


class TestTokens:
    def test_dana_makes_one_that_is_shown_once_and_opens_his_own_jobs(self, cast, sign_in, client):
        job = make_job(cast.acme, cast.exchange, worker=cast.theo, planned_start=timezone.now())
        make_job(cast.cedar, cast.exchange, worker=make_worker())
        answer = click(sign_in(cast.dana), "make_token", cast.theo, name="Theo's telephone", days="30")
        plain = answer.context["plain"]
        assert plain in answer.content.decode() and "no-store" in answer["Cache-Control"]
        token = ApiToken.objects.get()
        assert (token.worker, token.user, token.scopes) == (cast.theo, None, [])
        assert token.expires_at == timezone.now() + timedelta(days=30)
        assert plain not in sign_in(cast.dana).get(page(cast.theo)).content.decode()
        own = client.get("/api/v1/worker/jobs", headers={"Authorization": f"Bearer {plain}"}).json()
        assert [one["number"] for one in own] == [job.number]

    def test_a_lost_telephone_is_shut_out(self, cast, sign_in, client):
        token, plain = make_token(name="Telephone", by=cast.dana, worker=cast.theo)
        other, _plain = make_token(name="Another's", by=cast.dana, worker=make_worker())
        dana = sign_in(cast.dana)
        assert "revoke_token" in dana.get(page(cast.theo)).content.decode()
        assert click(dana, "revoke_token", cast.theo, token=other.pk).status_code == 200  # not one of his
        assert click(dana, "revoke_token", cast.theo, token=token.pk, reason="lost").status_code == 302
        token.refresh_from_db()
        assert token.revoked_at and token.history.first().history_change_reason == "lost"
        assert client.get("/api/v1/worker/jobs", headers={"Authorization": f"Bearer {plain}"}).status_code == 401

    def test_asking_makes_nothing(self, cast, sign_in):
        url = reverse("admin:accounts_worker_make_token", args=[cast.theo.pk])
        assert sign_in(cast.dana).get(url).status_code == 200
        assert not ApiToken.objects.exists()


class TestArchiving:
    def test_it_says_what_stays_and_can_be_undone(self, cast, sign_in, client):
        make_job(cast.acme, cast.exchange, worker=cast.theo)
        _token, plain = make_token(name="Telephone", by=cast.dana, worker=cast.theo)
        dana = sign_in(cast.dana)
        question = dana.get(reverse("admin:accounts_worker_archive", args=[cast.theo.pk])).content.decode()
        assert "1 open job stays hers" in question
        assert click(dana, "archive", cast.theo, reason="left").status_code == 302
        cast.theo.refresh_from_db()
        assert not cast.theo.is_active and cast.theo.history.first().history_change_reason == "left"
        auth = {"Authorization": f"Bearer {plain}"}
        assert client.get("/api/v1/worker/jobs", headers=auth).status_code == 401
        assert click(dana, "restore", cast.theo).status_code == 302
        assert client.get("/api/v1/worker/jobs", headers=auth).status_code == 200

    def test_one_with_work_is_not_deleted_and_it_says_why(self, cast, sign_in):
        facts = {
            "customer": cast.acme,
            "template": cast.exchange,
            "starts_on": timezone.localdate(),
            "worker": cast.theo,
        }
        create_series(facts | {"name": "Daily", "rules": [{"kind": "weekday"}]}, by=cast.dana)
        answer = sign_in(cast.olivia).post(f"{LIST}{cast.theo.pk}/delete/", {"post": "yes"}, follow=True)
        assert Worker.objects.filter(pk=cast.theo.pk).exists()
        assert (
            "“Theo” cannot be deleted. What hangs on it: 11 jobs, 1 series. Archive it instead."
            in answer.content.decode()
        )
        assert sign_in(cast.dana).post(f"{LIST}{cast.theo.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_one_who_was_seen_is_kept_too(self, cast, sign_in):
        report_position(cast.theo, **HERE)
        answer = sign_in(cast.olivia).post(f"{LIST}{cast.theo.pk}/delete/", {"post": "yes"}, follow=True)
        assert (
            "“Theo” cannot be deleted. What hangs on it: 1 worker position. Archive it instead."
            in answer.content.decode()
        )
        mistake = make_worker("Mistake")
        sign_in(cast.olivia).post(f"{LIST}{mistake.pk}/delete/", {"post": "yes"})
        assert not Worker.objects.filter(pk=mistake.pk).exists()


class TestWhereSheWas:
    def address(self, worker):
        return f"{LIST}{worker.pk}/positions/"

    def test_a_day_is_a_trail_and_a_list(self, cast, sign_in):
        now = timezone.now()
        for minutes in (90, 60, 30):
            report_position(cast.theo, **HERE, at=now - timedelta(minutes=minutes))
        report_position(cast.theo, **HERE, at=now - timedelta(days=1))
        report_position(make_worker(), **HERE)
        shown = sign_in(cast.dana).get(self.address(cast.theo))
        assert [f"{timezone.localtime(row['position'].at):%H:%M}" for row in shown.context["rows"]] == [
            "08:30", "09:00", "09:30",
        ]  # fmt: skip
        assert "kept for 30 days" in shown.content.decode()
        yesterday = sign_in(cast.dana).get(self.address(cast.theo), {"day": "2026-11-23"})
        assert yesterday.context["count"] == 1

    def test_a_long_day_is_thinned_and_keeps_its_last(self, cast, sign_in):
        now = timezone.now()
        north = [HERE["latitude"] + Decimal(n) / 10_000 for n in range(650)]
        for n, latitude in enumerate(north):
            at = now - timedelta(seconds=650 - n)
            report_position(cast.theo, latitude=latitude, longitude=HERE["longitude"], at=at)
        shown = sign_in(cast.dana).get(self.address(cast.theo))
        assert shown.context["count"] == 650 and len(shown.context["rows"]) <= 300
        assert shown.context["rows"][-1]["position"].latitude == north[-1]

    def test_it_is_for_those_who_may_see_positions(self, cast, sign_in):
        assert sign_in(cast.sam).get(self.address(cast.theo)).status_code == 200
        assert sign_in(cast.nell).get(self.address(cast.theo)).status_code == 403
        assert sign_in(cast.carl).get(self.address(cast.theo)).status_code == 302
        assert sign_in(cast.dana).get(f"{LIST}999/positions/").status_code == 404


def test_a_narrowed_dispatcher_hands_out_no_key_to_other_customers_jobs(cast, sign_in):
    """A worker's token opens the worker's jobs whosever they are: more than she sees herself."""
    make_job(cast.cedar, cast.exchange, worker=cast.theo), make_job(cast.acme, cast.exchange, worker=cast.theo)
    narrow(cast.dana, cast.acme)
    client = sign_in(cast.dana)
    assert "New token" not in client.get(page(cast.theo)).content.decode()
    assert click(client, "make_token", cast.theo, name="Mine", days="30").status_code == 403
    with pytest.raises(NotAllowed, match="not granted to you"):
        make_token(name="Mine", by=cast.dana, worker=cast.theo)
    assert not ApiToken.objects.exists()
    question = client.get(reverse("admin:accounts_worker_archive", args=[cast.theo.pk])).content.decode()
    assert "1 open job stays hers" in question


@pytest.mark.parametrize("missing", ["jobs.view_job", "jobs.change_job", "jobs.complete_job"])
def test_who_keeps_the_workers_and_may_not_do_their_jobs_hands_out_no_key(cast, sign_in, client, missing):
    """A role of one's own: the workers, and all but one of the rights that a worker's token has."""
    make_job(cast.acme, cast.exchange, worker=cast.theo)
    rights = {"accounts.view_worker", "accounts.change_worker", "jobs.view_job", "jobs.change_job", "jobs.complete_job"}
    # Who may change a job may see it.
    lacking = {missing, "jobs.change_job"} if missing == "jobs.view_job" else {missing}
    for code in rights - lacking:
        cast.nell.user_permissions.add(Permission.objects.get(codename=code.split(".")[1]))
    nells = sign_in(cast.nell)
    assert "New token" not in nells.get(page(cast.theo)).content.decode()
    assert click(nells, "make_token", cast.theo, name="Mine", days="30").status_code == 403
    with pytest.raises(NotAllowed, match="and you may not"):
        make_token(name="Mine", by=User.objects.get(pk=cast.nell.pk), worker=cast.theo)
    assert not ApiToken.objects.exists()
    for code in lacking:
        cast.nell.user_permissions.add(Permission.objects.get(codename=code.split(".")[1]))
    assert click(nells, "make_token", cast.theo, name="Theo's telephone", days="30").status_code == 200
    assert ApiToken.objects.get().worker == cast.theo


def test_a_day_or_a_worker_that_cannot_be_is_none(cast, sign_in):
    client = sign_in(cast.dana)
    for nonsense in ("day=0001-01-01", "day=9999-12-31", "worker=²", f"worker={'9' * 30}"):
        for address in ("/admin/map/", "/admin/schedule/", f"/admin/accounts/worker/{cast.theo.pk}/positions/"):
            assert client.get(f"{address}?{nonsense}").status_code == 200, (address, nonsense)
    for address in ("/admin/jobs/job/add/", "/admin/accounts/portaluser/add/"):
        assert client.get(f"{address}?customer=²").status_code == 200
