"""A mail to somebody else's address carries no link that a customer wrote: refused in forms, left out of messages."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.names import customer_for_a_letter, holds_link, without_links
from alerts.hooks import TOKENS
from alerts.services import deliver
from business.models import PortalSettings
from jobs.choices import EventKind
from jobs.models import Job, JobEvent
from jobs.services import cancel_job
from permissions.services import SignUp, set_override, sign_up
from portal_site.joining import SignUpForm
from tests.alerts.makers import announced, make_alert
from tests.doors.html import forms_in
from tests.factories import make_job
from tests.text.kept_before import keep

WIN = "Win 500 EUR at https://evil.example/win"


@pytest.fixture(autouse=True)
def _mails_in_memory(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.mark.parametrize(
    ("field", "words"),
    [("street", WIN), ("city", WIN), ("postcode", "EVIL.TOP"), ("contact_name", "evil.example")],
)
def test_cora_asks_for_a_job_at_a_link(cast, sign_in, field, words):
    form = {"account": cast.acme.pk, "place": "new", "once": "one", "street": "Mill Lane 1", "city": "Hamburg"}
    form |= {"contact_email": "victim@else.example", field: words}
    page = sign_in(cast.cora).post(f"/jobs/new/{cast.exchange.slug}/", form)
    assert "no web address" in str(page.context["form"].errors[field])
    assert not Job.objects.exists()


def test_whoever_signs_up_at_a_link_is_refused(portal):
    portal.access = PortalSettings.Access.PUBLIC
    portal.save()
    with pytest.raises(ValidationError, match="no web address"):
        SignUpForm.base_fields["address"].clean(WIN)
    with pytest.raises(ValidationError, match="no web address"):
        sign_up(SignUp("v@new.example", "Vera", "the gate is green", address=WIN))


FROM_OUTSIDE = {
    "address": {"address": WIN}, "asset_id": {"asset_id": WIN}, "external_id": {"external_id": WIN},
    "contact_phone": {"contact_phone": WIN[11:]}, "contact_name": {"contact_name": WIN},
}  # fmt: skip
OF_THE_CUSTOMER = {"customer_name": {"name": WIN}, "customer_id": {"external_id": WIN}}


@pytest.mark.parametrize("token", [*FROM_OUTSIDE, *OF_THE_CUSTOMER])
def test_a_row_from_before_goes_into_a_mail_without_its_link(cast, token):
    make_alert(message="{job_number}\nIt says: {" + token + "}", subject="{job_number} {" + token + "}")
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="victim@else.example")
    if token in FROM_OUTSIDE:
        keep(job, **FROM_OUTSIDE[token])
    else:
        keep(cast.acme, **OF_THE_CUSTOMER[token])
    assert deliver([one.pk for one in announced(job)])
    for letter in mail.outbox:
        said = "\n".join([letter.subject, letter.body, *(content for content, _kind in letter.alternatives)])
        assert job.number in said and "evil" not in said


@pytest.mark.parametrize("token", ["reason", "actor"])
def test_what_was_said_goes_out_without_its_link(cast, token):
    make_alert(EventKind.CANCELLED, message="{job_number}\nIt says: {" + token + "}")
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="victim@else.example")
    cancel_job(job, by=cast.dana, reason=WIN)
    JobEvent.objects.filter(kind=EventKind.CANCELLED).update(actor=WIN)
    messages = [one for one in announced(job) if one.kind == EventKind.CANCELLED]
    assert messages and all("It says: Win 500 EUR at …" in one.body for one in messages)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("12 Mill Lane, 20095 Hamburg", "12 Mill Lane, 20095 Hamburg"),
        ("The gate is closed.Ring me.", "The gate is closed.Ring me."),
        ("Open until five.No parking.", "Open until five. No parking."),
        ("First line\nsee evil.example\n\nlast", "First line\nsee …\n\nlast"),
        ("evil\x1f.example evil\u200b.example", ""),
        ("a " + "x" * 600 + ".example", "a …"),
        (WIN, "Win 500 EUR at …"),
        ("…", "…"),
        ("Hafenstr.5/7 1.OG.links, 20095 Hamburg", "Hafenstr.5/7 1.OG.links, 20095 Hamburg"),
        ("ca.zehn Uhr, ok.the gate is open", "ca.zehn Uhr, ok.the gate is open"),
        ("Garage.Tor2 Meier.Großmann XN.Straße", "Garage.Tor2 Meier.Großmann XN.Straße"),
        ("Ring 044.123.45.67", "Ring 044. 123. 45. 67"),
        ("see BIT.LY and Evil.Click", "see … and …"),
        ("see evil.tours/path and evil.museum", "see evil. tours/path and evil. museum"),
        ("see evil.xn--p1ai and зло.рус", "see evil. xn--p1ai and зло. рус"),
    ],
)  # fmt: skip
def test_words_are_shown_without_links(written, shown):
    assert without_links(written) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Booking.com", "Booking. com"),
        ("Booking.com GmbH & Co.KG (formerly www.rooms.de)", "Booking. com GmbH & Co.KG (formerly …"),
        ("A.B.C. Bau", "A.B.C. Bau"),
        ("1.FC Hafen", "1.FC Hafen"),
        (WIN, "Win 500 EUR at …"),
        ("evil.example/win", ""),
        ("evil\u200b.example", ""),
        ("hello@evil.example Ltd", "… Ltd"),
    ],
)
def test_a_customer_called_like_a_web_address_is_named_without_becoming_one(name, shown):
    assert customer_for_a_letter(name) == shown
    assert not holds_link(shown)


def test_the_message_names_that_customer(cast):
    keep(cast.acme, name="Booking.com")
    make_alert(message="{job_number} for {customer_name}", subject="{job_number} for {customer_name}")
    job = make_job(cast.acme, cast.exchange, by=cast.dana, contact_email="site@else.example")
    assert deliver([one.pk for one in announced(job)])
    for letter in mail.outbox:
        said = "\n".join([letter.body, *(content for content, _kind in letter.alternatives)])
        assert "for Booking. com" in letter.subject and "for Booking. com" in said and "Booking.com" not in said


def test_only_what_the_office_wrote_may_link():
    assert {code for code, token in TOKENS.items() if token.may_link} == {
        "contact_email", "worker_phone", "service", "step_name", "answer", "portal_access_url", "portal_url",
        "business_name", "business_phone", "business_email", "person_email",
    }  # fmt: skip


@pytest.mark.parametrize("code", [code for code, token in TOKENS.items() if not token.may_link])
def test_what_is_no_link_stays_as_it_was_written(code):
    assert without_links(str(TOKENS[code].sample)) == str(TOKENS[code].sample)


@pytest.mark.parametrize(
    "address", ["Hafenstr.5 1.OG.links, 20095 Hamburg", "see https://maps.example/x, 20095 Hamburg"]
)
def test_colm_saves_a_job_whatever_the_office_wrote_as_its_address(cast, sign_in, address):
    job = make_job(cast.acme, cast.exchange, by=cast.dana, address=address)
    set_override(cast.colm, "edit_jobs", "allow", by=cast.olivia)
    client, url = sign_in(cast.colm), f"/jobs/{job.number}/edit/"
    form = next(one for one in forms_in(client.get(url).content.decode()) if "street" in one.types)
    answer = client.post(url, form.filled() | {"contact_name": ["Zoe"]})
    assert answer.status_code == 302, answer.context["form"].errors
    job.refresh_from_db()
    assert job.contact_name == "Zoe" and job.address == address
