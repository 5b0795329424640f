"""The versions of a template that jobs were made from, told with what differs from one to the next."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jobs.services import complete_job
from templates_app.models import TemplateField
from tests.console.people import narrow
from tests.factories import make_job, make_template


@pytest.fixture
def template(db):
    return make_template(
        "Skip hire",
        steps=("Drive there", "Put it down"),
        fields=({"label": "Size", "kind": "pick", "choices": ["small", "large"], "portal_use": "required"},),
    )


def page(client, template):
    return client.get(reverse("admin:templates_app_jobtemplate_versions", args=[template.pk]))


def test_each_version_tells_its_jobs_and_what_changed(cast, sign_in, template):
    complete_job(make_job(cast.acme, template), by=cast.dana)
    make_job(cast.acme, template)
    template.steps.filter(key="put_it_down").delete()
    template.fields.update(portal_use="hidden", choices=["small", "large", "huge"])
    TemplateField.objects.create(template=template, label="Gate code", position=2)
    make_job(cast.birch, template)
    text = page(sign_in(cast.dana), template).content.decode()
    for words in (
        "Version 2",
        "1 job, 1 open",
        "step “Put it down” goes",
        "field “Size”: choices small, large → small, large, huge, customers required → hidden",
        "new field “Gate code”",
        "Version 1",
        "2 jobs, 1 open",
        "The first one.",
    ):
        assert words in text, words
    assert text.index("Version 2") < text.index("Version 1") and "As it stands now" not in text


def test_what_no_job_has_yet_stands_first(cast, sign_in, template):
    make_job(cast.acme, template)
    template.steps.update(worker_use="optional")
    text = page(sign_in(cast.dana), template).content.decode()
    assert "no job is made from it yet" in text and text.index("As it stands now") < text.index("Version 1")
    assert "workers see it as required → optional" in text


def test_a_narrowed_dispatcher_counts_her_own_jobs_only(cast, sign_in, template):
    make_job(cast.acme, template)
    make_job(cast.cedar, template)
    narrow(cast.dana, cast.acme)
    assert "1 job, 1 open" in page(sign_in(cast.dana), template).content.decode()


def test_the_template_leads_to_it(cast, sign_in, template):
    text = sign_in(cast.dana).get(reverse("admin:templates_app_jobtemplate_change", args=[template.pk]))
    assert reverse("admin:templates_app_jobtemplate_versions", args=[template.pk]) in text.content.decode()


def test_many_versions_cost_what_one_does(cast, sign_in, template):
    dana = sign_in(cast.dana)

    def cost():
        with CaptureQueriesContext(connection) as caught:
            page(dana, template)
        return len(caught)

    make_job(cast.acme, template)
    cost()
    few = cost()
    for number in range(8):
        template.steps.filter(key="drive_there").update(name=f"Drive {number}")
        make_job(cast.acme, template)
    assert cost() == few


@pytest.mark.parametrize("person", ["nell", "carl"])
def test_strangers_read_no_versions(cast, sign_in, template, person):
    assert page(sign_in(getattr(cast, person)), template).status_code in (302, 403, 404)
