"""Archived decides what can be made anew, never what can be seen: each place that asks for either, in one table.

Cora is linked to Acme and Birch, Colm to Acme alone; Carl, linked to Cedar, sees what he saw before: nothing of theirs.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.services.customers import archive_customer
from alerts.audience import gather_people, recipients_of
from alerts.models import Alert
from alerts.subjects import JobSubject
from console.errors import Refused
from console.reader import UNLIMITED
from jobs.models import Job, Series
from jobs.services import NewJob, create_job, update_job
from permissions.effective import effective_rights_of
from permissions.explain import explain
from permissions.resolver import DecidedBy, decide
from permissions.services import set_override
from portal_site.visitor import Visitor
from templates_app.services import archive_template
from tests.factories import make_job


@pytest.fixture
def job(cast):
    return make_job(cast.acme, cast.exchange, by=cast.olivia)


@pytest.fixture
def archived_template(cast, job):
    return archive_template(cast.exchange, by=cast.olivia)


@pytest.fixture
def archived_acme(cast, job):
    return archive_customer(cast.acme, by=cast.olivia)


def visitor_for(rf, person):
    request = rf.get("/")
    request.user, request.session = person.user, {}
    return Visitor(request)


ARCHIVED = pytest.mark.parametrize("which", ["template", "customer", "both"])


def archive(which, cast):
    if which in ("template", "both"):
        archive_template(cast.exchange, by=cast.olivia)
    if which in ("customer", "both"):
        archive_customer(cast.acme, by=cast.olivia)


SEEN = {
    "the rule": lambda v, job: bool(decide(v.rights, "view_jobs", job)),
    "the rule in a set": lambda v, job: job in v.jobs(),
    "the page": lambda v, job: v.job_or_404(job.number) == job,
    "may be changed": lambda v, job: bool(decide(v.rights, "edit_jobs", job)),
    "may be cancelled": lambda v, job: bool(decide(v.rights, "cancel_jobs", job)),
    "its customer": lambda v, job: job.customer in v.customers_allowing("view_jobs"),
    "its template, to filter by": lambda v, job: job.template in v.templates(),
    "its series": lambda v, job: Series.objects.for_portal(v.rights).filter(customer=job.customer).exists(),
    "messages about it": lambda v, job: v.person in told_about(job),
    "why": lambda v, job: bool(explain(v.person, "view_jobs", job, UNLIMITED).decision),
}
MADE = {
    "the rule": lambda v, job: bool(decide(v.rights, "create_jobs", job)),
    "the rule for several": lambda v, job: bool(decide(v.rights, "create_many_jobs", job)),
    "the rule in a set": lambda v, job: (
        job.customer in v.customers_allowing("create_jobs") and job.template in v.templates_to_order()
    ),
    "why": lambda v, job: bool(explain(v.person, "create_jobs", job, UNLIMITED).decision),
    "the service": lambda v, job: made_anew(job),
}


def told_about(job):
    alert = Alert(name="All", event="job.created", to_site_contact=False, to_portal_users=True)
    alert.save()
    subject = JobSubject(job)
    people = gather_people([alert], [subject])
    addresses = {one.address for one in recipients_of(alert, subject, people)}
    return [link.portal_user for link in job.customer.links.all() if link.portal_user.user.email in addresses]


def made_anew(job):
    again = Job.objects.select_related("customer", "template").get(pk=job.pk)
    try:
        create_job(NewJob(customer=again.customer, template=again.template), by=None)
    except Refused as refusal:
        assert "archived" in str(refusal)
        return False
    return True


@pytest.fixture
def cora(cast, job):
    set_override(cast.cora, "create_many_jobs", "allow", by=cast.olivia)
    Series.objects.create(
        name="Weekly",
        customer=cast.acme,
        template=cast.exchange,
        rules=[{"kind": "day", "every": 1}],
        starts_on="2026-01-01",
        settled_until="2026-01-01",
    )
    return cast.cora


@ARCHIVED
@pytest.mark.parametrize("place", SEEN)
def test_what_cora_saw_she_sees(cast, rf, cora, job, which, place):
    assert SEEN[place](visitor_for(rf, cora), job)
    archive(which, cast)
    assert SEEN[place](visitor_for(rf, cora), Job.objects.get(pk=job.pk))


@ARCHIVED
@pytest.mark.parametrize("place", MADE)
def test_nothing_new_is_made(cast, rf, cora, job, which, place):
    assert MADE[place](visitor_for(rf, cora), job)
    archive(which, cast)
    assert not MADE[place](visitor_for(rf, cora), Job.objects.get(pk=job.pk))


def test_why_names_what_is_archived(cast, job, archived_template, archived_acme):
    told = explain(cast.cora, "create_jobs", job, UNLIMITED)
    assert told.decision.decided_by == told.deciding.decided_by == DecidedBy.ARCHIVED_CUSTOMER
    assert told.deciding.text == "The customer is archived: it gets no new jobs. Those it has are seen as before."
    texts = [step.text for step in told.steps]
    assert "The template is archived: no new jobs are made from it. Those it has are seen as before." in texts


def test_the_sheet_says_it_of_the_template_and_of_the_customer(cast, archived_template, archived_acme):
    sheet = effective_rights_of(cast.cora, UNLIMITED)
    (row,) = [row for row in sheet.templates if row.template_id == cast.exchange.pk]
    assert row.has and row.why.endswith("Archived: no new jobs, those it has are shown.")
    (create,) = [row for row in sheet.permissions if row.permission.code == "create_jobs"]
    assert {cell.customer_name: cell.decision.decided_by for cell in create.cells}["Acme Builders"] == (
        DecidedBy.ARCHIVED_CUSTOMER
    )


def test_colm_whose_only_customer_is_archived_is_offered_no_job(cast, sign_in, job, archived_acme):
    client = sign_in(cast.colm)
    order = reverse("portal_site:choose_kind")
    home = client.get(reverse("portal_site:home")).content.decode()
    assert "This account is closed: it takes no new jobs." in home
    assert "/jobs/new" not in home and order not in home
    jobs = client.get(reverse("portal_site:jobs")).content.decode()
    assert job.number in jobs and order not in jobs
    page = client.get(reverse("portal_site:job", args=[job.number])).content.decode()
    assert "again=" not in page
    assert client.get(order).status_code == 403
    told = explain(cast.colm, "create_jobs", None, UNLIMITED)
    assert not told.decision and told.deciding.decided_by == DecidedBy.ARCHIVED_CUSTOMER


def test_cora_who_switches_to_the_archived_one_is_offered_none_there(cast, sign_in, job, archived_acme):
    client = sign_in(cast.cora)
    order = reverse("portal_site:new_job", args=[cast.exchange.slug])
    assert order in client.get(reverse("portal_site:home")).content.decode()
    switched = client.post(reverse("portal_site:switch_account"), {"account": cast.acme.pk}, follow=True)
    assert "This account is closed" in switched.content.decode() and order not in switched.content.decode()


def test_somebody_who_acts_for_any_customer_makes_none_for_the_archived(cast, rf, job, archived_acme):
    set_override(cast.carl, "any_customer", "allow", by=cast.olivia)
    visitor = visitor_for(rf, cast.carl)
    assert not decide(visitor.rights, "create_jobs", cast.acme) and decide(visitor.rights, "view_jobs", job)
    assert cast.acme not in visitor.customers_allowing("create_jobs")
    assert cast.birch in visitor.customers_allowing("create_jobs")


def test_the_question_says_in_numbers_what_follows(cast, sign_in, cora):
    client = sign_in(cast.olivia)
    template = client.get(reverse("admin:templates_app_jobtemplate_archive", args=[cast.exchange.pk])).content.decode()
    assert "1 job was made from it." in template and "1 open job stays as it is." in template
    assert "Who sees its jobs now sees them as before." in template
    assert "1 series makes jobs only as long as this is not archived." in template
    assert "3 portal users have it, and can ask for jobs of it only as long as it is not archived." in template
    customer = client.get(reverse("admin:accounts_customer_archive", args=[cast.acme.pk])).content.decode()
    assert "1 open job stays as it is." in customer and "1 series makes jobs only as long as" in customer
    assert "2 people keep their links; to ask for jobs it must not be archived." in customer


def test_a_job_does_not_move_to_an_archived_customer(cast, archived_acme):
    other = make_job(cast.birch, cast.exchange, by=cast.olivia)
    with pytest.raises(Refused, match=r"Acme Builders is archived: it gets no new jobs\."):
        update_job(other, {"customer": cast.acme}, by=cast.olivia)


def test_carl_the_stranger_still_sees_nothing(cast, rf, job, archived_template, archived_acme):
    carl = visitor_for(rf, cast.carl)
    assert job not in carl.jobs() and cast.acme not in carl.customers()
