"""Messages about one job, asked for on its page: PRODUCT.md section 7, last but one paragraph."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import JobAlert
from audit.act import Source
from jobs.services import assign_worker, complete_job, start_job
from permissions.models import PermissionOverride
from tests.alerts.makers import announced
from tests.factories import make_job


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="gita@example.com")


def path(job):
    return f"/jobs/{job.number}/messages/"


def door(job):
    return f"/l/{job.portal_links.get().token}/"


def ask(client, where, **more):
    return client.post(where, {"when": ["started"], "emails": "foreman@site.example"} | more)


def which(client, where):
    return client.get(where).context["standing"][0].reference


def test_the_jobs_page_leads_there(cast, job, sign_in):
    assert path(job) in sign_in(cast.cora).get(f"/jobs/{job.number}/").content.decode()


def test_cora_has_two_people_told_and_sees_them_listed(cast, job, sign_in):
    client = sign_in(cast.cora)
    ask(client, path(job), when=["started", "completed"], emails="foreman@site.example, Gate@Site.example")
    made = list(JobAlert.objects.order_by("id"))
    assert [one.address for one in made] == ["foreman@site.example", "gate@site.example"]
    assert [one.value for one in made[0].when] == ["started", "completed"]
    row = made[0].history.first()
    assert (row.history_user, row.history_source) == (cast.cora.user, Source.PORTAL)
    page = client.get(path(job)).content.decode()
    assert "foreman@site.example" in page
    assert "gate@site.example" in page


def test_she_begins_with_her_own_address_and_all_that_is_offered(cast, job, portal, sign_in):
    portal.alert_on_started = False
    portal.save()
    page = sign_in(cast.cora).get(path(job))
    assert cast.cora.user.email in page.content.decode()
    assert page.context["form"]["when"].initial == ["scheduled", "completed"]
    assert "We begin" not in page.content.decode()


def test_she_reads_beforehand_what_they_will_say(cast, job, sign_in):
    page = sign_in(cast.cora).get(path(job))
    assert len(page.context["previews"]) == 3
    assert page.context["previews"][0]["subject"] in page.content.decode()
    assert job.number in page.context["previews"][0]["message"]
    assert job.portal_links.get().token not in page.content.decode(), "that is for who gets the message"


def test_the_worker_stands_in_them_only_for_who_may_know(cast, job, sign_in):
    assign_worker(job, by=cast.dana, worker=cast.theo)
    client = sign_in(cast.cora)
    ask(client, path(job))
    assert "Theo" not in client.get(path(job)).content.decode()
    start_job(job, by=cast.dana)
    told = announced(job)[0].body
    assert "Theo" not in told
    assert "Harbour Bins has started" in told
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_worker", effect="allow")
    assert "Theo" in client.get(path(job)).content.decode()


def test_who_may_know_reads_the_workers_name(cast, job, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="view_worker", effect="allow")
    assign_worker(job, by=cast.dana, worker=cast.theo)
    ask(sign_in(cast.cora), path(job))
    start_job(job, by=cast.dana)
    assert "Theo has started" in announced(job)[0].body


def test_text_messages_only_where_the_business_sends_them(cast, job, portal, sign_in):
    client = sign_in(cast.cora)
    assert "mobiles" not in client.get(path(job)).context["form"].fields
    portal.sms_enabled = True
    portal.save()
    ask(client, path(job), emails="", mobiles="0171 5550123")
    assert JobAlert.objects.get().address == "+491715550123"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"emails": "nobody"}, "emails"),
        ({"emails": ""}, "emails"),
        ({"when": []}, "when"),
        ({"when": ["cancelled"]}, "when"),
        ({"subject": "see https://bad.example"}, "subject"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_she_typed_stays(cast, job, sign_in, wrong, field):
    page = ask(sign_in(cast.cora), path(job), **({"subject": "Skip at the mill"} | wrong))
    assert field in page.context["form"].errors
    assert wrong.get("subject", "Skip at the mill") in page.content.decode()
    assert not JobAlert.objects.exists()


def test_a_sixth_address_is_refused_in_a_sentence(cast, job, sign_in):
    page = ask(sign_in(cast.cora), path(job), emails=",".join(f"p{n}@site.example" for n in range(6)))
    assert "At most 5" in page.content.decode()
    assert not JobAlert.objects.exists()


def test_the_office_reads_on_the_jobs_page_who_asked_for_them(cast, job, sign_in):
    ask(sign_in(cast.cora), path(job))
    page = f"/admin/jobs/job/{job.pk}/change/"
    assert "foreman@site.example" in sign_in(cast.sam).get(page).content.decode()
    assert "foreman@site.example" not in sign_in(cast.nell).get(page).content.decode()


def test_she_stops_one_of_them(cast, job, sign_in):
    client = sign_in(cast.cora)
    ask(client, path(job), emails="foreman@site.example, gate@site.example")
    assert client.post(path(job) + "stop/", {"which": which(client, path(job))}).status_code == 302
    assert JobAlert.objects.get().address == "gate@site.example"


def test_a_colleagues_messages_are_hers_alone(cast, job, sign_in):
    cora, colm = sign_in(cast.cora), sign_in(cast.colm)
    ask(cora, path(job))
    assert "foreman@site.example" not in colm.get(path(job)).content.decode()
    assert colm.post(path(job) + "stop/", {"which": which(cora, path(job))}).status_code == 404
    assert JobAlert.objects.exists()


def test_the_reference_of_another_jobs_message_stops_nothing(cast, job, sign_in):
    client = sign_in(cast.cora)
    other = make_job(cast.acme, cast.exchange, by=cast.dana)
    ask(client, path(job))
    assert client.post(path(other) + "stop/", {"which": which(client, path(job))}).status_code == 404
    assert client.post(path(job) + "stop/", {"which": "1"}).status_code == 404


def test_carl_and_nell_get_nowhere(cast, job, sign_in):
    assert ask(sign_in(cast.carl), path(job)).status_code == 404
    ask(sign_in(cast.nell), path(job))
    assert not JobAlert.objects.exists()


def test_denied_she_finds_no_way_there(cast, job, sign_in):
    PermissionOverride.objects.create(portal_user=cast.cora, permission="set_alerts", effect="deny")
    client = sign_in(cast.cora)
    assert path(job) not in client.get(f"/jobs/{job.number}/").content.decode()
    assert ask(client, path(job)).status_code == 403
    assert not JobAlert.objects.exists()


def test_without_the_feature_there_is_no_such_page(cast, job, portal, sign_in):
    portal.job_alerts_enabled = False
    portal.save()
    client = sign_in(cast.cora)
    assert path(job) not in client.get(f"/jobs/{job.number}/").content.decode()
    assert client.get(path(job)).status_code == 403


def test_with_no_moment_offered_there_is_no_such_page(cast, job, portal, sign_in):
    portal.alert_on_scheduled = portal.alert_on_started = portal.alert_on_completed = False
    portal.save()
    client = sign_in(cast.cora)
    assert path(job) not in client.get(f"/jobs/{job.number}/").content.decode()
    assert client.get(path(job)).status_code == 404


def test_a_job_that_is_over_sends_her_back(cast, job, sign_in):
    complete_job(job, by=cast.dana)
    client = sign_in(cast.cora)
    assert ask(client, path(job)).url == f"/jobs/{job.number}/"
    assert path(job) not in client.get(f"/jobs/{job.number}/").content.decode()


def test_gita_has_messages_sent_and_stops_them(job, client):
    client.post(door(job), {"answer": "gita@example.com"})
    where = door(job) + "messages/"
    assert where in client.get(door(job)).content.decode()
    assert "gita@example.com" in client.get(where).content.decode()
    ask(client, where)
    assert JobAlert.objects.get().made_by is None
    client.post(where + "stop/", {"which": which(client, where)})
    assert not JobAlert.objects.exists()


def test_who_has_not_answered_sets_nothing(job, client):
    assert ask(client, door(job) + "messages/").url == door(job)
    assert not JobAlert.objects.exists()


def test_it_costs_few_queries(cast, job, sign_in):
    client = sign_in(cast.cora)
    ask(client, path(job), emails=",".join(f"p{n}@site.example" for n in range(5)))
    client.get(path(job))
    with CaptureQueriesContext(connection) as caught:
        client.get(path(job))
    assert len(caught) <= 12
