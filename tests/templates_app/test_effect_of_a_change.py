"""Saving a template says what it changes and which series it touches, before it is saved."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job
from jobs.services import create_series, pause_series
from tests.console.forms import filled
from tests.factories import make_job, make_template


@pytest.fixture
def template(db):
    return make_template(
        "Skip hire",
        steps=("Drive there", "Put it down"),
        fields=(
            {"label": "Size", "kind": "pick", "choices": ["small", "large"], "portal_use": "required"},
            {"label": "Gate code", "kind": "text"},
        ),
        price="95.00",
    )


def weekly(cast, template, name="Acme, weekly", **facts):
    given = {
        "name": name,
        "customer": cast.acme,
        "template": template,
        "starts_on": timezone.localdate() + timedelta(days=3),
        "rules": [{"kind": "day", "every": 7}],
        "create_days_ahead": 0,
    }
    return create_series(given | facts, by=cast.dana)


def page_of(template):
    return reverse("admin:templates_app_jobtemplate_change", args=[template.pk])


def save(client, template, **answers):
    data = filled(client.get(page_of(template))) | answers
    return client.post(page_of(template), data, follow=True)


def beside(client, template, **answers):
    """What stands beside the editor while she types."""
    data = filled(client.get(page_of(template))) | answers
    url = reverse("admin:templates_app_jobtemplate_preview", args=[template.pk])
    return client.post(url, data).content.decode()


def test_a_change_that_reaches_a_series_is_shown_before_it_is_saved(cast, sign_in, template):
    weekly(cast, template)
    olivia = sign_in(cast.olivia)
    answer = save(olivia, template, **{"steps-0-name": "Drive slowly"})
    page = answer.content.decode()
    day = timezone.localdate() + timedelta(days=3)
    assert "Nothing is saved yet" in page and "Please correct" not in page
    assert f"1 series makes its coming jobs by the new one; those it has made stay as they are: Acme, weekly (from {day.day} {day:%b %Y})." in page  # fmt: skip  # noqa: E501
    assert template.steps.first().name == "Drive there" and "Drive slowly" in page
    mark = answer.context["request"].shown_effect["mark"]
    page = save(olivia, template, **{"steps-0-name": "Drive slowly", "_effect_seen": mark}).content.decode()
    assert template.steps.first().name == "Drive slowly"
    assert "Acme, weekly (from" in page


def test_a_change_that_reaches_no_job_asks_nothing(cast, sign_in, template):
    weekly(cast, template)
    save(sign_in(cast.olivia), template, description="Quick and clean.")
    template.refresh_from_db()
    assert template.description == "Quick and clean."


def test_a_paused_series_asks_nothing(cast, sign_in, template):
    pause_series(weekly(cast, template), by=cast.dana)
    save(sign_in(cast.olivia), template, **{"steps-0-name": "Drive slowly"})
    assert template.steps.first().name == "Drive slowly"


def test_a_series_that_could_make_no_more_jobs_is_named_with_the_reason(cast, sign_in, template):
    weekly(cast, template, values={"size": "large"})
    page = beside(sign_in(cast.olivia), template, **{"fields-0-choices": "small\nhuge"})
    assert "“Acme, weekly” could make no more jobs: “Size” must be one of: small, huge; not “large”." in page
    page = beside(sign_in(cast.olivia), template, **{"fields-0-DELETE": "on"})
    assert "“Acme, weekly” could make no more jobs: This template has no field “size”." in page


def test_each_change_is_told_in_words(cast, sign_in, template):
    make_job(cast.acme, template)
    page = beside(
        sign_in(cast.olivia),
        template,
        **{
            "name": "Skip rental",
            "steps-0-name": "Drive slowly",
            "steps-1-DELETE": "on",
            "fields-TOTAL_FORMS": "3",
            "fields-2-label": "Floor",
            "fields-2-kind": "number",
            "fields-2-worker_use": "optional",
            "fields-2-portal_use": "optional",
            "fields-2-position": "",
            "price_lines-count": "1",
            "price_lines-0-description": "Hire",
            "price_lines-0-quantity": "2",
            "price_lines-0-unit_price": "60",
        },
    )
    for words in (
        "<li>Name</li>",
        "step “Drive slowly”: name",
        "step “Put it down” goes",
        "new field “Floor”",
        "Price lines: 95.00 → 120.00 EUR",
        "1 open job keeps its steps, fields and price as they were.",
    ):
        assert words in page, words


def test_the_preview_follows_what_is_typed_and_saves_nothing(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    page = beside(olivia, template, **{"fields-1-label": "Code of the gate", "fields-1-portal_use": "optional"})
    assert "Code of the gate" in page and "as it stands here" in page
    assert template.fields.get(key="gate_code").label == "Gate code" and not Job.objects.exists()


@pytest.mark.parametrize(
    "answers",
    [
        {"fields-0-choices": ""},
        {"fields-0-kind": "checkbox", "fields-0-default": "maybe"},
        {"fields-0-kind": "nonsense"},
        {"fields-0-label": ""},
        {"name": ""},
        {"fields-0-minimum": "many"},
        {"fields-TOTAL_FORMS": "x"},
        {"price_lines-count": "1", "price_lines-0-description": "", "price_lines-0-unit_price": "x"},
        {"colour": "red", "duration_minutes": ""},
    ],
)
def test_the_preview_bears_what_is_half_typed(cast, sign_in, template, answers):
    assert "As a customer sees it" in beside(sign_in(cast.olivia), template, **answers)


def test_a_new_template_has_a_preview_too(cast, sign_in):
    url = reverse("admin:templates_app_jobtemplate_new_preview")
    data = {
        "name": "Sweeping",
        "fields-TOTAL_FORMS": "1",
        "fields-INITIAL_FORMS": "0",
        "fields-0-label": "Metres",
        "fields-0-kind": "number",
        "fields-0-worker_use": "optional",
        "fields-0-portal_use": "required",
        "fields-0-position": "0",
        "steps-TOTAL_FORMS": "0",
        "steps-INITIAL_FORMS": "0",
    }
    page = sign_in(cast.olivia).post(url, data).content.decode()
    assert "Sweeping" in page and "Metres" in page and "What saving will do" not in page


def test_taking_a_template_from_everybody_says_who_loses_it(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template)))
    data.pop("is_portal_default")
    answer = olivia.post(page_of(template), data, follow=True)
    page = answer.content.decode()
    assert "Template “Skip hire”" in page and "lose it" in page and "Cora" in page
    template.refresh_from_db()
    assert template.is_portal_default
    olivia.post(page_of(template), data | {"_effect_seen": answer.context["request"].shown_effect["mark"]})
    template.refresh_from_db()
    assert not template.is_portal_default


def test_many_series_cost_what_few_do(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {"steps-0-name": "Drive slowly"}
    url = reverse("admin:templates_app_jobtemplate_preview", args=[template.pk])

    def cost():
        with CaptureQueriesContext(connection) as caught:
            olivia.post(url, data)
        return len(caught)

    for number in range(2):
        weekly(cast, template, f"Series {number}")
    cost()
    few = cost()
    for number in range(2, 12):
        weekly(cast, template, f"Series {number}")
    assert cost() == few


@pytest.mark.parametrize("person", ["dana", "sam", "nell", "carl"])
def test_who_may_not_change_templates_gets_no_preview_of_a_change(cast, sign_in, template, person):
    client = sign_in(getattr(cast, person))
    for url in (
        reverse("admin:templates_app_jobtemplate_preview", args=[template.pk]),
        reverse("admin:templates_app_jobtemplate_new_preview"),
    ):
        assert client.post(url, {"name": "Mine"}).status_code in (302, 403, 404)


def test_a_preview_is_asked_for_by_post_only(cast, sign_in, template):
    url = reverse("admin:templates_app_jobtemplate_preview", args=[template.pk])
    assert sign_in(cast.olivia).get(url).status_code == 405
