from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.choices import AccountEventKind
from accounts.models import Customer
from accounts.names import customer_for_a_letter
from alerts.catalogue import SILENT
from alerts.hooks import EVENTS, TOKENS
from alerts.subjects import JobSubject
from alerts.tokens import Facts, check_tokens, fill, fill_line, token_menu, tokens_for
from alerts.wording import mail_html, paragraphs
from business.models import PortalSettings
from jobs.choices import EventKind
from jobs.models import Job
from templates_app.models import JobTemplate


def facts(**job):
    customer = Customer(name=job.pop("customer", "Acme"))
    about = Job(number="J-000001", customer=customer, template=JobTemplate(name="Skip"), **job)
    return Facts(JobSubject(about), PortalSettings())


def test_every_event_is_in_the_catalogue_or_silent_on_purpose():
    assert set(EVENTS) | set(SILENT) == {*EventKind, *AccountEventKind}


@pytest.mark.parametrize("kind", list(EVENTS))
def test_the_words_an_alert_starts_with_are_known_to_its_event(kind):
    event = EVENTS[kind]
    for words in (event.subject, event.message, event.sms):
        check_tokens(str(words), kind)


@pytest.mark.parametrize("code", list(TOKENS))
def test_every_token_has_a_sample_and_can_say_nothing(code):
    assert str(TOKENS[code].sample) and isinstance(TOKENS[code].render(facts()), str)


def test_the_menu_has_the_portal_access_url_among_the_links():
    assert "portal_access_url" in [token.code for token in dict(token_menu())["Links"]]


def test_a_token_of_another_event_is_refused_with_the_events_that_know_it():
    with pytest.raises(ValidationError, match="Step completed"):
        check_tokens("{step_name}", EventKind.CREATED)


def test_braces_around_anything_else_are_plain_text():
    check_tokens("{ } {} {12} {a;b} {{", EventKind.CREATED)
    assert fill("{ } {} {12}", facts()) == "{ } {} {12}"


def test_a_token_may_be_written_as_it_is_called():
    assert fill("{Job number} {JOB_NUMBER}", facts()) == "J-000001 J-000001"


texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=200)


@given(name=texts)
@settings(max_examples=200)
def test_what_a_customer_typed_never_becomes_a_token(name):
    """Whatever stands in a value is put in as it is but for links, tokens in braces included."""
    assert fill("<{customer_name}> {job_number}", facts(customer=name + "{job_number}")) == (
        f"<{customer_for_a_letter(name + '{job_number}').strip()}> J-000001"
    )


@given(name=texts)
@settings(max_examples=100)
def test_a_subject_stays_on_one_line(name):
    subject = fill_line("About {customer_name}", facts(customer=name))
    assert len(subject.splitlines()) <= 1


@pytest.mark.django_db
@given(name=texts)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_html_mail_says_the_same_and_escapes_it(name):
    hostile = f"{name} <script>alert(1)</script><img src=x onerror=y>"
    html = mail_html("Hi", fill("Hello {customer_name}!", facts(customer=hostile)), "")
    assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html


def test_only_our_own_addresses_become_links(settings):
    settings.SITE_URL = "https://portal.example"
    body = "See https://evil.example/x and https://portal.example.evil.example/ or https://portal.example/l/abc."
    links = [part["url"] for block in paragraphs(body) for line in block for part in line if "url" in part]
    assert links == ["https://portal.example/l/abc"]


@given(body=texts)
@settings(max_examples=200)
def test_paragraphs_lose_no_word(body):
    said = " ".join(str(part["text"]) for block in paragraphs(body) for line in block for part in line)
    assert "".join(said.split()) == "".join(body.split())


@pytest.mark.parametrize("kind", list(EVENTS))
def test_the_menu_shows_what_the_event_knows(kind):
    codes = {token.code for _heading, tokens in token_menu(kind) for token in tokens}
    assert codes == {token.code for token in tokens_for(kind)}
