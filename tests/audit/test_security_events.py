"""Security events: one line and one row each, counted together in a flood, kept whatever becomes of the request."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit import security_events
from audit.act import acting
from audit.models import SecurityEvent
from audit.refusals import SecurityEventsMiddleware, event_kind_of, shown_address
from audit.security_events import Desk, at_desk, forget_events, masked_email, note, note_once_committed
from tests.factories import make_job

Kind = SecurityEvent.Kind
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nine_o_clock(time_machine):
    time_machine.move_to("2026-11-24T09:00:10Z", tick=False)
    SecurityEvent.objects.all().delete()


def from_somewhere(address="203.0.113.9", path="POST /login/"):
    return at_desk(Desk(address, path, "portal"))


def rows(**facts):
    return list(SecurityEvent.objects.filter(**facts).order_by("pk"))


# --- One event ---------------------------------------------------------------------------------------------


def test_an_event_is_a_row_with_who_what_where_and_which_request(cast):
    with from_somewhere(), acting(by=cast.dana, source="console") as act:
        note(Kind.PAGE_REFUSED, about="Jobs", detail="403")
    [row] = rows()
    assert (row.kind, row.user, row.actor, row.about, row.detail) == ("page_refused", cast.dana, "Dana", "Jobs", "403")
    assert (row.address, row.path, row.source, row.request_id) == (
        "203.0.113.9",
        "POST /login/",
        "console",
        act.request_id,
    )
    assert row.times == 1 and row.first_at == row.last_at == timezone.now()


def test_an_event_is_one_line_in_the_log_that_nobody_can_break(cast, caplog):
    with caplog.at_level(logging.INFO, "portico.security"), from_somewhere(), acting(by=cast.dana) as act:
        note(Kind.SIGN_IN_FAILED, about='Vera "x"\nkind=signed_in\u2028', actor="Visitor")
    [line] = [record.message for record in caplog.records]
    assert line.startswith(f"kind=sign_in_failed request={act.request_id} address=203.0.113.9 source=")
    assert "actor=Visitor" in line and "\n" not in line and "\u2028" not in line
    assert "about=\"Vera 'x'\\nkind=signed_in\\u2028\"" in line


def test_what_was_refused_is_a_warning_and_what_was_allowed_is_not(caplog):
    with caplog.at_level(logging.INFO, "portico.security"):
        note(Kind.PAGE_REFUSED)
        note(Kind.EXPORTED)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("vera@new.example", "v…@new.example"),
        ("correct horse battery", "…"),
        ("", "…"),
        ("@example.com", "…"),
        ("a" * 300 + "@" + "b" * 300, "a…@" + "b" * 60),
    ],
)
def test_an_address_that_nobody_has_is_kept_masked(typed, kept):
    assert masked_email(typed) == kept


# --- Counting together -------------------------------------------------------------------------------------


def test_the_same_again_in_a_minute_raises_a_number(time_machine):
    for _ in range(3):
        with from_somewhere():
            note(Kind.PAGE_REFUSED, about="Jobs")
        time_machine.shift(10)
    [row] = rows()
    assert row.times == 3 and row.last_at - row.first_at == timedelta(seconds=20)
    time_machine.shift(60)
    with from_somewhere():
        note(Kind.PAGE_REFUSED, about="Jobs")
    assert [row.times for row in rows()] == [3, 1]


def test_a_household_with_ipv6_is_one_place():
    for n in range(5):
        with from_somewhere(f"2001:db8:1:2::{n}"):
            note(Kind.SIGN_IN_FAILED, about="v…@new.example")
    assert [row.times for row in rows()] == [5]


def test_a_flood_from_one_place_fills_a_few_rows_only():
    for n in range(60):
        with from_somewhere():
            note(Kind.SIGN_IN_FAILED, about=f"person{n}@new.example")
    found = rows()
    assert len(found) == security_events.ROWS_OF_A_NETWORK + 1
    assert found[-1].times == 60 - security_events.ROWS_OF_A_NETWORK
    assert sum(row.times for row in found) == 60
    assert (found[-1].about, found[-1].address) == ("", "203.0.113.9") and "together" in found[-1].detail


def test_a_flood_from_everywhere_fills_some_rows_only(monkeypatch):
    monkeypatch.setattr(security_events, "ROWS_OF_A_KIND", 30)
    for n in range(70):
        with from_somewhere(f"10.0.0.{n}"):
            note(Kind.SIGN_IN_FAILED, about="cora@example.com")
    found = rows()
    assert len(found) == 31 and sum(row.times for row in found) == 70
    assert found[-1].address is None and found[-1].times == 40


def test_many_in_one_request_cost_no_more_than_a_few():
    def cost(many):
        with CaptureQueriesContext(connection) as queries, from_somewhere(f"10.0.1.{many % 250}"):
            for n in range(many):
                note(Kind.RIGHTS_CHANGED, about=f"{many} {n}")
        return len(queries)

    assert cost(1000) == cost(100)
    assert sum(row.times for row in rows()) == 1100


def test_two_processes_at_once_count_both(monkeypatch):
    """The other one makes the row between our looking and our making it."""
    raised = security_events._raise
    beaten = []

    def late(noted):
        if not beaten:
            beaten.append(noted)
            security_events._count(noted)
            return 0
        return raised(noted)

    monkeypatch.setattr(security_events, "_raise", late)
    with from_somewhere():
        note(Kind.PAGE_REFUSED)
    assert [row.times for row in rows()] == [2]


# --- Transactions ------------------------------------------------------------------------------------------


def test_a_refusal_inside_a_transaction_that_is_rolled_back_is_kept():
    def view(request):
        with pytest.raises(PermissionDenied), transaction.atomic():
            note(Kind.PAGE_REFUSED, about="inside")
            raise PermissionDenied
        return HttpResponse()

    SecurityEventsMiddleware(view)(RequestFactory().get("/jobs/"))
    assert [row.about for row in rows()] == ["inside"]


def test_a_change_counts_only_once_it_is_committed(committed):
    with committed():
        try:
            with transaction.atomic():
                note_once_committed(Kind.RIGHTS_CHANGED, about="not kept")
                raise ValueError
        except ValueError:
            pass
        note_once_committed(Kind.RIGHTS_CHANGED, about="kept")
    assert [row.about for row in rows()] == ["kept"]


def test_a_database_that_fails_breaks_no_page(monkeypatch, caplog):
    from django.db import OperationalError

    def fail(noted):
        raise OperationalError("disk full")

    monkeypatch.setattr(security_events, "_count", fail)

    def view(request):
        note(Kind.PAGE_REFUSED)
        return HttpResponse("fine")

    assert SecurityEventsMiddleware(view)(RequestFactory().get("/")).content == b"fine"
    assert "kind=page_refused" in caplog.text and "could not be written" in caplog.text


# --- Which answers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "headers", "kind"),
    [
        ("/jobs/", 200, {}, None),
        ("/jobs/", 403, {}, Kind.PAGE_REFUSED),
        ("/jobs/", 404, {}, None),
        ("/admin/jobs/job/", 403, {}, Kind.PAGE_REFUSED),
        ("/login/", 429, {}, Kind.THROTTLED),
        ("/api/v1/jobs", 401, {}, Kind.TOKEN_REFUSED),
        ("/api/v1/jobs", 403, {}, Kind.TOKEN_REFUSED),
        ("/api/v1/jobs", 404, {}, None),
        ("/api/v1/jobs", 429, {}, Kind.THROTTLED),
        ("/l/abc/", 200, {}, None),
        ("/l/abc/", 403, {}, Kind.TOKEN_REFUSED),
        ("/l/abc/", 410, {}, Kind.TOKEN_REFUSED),
        ("/join/abc/", 404, {}, Kind.TOKEN_REFUSED),
        ("/join/abc/", 410, {}, Kind.TOKEN_REFUSED),
        ("/stop/abc/", 404, {}, Kind.TOKEN_REFUSED),
        ("/admin/x/", 200, {"Content-Type": "text/csv", "Content-Disposition": "attachment"}, Kind.EXPORTED),
        ("/admin/x/", 200, {"Content-Type": "image/png", "Content-Disposition": "attachment"}, None),
        ("/admin/x/", 200, {"Content-Type": "application/pdf", "Content-Disposition": "inline"}, None),
    ],
)
def test_an_answer_says_of_which_kind_it_is(path, status, headers, kind):
    assert event_kind_of(RequestFactory().get(path), HttpResponse(status=status, headers=headers)) is kind


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/l/abcdefgh/", "GET /l/…/"),
        ("/l/abcdefgh/status/", "GET /l/…/status/"),
        ("/join/abcdefgh/", "GET /join/…/"),
        ("/stop/abcdefgh/", "GET /stop/…/"),
        ("/password/new/MQ/abc-def/", "GET /password/new/…/…/"),
        ("/l/abcdefgh/nothing/of/the/kind", "GET /l/…"),
        ("/jobs/J-1/?token=secret", "GET /jobs/J-1/"),
    ],
)
def test_the_address_of_a_page_is_kept_without_what_opens_something(path, shown):
    assert shown_address(RequestFactory().get(path)) == shown


def test_carl_who_tries_the_console_is_noted(cast, sign_in):
    assert sign_in(cast.carl).get("/admin/jobs/job/").status_code == 302
    [row] = rows(kind=Kind.PAGE_REFUSED)
    assert (row.user, row.source, row.path) == (cast.carl.user, "console", "GET /admin/jobs/job/")


def test_nell_who_opens_a_page_that_is_not_hers_is_noted(cast, sign_in):
    assert sign_in(cast.nell).get("/admin/jobs/job/?q=secret").status_code == 403
    [row] = rows(kind=Kind.PAGE_REFUSED)
    assert (row.actor, row.detail, row.path) == ("Nell", "403", "GET /admin/jobs/job/")
    visitor = sign_in().get("/admin/jobs/job/")
    assert visitor.status_code == 302 and len(rows()) == 1 + len(rows(kind=Kind.SIGNED_IN))


def test_a_wrong_answer_at_a_portal_link_is_noted_without_the_link_or_the_answer(cast, client, caplog):
    job = make_job(cast.cedar, cast.exchange, by=cast.dana, contact_email="gita@example.com")
    address = job.portal_links.get().url
    token = address.rstrip("/").rsplit("/", 1)[1]
    client.post(f"/l/{token}/", {"answer": "carl@example.com"})
    [row] = rows(kind=Kind.TOKEN_REFUSED)
    assert (row.source, row.path, row.detail) == ("link", "POST /l/…/", "403")
    told = caplog.text + "".join(str(value) for row in SecurityEvent.objects.values() for value in row.values())
    assert token not in told and "carl@example.com" not in told


def test_a_token_of_the_api_that_opens_nothing_is_noted_without_the_token(cast, client, caplog):
    client.get("/api/v1/jobs", headers={"Authorization": "Bearer portico_guessed"})
    [row] = rows(kind=Kind.TOKEN_REFUSED)
    assert (row.source, row.path, row.detail) == ("api", "GET /api/v1/jobs", "401")
    assert "portico_guessed" not in caplog.text


# --- Forgetting --------------------------------------------------------------------------------------------


def test_the_sweep_forgets_what_is_old(settings, time_machine):
    settings.SECURITY_EVENT_DAYS = 30
    with from_somewhere():
        note(Kind.PAGE_REFUSED, about="old")
    time_machine.shift(timedelta(days=29))
    assert forget_events() == 0
    with from_somewhere():
        note(Kind.PAGE_REFUSED, about="new")
    time_machine.shift(timedelta(days=2))
    assert forget_events() == 1
    assert [row.about for row in rows()] == ["new"]


def test_the_sweep_keeps_a_number_of_rows_whatever_their_age(monkeypatch):
    monkeypatch.setattr(security_events, "MOST_ROWS", 4)
    monkeypatch.setattr(security_events, "PIECE", 2)
    for n in range(9):
        with from_somewhere():
            note(Kind.PAGE_REFUSED, about=f"{n}")
    assert forget_events() == 5
    assert [row.about for row in rows()] == ["5", "6", "7", "8"]
