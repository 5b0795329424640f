from __future__ import annotations

import pytest
from django.core import mail
from django.utils import timezone, translation

from accounts.services import choose_language
from alerts.choices import Channel, JobAlertWhen
from alerts.job_alerts import set_job_alert
from alerts.job_events import sample_facts as facts_about
from alerts.languages import spoken
from alerts.models import Delivery
from alerts.services import announce, deliver, install_default_alerts, new_alert, preview_job_alerts, words_of
from business.models import PortalSettings
from jobs.choices import EventKind
from jobs.models import JobEvent
from jobs.services import schedule_job
from tests.factories import make_job

START = timezone.datetime(2026, 12, 3, 7, 30, tzinfo=timezone.get_fixed_timezone(0))


@pytest.fixture
def job(cast, time_machine):
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_name="Cora", contact_email="cora@example.com")
    JobEvent.objects.update(announced_at=timezone.now())
    return job


def told(job, cast):
    schedule_job(job, by=cast.dana, start=START)
    announce(JobEvent.objects.unannounced().values_list("pk", flat=True))
    deliver(Delivery.objects.values_list("pk", flat=True))
    return Delivery.objects.filter(kind=EventKind.SCHEDULED)


def an_alert(kind=EventKind.SCHEDULED, **facts):
    alert = new_alert(kind, name="Planned", **facts)
    alert.save()
    return alert


def test_cora_reads_german_because_she_chose_it(cast, job):
    an_alert()
    choose_language(cast.cora.user, "de", by=cast.cora.user)
    told(job, cast)
    (letter,) = mail.outbox
    assert letter.subject == "Skip exchange ist geplant für Do, 3. Dez 2026"
    assert "Guten Tag Cora," in letter.body and "Do, 3. Dez 2026, 08:30" in letter.body
    assert "Diese Nachrichten abbestellen:" in letter.body
    assert "Diese Nachrichten abbestellen" in letter.alternatives[0].content


def test_who_chose_none_reads_the_language_of_the_business(cast, job):
    an_alert()
    told(job, cast)
    assert mail.outbox[0].subject == "Skip exchange is planned for Thu 3 Dec 2026"
    assert "Stop these messages:" in mail.outbox[0].body


def test_a_german_business_writes_german(cast, job, settings):
    settings.LANGUAGE_CODE = "de"
    an_alert()
    told(job, cast)
    assert mail.outbox[0].subject == "Skip exchange ist geplant für Do, 3. Dez 2026"


def test_words_the_office_wrote_itself_go_out_as_written(cast, job):
    an_alert(subject="We come on {planned_date}", message="See you, {contact_name}")
    choose_language(cast.cora.user, "de", by=cast.cora.user)
    told(job, cast)
    assert mail.outbox[0].subject == "We come on Thu 3 Dec 2026"
    assert "See you, Cora" in mail.outbox[0].body and "Stop these messages:" in mail.outbox[0].body


def test_a_form_that_changed_the_line_ends_changed_no_words(cast):
    alert = an_alert()
    alert.message = alert.message.replace("\n", "\r\n")
    assert spoken(alert, "de").language == "de"
    assert spoken(alert, "de").message.startswith("Guten Tag")


def test_a_text_the_office_took_out_stays_out(cast):
    assert spoken(an_alert(sms_text=""), "de").sms_text == ""


def test_the_notice_in_the_console_speaks_the_language_of_each_member_of_staff(cast, job):
    an_alert(to_site_contact=False, by_email=False, to_office=True)
    choose_language(cast.dana, "de", by=cast.dana)
    subjects = dict(told(job, cast).filter(channel=Channel.CONSOLE).values_list("user__full_name", "subject"))
    assert subjects["Dana"].startswith("Skip exchange ist geplant")
    assert subjects["Olivia"].startswith("Skip exchange is planned")


def test_languages_cost_one_query_however_many_jobs(cast, django_assert_max_num_queries):
    an_alert()
    choose_language(cast.cora.user, "de", by=cast.cora.user)

    def count(jobs):
        made = [make_job(cast.acme, cast.exchange, by=cast.dana, contact_email=f"{n}@example.com") for n in range(jobs)]
        for one in made:
            schedule_job(one, by=cast.dana, start=START)
        events = list(JobEvent.objects.unannounced().values_list("pk", flat=True))
        with django_assert_max_num_queries(100) as caught:
            announce(events)
        return len(caught)

    assert count(2) == count(20)


def test_the_reader_of_the_ledger_reads_why_in_the_language_of_the_business(cast, job, settings):
    PortalSettings.objects.update(sms_enabled=False)
    an_alert(by_email=False, by_sms=True)
    job.contact_phone = "+49 171 5550123"
    job.save()
    choose_language(cast.cora.user, "de", by=cast.cora.user)
    assert told(job, cast).get().why == "Alerts by SMS are switched off in the portal settings."


def test_what_cora_asked_to_be_told_comes_in_her_language(cast, job):
    set_job_alert(job, by=cast.cora.user, when=["scheduled"], emails=["someone@example.com"])
    choose_language(cast.cora.user, "de", by=cast.cora.user)
    when, settings = JobAlertWhen.SCHEDULED, PortalSettings.load()
    shown = preview_job_alerts(job, [when], settings, shows_worker=False, language="de")[when]
    told(job, cast)
    assert [letter.subject for letter in mail.outbox] == ["Skip exchange ist geplant für Do, 3. Dez 2026"]
    assert shown.subject.startswith("Skip exchange ist geplant")


def test_the_preview_shows_what_goes_out_whoever_looks(cast, job):
    alert = an_alert()
    with translation.override("de"):
        words = words_of(alert, facts_about(EventKind.SCHEDULED, job, PortalSettings.load()))
    assert words.message.startswith("Hello Cora")


def test_a_new_alert_begins_in_the_language_of_the_business(cast, settings):
    with translation.override("de"):
        assert new_alert(EventKind.SCHEDULED).subject == "{service} is planned for {planned_date}"
    settings.LANGUAGE_CODE = "de"
    assert new_alert(EventKind.SCHEDULED).subject == "{service} ist geplant für {planned_date}"
    assert install_default_alerts(by=cast.olivia)
