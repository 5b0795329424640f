from __future__ import annotations

import io
import logging

import phonenumbers
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from accounts.models import Contact, Customer, PortalUser, User, Worker
from audit.act import acting
from audit.models import SecurityEvent
from config.demo import business
from console.receivers import bring_roles_up_to_date
from jobs.choices import JobStatus
from jobs.models import Job, JobEvent, PortalLink
from permissions.resolver import rights_of
from permissions.services import set_override
from templates_app.models import TemplateField

pytestmark = pytest.mark.django_db


@pytest.fixture
def printed():
    out = io.StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_it_is_a_plausible_business(printed):
    assert Customer.objects.count() == 40
    assert 280 <= Job.objects.count() <= 330
    assert set(Job.objects.values_list("status", flat=True)) >= {
        JobStatus.UNASSIGNED,
        JobStatus.SCHEDULED,
        JobStatus.COMPLETED,
        JobStatus.CANCELLED,
    }


def test_every_job_has_history_event_and_link(printed):
    jobs = Job.objects.count()
    assert Job.history.filter(history_type="+").count() == jobs
    assert JobEvent.objects.filter(kind="job.created").count() == jobs
    assert PortalLink.objects.count() == jobs


def test_the_accounts_it_prints_can_sign_in(printed, client):
    for account in business.ACCOUNTS:
        assert account.email in printed
        assert User.objects.get(email=account.email).check_password(business.PASSWORD)


def test_everybody_of_the_cast_has_something_to_see(printed):
    for person in PortalUser.objects.select_related("user"):
        assert Job.objects.for_portal(rights_of(person)).exists(), person


def test_it_refuses_a_database_with_data(printed):
    with pytest.raises(CommandError, match="There is data already"):
        call_command("load_demo")
    call_command("load_demo", "--if-empty", stdout=io.StringIO())
    assert Customer.objects.count() == 40


def test_its_telephone_numbers_are_ones(printed):
    numbers = {*Contact.objects.values_list("phone", flat=True), *Worker.objects.values_list("phone", flat=True)}
    assert [number for number in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(number))] == []


def test_what_everybody_may_ask_for_takes_a_photo_and_asks_something_only_then(printed):
    offered = TemplateField.objects.filter(template__is_portal_default=True, portal_use="optional")
    assert list(offered.filter(kind="file").values_list("template__name", flat=True)) == ["Skip delivery"]
    assert offered.exclude(shown_when="").exists()


def test_the_log_says_nothing_of_the_first_records_and_everything_of_what_follows(caplog, committed):
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    Group.objects.all().delete()
    with caplog.at_level(logging.INFO, "portico.security"):
        with committed():
            bring_roles_up_to_date(last)
            call_command("load_demo", stdout=io.StringIO())
        assert [record.message for record in caplog.records if record.name == "portico.security"] == []
        assert SecurityEvent.objects.filter(kind="rights_changed").exists(), "they are kept all the same"
        olivia = User.objects.get(email="olivia@harbour.example")
        with committed(), acting(by=olivia):
            set_override(PortalUser.objects.first(), "cancel_jobs", "deny", by=olivia)
    assert [record for record in caplog.records if "rights_changed" in record.message]
