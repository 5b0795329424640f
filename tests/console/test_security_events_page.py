"""The page of security events: for administrators, to search, filter and export, and for nobody to write in."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.act import acting
from audit.models import SecurityEvent
from audit.security_events import Desk, at_desk, note

Kind = SecurityEvent.Kind
LIST = "admin:audit_securityevent_changelist"


@pytest.fixture
def events(cast):
    SecurityEvent.objects.all().delete()
    with at_desk(Desk("203.0.113.9", "POST /login/", "portal")):
        note(Kind.SIGN_IN_FAILED, about="cora@example.com", actor="Visitor")
    with at_desk(Desk("198.51.100.4", "GET /admin/jobs/job/", "console")), acting(by=cast.nell):
        note(Kind.PAGE_REFUSED, detail="403")
    with at_desk(Desk("198.51.100.5", "POST /admin/", "console")), acting(by=cast.dana):
        note(Kind.RIGHTS_CHANGED, about="Permission override: Deny: Cancel jobs, Cora", detail="created")
    return SecurityEvent.objects.order_by("pk")


def shown(client, **query):
    answer = client.get(reverse(LIST), query)
    assert answer.status_code == 200, answer.status_code
    return {row.kind for row in answer.context["cl"].result_list} - {"signed_in"}


def test_olivia_sees_what_happened_from_where(cast, events, sign_in):
    page = sign_in(cast.olivia).get(reverse(LIST)).content.decode()
    for words in ("Failed sign-in", "cora@example.com", "203.0.113.9", "Page refused", "Nell", "Rights changed"):
        assert words in page
    assert "180 days" in page


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"q": "cora"}, {"sign_in_failed", "rights_changed"}),
        ({"q": "203.0.113"}, {"sign_in_failed"}),
        ({"q": "/admin/jobs"}, {"page_refused"}),
        ({"q": "nobody at all"}, set()),
        ({"kind__exact": "page_refused"}, {"page_refused"}),
        ({"source__exact": "console"}, {"page_refused", "rights_changed"}),
    ],
)
def test_it_is_searched_and_filtered(cast, events, sign_in, query, kinds):
    assert shown(sign_in(cast.olivia), **query) == kinds


def test_an_empty_list_says_what_would_stand_there(cast, sign_in):
    client = sign_in(cast.olivia)
    SecurityEvent.objects.all().delete()
    assert "No security events. Failed sign-ins" in client.get(reverse(LIST)).content.decode()


def test_an_event_has_a_page_that_leads_to_what_was_changed(cast, events, sign_in):
    event = events[2]
    page = sign_in(cast.olivia).get(reverse("admin:audit_securityevent_change", args=[event.pk])).content.decode()
    assert f"/admin/changelog/?request={event.request_id}" in page and "198.51.100.5" in page


@pytest.mark.parametrize("who", ["dana", "ines", "bill", "sam", "nell"])
def test_nobody_but_an_administrator_sees_it(cast, events, sign_in, who):
    client = sign_in(getattr(cast, who))
    assert client.get(reverse(LIST)).status_code == 403
    assert client.get(reverse("admin:audit_securityevent_export")).status_code == 403
    assert client.get(reverse("admin:audit_securityevent_change", args=[events[0].pk])).status_code == 403
    assert "Security events" not in client.get("/admin/").content.decode()


def test_olivia_finds_it_in_the_menu(cast, sign_in):
    assert reverse(LIST) in sign_in(cast.olivia).get("/admin/").content.decode()


def test_nobody_writes_in_it(cast, events, sign_in):
    client, event = sign_in(cast.olivia), events[0]
    change = reverse("admin:audit_securityevent_change", args=[event.pk])
    assert client.post(change, {"times": "0", "about": "nothing"}).status_code == 403
    assert client.post(reverse("admin:audit_securityevent_delete", args=[event.pk])).status_code == 403
    assert client.get(reverse("admin:audit_securityevent_add")).status_code == 403
    client.post(reverse(LIST), {"action": "delete_selected", "_selected_action": [event.pk], "post": "yes"})
    event.refresh_from_db()
    assert (event.times, event.about) == (1, "cora@example.com")


def test_a_narrowed_person_with_the_right_sees_their_own_only(cast, events, sign_in):
    from django.contrib.auth.models import Permission

    cast.dana.user_permissions.add(Permission.objects.get(codename="view_securityevent"))
    client = sign_in(cast.dana)
    assert shown(client) == {"sign_in_failed", "page_refused", "rights_changed"}
    cast.dana.only_granted_customers = True
    cast.dana.save()
    assert shown(client) == {"rights_changed"}
    assert client.get(reverse("admin:audit_securityevent_change", args=[events[0].pk])).status_code == 404


def test_the_list_is_a_file_and_taking_it_is_an_event(cast, events, sign_in):
    client = sign_in(cast.olivia)
    export = reverse("admin:audit_securityevent_export")
    form = client.get(export).context["form"]
    data = {name: "on" for name in form.fields if name not in ("format", "resource", "export_items")}
    text = client.post(export, data | {"format": "0", "resource": "0"}).getvalue().decode("utf-8-sig")
    assert "cora@example.com" in text and "203.0.113.9" in text
    [event] = SecurityEvent.objects.filter(kind=Kind.EXPORTED)
    assert event.actor == "Olivia" and event.about.startswith("security-events-") and event.source == "console"


def test_a_long_list_costs_no_more_questions_than_a_short_one(cast, events, sign_in):
    client = sign_in(cast.olivia)
    client.get(reverse(LIST))

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse(LIST))
        return len(queries)

    short = cost()
    for n in range(40):
        with at_desk(Desk(f"10.0.0.{n}", "POST /login/", "portal")), acting(by=cast.nell):
            note(Kind.PAGE_REFUSED, about=f"{n}")
    assert cost() == short


def test_in_german_it_reads_how_often_and_that_it_was_a_visitor(cast, events, sign_in):
    cast.olivia.language = "de"
    cast.olivia.save()
    page = sign_in(cast.olivia).get(reverse(LIST)).content.decode()
    assert "Anzahl" in page and "Zeiten" not in page
    assert "Besucher" in page and "Visitor" not in page
