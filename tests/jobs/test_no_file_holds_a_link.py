"""No list, file, log or answer holds the token of a portal link, for any reader; but where decision 0077 says so."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import KeptAnswer
from accounts.services import make_token
from alerts.models import Delivery
from alerts.services import deliver, install_default_alerts, words_to_send
from alerts.services.announcing import announce
from audit.models import SecurityEvent
from jobs.models import JobEvent, PortalLink
from jobs.services import create_series, revoke_portal_link, update_job
from tests.console.people import narrow
from tests.console.test_every_list_is_a_file import LISTS, url_of
from tests.factories import make_job

CSV, XLSX = "0", "1"
# Whoever holds the right to work with links, in what was granted to them for changing.
MAY_COPY = {"olivia", "dana", "dana_of_acme"}
READERS = ["olivia", "dana", "ines", "bill", "sam", "nell", "dana_of_acme", "dana_looks_at_acme", "dana_of_cedar"]
FILES_IN_EVERY_FORMAT = {"jobs.job", "jobs.series", "jobs.portallink", "audit.securityevent"}


@pytest.fixture
def links(cast):
    """Jobs whose notes hold the placeholder; one link is revoked, one was opened, one asked for by a stranger."""
    install_default_alerts(by=cast.olivia)
    jobs = [
        make_job(cast.acme, cast.exchange, by=cast.dana, notes="Gate 4711", worker=cast.theo, contact_email=address)
        for address in ("gita@example.com", "gina@example.com")
    ]
    facts = {"name": "Acme daily", "customer": cast.acme, "template": cast.exchange, "notes": "Gate 4711"}
    create_series(
        facts | {"rules": [{"kind": "day", "every": 1}], "starts_on": "2026-01-01", "create_days_ahead": 1},
        by=cast.dana,
    )
    first, second = (job.portal_links.get() for job in jobs)
    update_job(jobs[0], {"notes": f"{jobs[0].notes}\nsee {first.url} and {second.url}"}, by=cast.dana)
    revoke_portal_link(second, by=cast.dana, reason=f"{second.url} went to the wrong person")
    announce(JobEvent.objects.values_list("pk", flat=True))
    deliver(Delivery.objects.values_list("pk", flat=True))
    guest = Client()
    for words in ("wrong@example.com", "gita@example.com"):
        guest.post(f"/l/{first.token}/", {"answer": words})
        guest.post(f"/l/{second.token}/", {"answer": words})
    guest.get(f"/l/{first.token}x/")
    found = [first, second, *PortalLink.objects.exclude(pk__in=[first.pk, second.pk])]
    assert len(found) >= len(jobs) + 1 and SecurityEvent.objects.exists()
    return found


@pytest.fixture
def reader(cast, links):
    """``reader(name)``: that member of staff, narrowed if the name says so."""

    def _reader(name):
        if name == "dana_of_acme":
            narrow(cast.dana, cast.acme)
        elif name == "dana_looks_at_acme":
            narrow(cast.dana, cast.acme, action="view")
        elif name == "dana_of_cedar":
            narrow(cast.dana, cast.cedar)
        return getattr(cast, name.partition("_")[0])

    return _reader


def text_of(answer):
    body = answer.getvalue()
    if body.startswith(b"PK"):
        parts = zipfile.ZipFile(io.BytesIO(body))
        body = b"\n".join(parts.read(name) for name in parts.namelist())
    return body.decode(errors="replace")


def exported(client, label, kind):
    """A list as a file; None for whoever gets none."""
    page = client.get(url_of(label))
    if page.status_code != 200:
        assert page.status_code == 403, label
        return None
    names = [name for name in page.context["form"].fields if name not in ("format", "resource", "export_items")]
    answer = client.post(url_of(label), dict.fromkeys(names, "on") | {"format": kind, "resource": "0"})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"], label
    return text_of(answer)


def tokens_in(text, links):
    return [link.job.number for link in links if link.token in text]


@pytest.mark.parametrize("name", READERS)
def test_no_exported_list_holds_one(sign_in, links, reader, name):
    client = sign_in(reader(name))
    found, files = [], 0
    for label in LISTS:
        for kind in (CSV, XLSX) if label in FILES_IN_EVERY_FORMAT else (CSV,):
            text = exported(client, label, kind)
            files += text is not None
            if text and tokens_in(text, links):
                found.append((label, kind))
    assert found == []
    assert files >= 2 or name in ("nell", "dana_of_cedar")


def test_the_file_of_jobs_holds_what_was_typed_beside_it(cast, sign_in, links):
    for kind in (CSV, XLSX):
        text = exported(sign_in(cast.dana), "jobs.job", kind)
        assert links[0].job.number in text and "Acme Builders" in text


def pages(links):
    """What lists, logs and searches show beside the pages of decision 0077."""
    job, token, url = links[0].job, links[0].token, links[0].url
    jobs, log = reverse("admin:jobs_job_changelist"), reverse("admin:changelog")
    return {
        "jobs": (jobs, {}),
        "jobs found by a number": (jobs, {"q": job.number}),
        "series": (reverse("admin:jobs_series_changelist"), {}),
        "requests": (reverse("admin:jobs_changerequest_changelist"), {}),
        "history of the job": (reverse("admin:jobs_job_history", args=[job.pk]), {}),
        "history of the link": (reverse("admin:jobs_portallink_history", args=[links[0].pk]), {}),
        "change log": (log, {}),
        "change log as a file": (log, {"export": "csv"}),
        "search": ("/admin/search/", {"s": job.number, "extended": "1"}),
        "messages": (reverse("admin:alerts_delivery_changelist"), {}),
        "security events": (reverse("admin:audit_securityevent_changelist"), {}),
        "schedule": ("/admin/schedule/", {}),
        "dashboard": ("/admin/", {}),
    }, {
        # Neither by its token nor by its address is a job found: no list answers whether a token is a good one.
        "search by token": ("/admin/search/", {"s": token, "extended": "1"}),
        "search by address": ("/admin/search/", {"s": url, "extended": "1"}),
        "jobs by token": (jobs, {"q": token}),
        "links by address": (reverse("admin:jobs_portallink_changelist"), {"q": url}),
    }


@pytest.mark.parametrize("name", READERS)
def test_no_list_log_or_search_shows_one(sign_in, links, reader, name):
    client = sign_in(reader(name))
    shown, requested = pages(links)
    answers = {place: client.get(path, query) for place, (path, query) in shown.items()}
    assert {answer.status_code for answer in answers.values()} <= {200, 302, 403, 404}
    if name in ("olivia", "dana", "sam"):
        closed = {place for place, answer in answers.items() if answer.status_code != 200}
        assert closed <= {"security events", "change log", "change log as a file"}, closed
    assert [place for place, answer in answers.items() if tokens_in(text_of(answer), links)] == []
    for place, (path, query) in requested.items():
        answer = client.get(path, query)
        if answer.status_code == 200:
            assert links[0].job.number not in text_of(answer), place


def test_what_is_written_of_searches_and_refusals_holds_none(cast, sign_in, links):
    """A token that somebody types into an address comes into no security event, nor into its page and file."""
    for person in (cast.dana, cast.sam, cast.nell):
        client = sign_in(person)
        for path in (reverse("admin:jobs_job_changelist"), url_of("jobs.job"), url_of("jobs.portallink")):
            client.get(path, {"q": links[0].url})
            client.post(f"{path}?q={links[0].url}", {"format": CSV, "resource": "0", "jobexport_number": "on"})
        client.get(f"/l/{links[0].token}/")
        client.post(f"/l/{links[0].token}/cancel/", {"reason": "-", "words": links[0].url})
    olivia = sign_in(cast.olivia)
    page = text_of(olivia.get(reverse("admin:audit_securityevent_changelist"), {"all": ""}))
    file = exported(olivia, "audit.securityevent", CSV)
    assert len(file.splitlines()) > 3
    assert tokens_in(page + file, links) == []


@pytest.mark.parametrize("name", READERS)
def test_answers_of_the_api_hold_one_for_who_may_copy_it(client, links, reader, name):
    user, job = reader(name), links[0].job
    _token, plain = make_token(name="Test", by=None, user=user, scopes=("jobs.read", "links.read", "series.read"))
    paths = {
        "job": f"/api/v1/jobs/{job.number}",
        "jobs": "/api/v1/jobs",
        "links": "/api/v1/links",
        "links of the job": f"/api/v1/jobs/{job.number}/links",
        "events": f"/api/v1/jobs/{job.number}/events",
        "series": "/api/v1/series",
    }
    answers = {place: client.get(path, headers={"Authorization": f"Bearer {plain}"}) for place, path in paths.items()}
    found = {place for place, answer in answers.items() if tokens_in(answer.content.decode(), links)}
    assert found == ({"job", "jobs", "links", "links of the job"} if name in MAY_COPY else set())
    if answers["job"].status_code == 200 and name not in MAY_COPY:
        assert "Portal access: {portal_link}" in answers["job"].json()["notes"]


def test_kept_answers_hold_the_placeholder_and_say_the_address_again_to_who_may_copy_it(cast, client):
    _token, plain = make_token(name="Test", by=None, user=cast.dana, scopes=("jobs.write", "jobs.read"))
    headers = {"Authorization": f"Bearer {plain}", "Idempotency-Key": "one"}
    body = {"template": "skip-exchange", "customer": {"name": "Acme Builders"}, "notes": "Gate"}
    client.post("/api/v1/jobs", body, content_type="application/json", headers=headers)
    link = PortalLink.objects.get()
    assert link.token not in str(KeptAnswer.objects.get().body)
    assert (
        link.url in client.post("/api/v1/jobs", body, content_type="application/json", headers=headers).json()["notes"]
    )
    cast.dana.groups.clear()
    cast.dana.user_permissions.clear()
    again = client.post("/api/v1/jobs", body, content_type="application/json", headers=headers)
    assert link.token not in again.content.decode()


@pytest.mark.parametrize("name", ["cora", "colm", "carl"])
def test_the_companion_sites_list_file_and_pages_hold_none(cast, sign_in, links, name):
    client = sign_in(getattr(cast, name))
    places = ("/jobs/", "/jobs/export.csv", "/", f"/jobs/?q={links[0].job.number}", f"/jobs/{links[0].job.number}/")
    texts = [text_of(client.get(path)) for path in places]
    assert tokens_in("\n".join(texts), links) == []
    if name != "carl":
        # They are signed in: the line of the link is left out, and what was typed beside it is there.
        assert "Gate 4711" in texts[-1] and "{portal_link}" not in texts[-1] and "Portal access" not in texts[-1]
        assert links[0].job.number in texts[1]


def test_the_customer_reads_the_address_in_the_message_and_the_guest_is_at_it(cast, links):
    message = next(one for one in Delivery.objects.filter(job=links[0].job) if "{portal_link}" in one.body)
    assert links[0].url in words_to_send(message)[1] and links[0].token not in message.body
    gita = Client()
    gita.post(f"/l/{links[0].token}/", {"answer": "gita@example.com"})
    page = gita.get(f"/l/{links[0].token}/").content.decode()
    assert "Gate 4711" in page and "{portal_link}" not in page and "Portal access" not in page
    assert f"/l/{links[0].token}/cancel/" in page
    assert not [link for link in links[1:] if link.token in page]


@pytest.mark.parametrize("name", ["sam", "dana_looks_at_acme"])
def test_staff_who_may_not_copy_it_read_that_there_is_one(sign_in, links, reader, name):
    page = sign_in(reader(name)).get(reverse("admin:jobs_job_change", args=[links[0].job.pk])).content.decode()
    assert "Portal access: (portal link)" in page and links[0].token not in page


@pytest.mark.parametrize("name", ["olivia", "dana", "dana_of_acme"])
def test_staff_who_may_copy_it_read_the_address(sign_in, links, reader, name):
    page = sign_in(reader(name)).get(reverse("admin:jobs_job_change", args=[links[0].job.pk])).content.decode()
    assert links[0].url in page
