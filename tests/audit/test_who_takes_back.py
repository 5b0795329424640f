"""Who takes back what: by the rules of a change by hand, and told only what they may see."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from accounts.models import Contact, Customer
from alerts.models import Alert
from audit.act import acting
from business.models import PortalSettings
from console.taking_back import NotTakenBack, take_back_request
from jobs.models import Job
from jobs.services import cancel_job
from permissions.services import grant
from tests.factories import make_job, make_user


@pytest.fixture
def una(cast):
    """Everything a role can hold, limited to work with Acme."""
    user = make_user("una@harbour.example", full_name="Una", is_staff=True, only_granted_customers=True)
    user.user_permissions.set(Permission.objects.all())
    grant(user, cast.acme, change=True, by=cast.olivia)
    return user


def path_of(act):
    return f"/admin/changelog/{act.request_id}/take-back/"


def test_una_takes_back_what_is_within_her_reach(cast, una, sign_in):
    with acting() as act:
        Contact.objects.create(customer=cast.acme, name="Pat")
    assert sign_in(una).post(path_of(act)).status_code == 302
    assert not Contact.objects.filter(name="Pat").exists()


def test_foreign_records_are_counted_and_not_named(cast, una, sign_in):
    with acting() as act:
        Contact.objects.create(customer=cast.acme, name="Pat Ours")
        Contact.objects.create(customer=cast.cedar, name="Quinn Theirs")
        Contact.objects.create(customer=cast.birch, name="Robin Theirs")
    client = sign_in(una)
    for page in (client.get(path_of(act)), client.post(path_of(act))):
        text = page.content.decode()
        assert "Pat Ours" in text and "Theirs" not in text and "2 records you can" in text
    assert Contact.objects.filter(name__in=["Pat Ours", "Quinn Theirs", "Robin Theirs"]).count() == 3


def test_a_foreign_record_in_the_way_is_counted(cast, una, sign_in):
    with acting() as act:
        cast.acme.name = "Acme & Sons"
        cast.acme.external_id = None
        cast.acme.save()
        Customer.objects.filter(pk=cast.acme.pk)
    with acting() as other:
        cast.acme.external_id = "E-1"
        cast.acme.save()
    with acting() as act:
        cast.acme.external_id = None
        cast.acme.save()
    cast.cedar.external_id = "E-1"
    cast.cedar.save()
    page = sign_in(una).get(path_of(act)).content.decode()
    assert "E-1" in page and "Cedar" not in page and "1 record you can" in page
    assert other.request_id != act.request_id


def test_a_job_does_not_go_back_to_a_customer_beyond_reach(cast, una):
    job = make_job(cast.cedar, cast.exchange, by=cast.dana)
    with acting() as act:
        job.customer = cast.acme
        job.save()
    with pytest.raises(NotTakenBack) as refused:
        take_back_request(act.request_id, by=una)
    assert "Cedar" not in str(refused.value)
    assert Job.objects.get(pk=job.pk).customer == cast.acme


def test_an_alert_gets_no_foreign_customer_back(cast, una):
    alert = Alert.objects.create(name="Both", event="job.created", subject="s", message="m")
    alert.customers.set([cast.acme, cast.cedar])
    with acting() as act:
        alert.customers.remove(cast.cedar)
    with pytest.raises(NotTakenBack) as refused:
        take_back_request(act.request_id, by=una)
    assert "Cedar" not in str(refused.value)
    assert [one.pk for one in alert.customers.all()] == [cast.acme.pk]


def test_whoever_makes_no_customers_brings_none_back(cast, una):
    lone = Customer.objects.create(name="Lone")
    with acting() as act:
        lone.delete()
    with pytest.raises(NotTakenBack):
        take_back_request(act.request_id, by=una)
    assert not Customer.objects.filter(name="Lone").exists()


@pytest.fixture
def helper(cast):
    """May change jobs and take back, but not cancel them."""
    codes = ["view_changelog", "restore_changelog", "view_job", "add_job", "change_job", "delete_job"]
    cast.nell.user_permissions.add(*Permission.objects.filter(codename__in=codes))
    return cast.nell


def test_whoever_may_not_cancel_jobs_does_not_take_a_cancellation_back(cast, helper):
    job = make_job(cast.acme, cast.exchange, by=cast.dana)
    with acting() as act:
        cancel_job(job, by=cast.dana, reason="Rain")
    with pytest.raises(NotTakenBack, match="state or schedule"):
        take_back_request(act.request_id, by=helper)
    assert Job.objects.get(pk=job.pk).status == "cancelled"


def test_whoever_needs_a_template_brings_no_job_without_one_back(cast, helper):
    assert PortalSettings.load().mandatory_templates
    job = make_job(cast.acme, by=cast.olivia)
    with acting() as act:
        job.delete()
    with pytest.raises(NotTakenBack, match="without a template"):
        take_back_request(act.request_id, by=helper)
    assert not Job.objects.exists()
