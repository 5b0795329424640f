from __future__ import annotations

import pytest
from django.urls import reverse

from jobs.models import Job
from templates_app.models import JobTemplate
from tests.console.forms import filled
from tests.factories import make_job, make_template

LIST = "/admin/templates_app/jobtemplate/"


def page_of(template):
    return reverse("admin:templates_app_jobtemplate_change", args=[template.pk])


@pytest.fixture
def template(db):
    return make_template(
        "Skip hire",
        steps=("Drive there", "Put it down"),
        fields=(
            {"label": "Size", "kind": "pick", "choices": ["small", "large"], "portal_use": "required"},
            {"label": "Gate code", "kind": "text", "portal_use": "hidden"},
        ),
    )


def test_choices_are_written_one_on_each_line(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template)))
    assert data["fields-0-choices"] == "small\nlarge"
    answer = olivia.post(page_of(template), data | {"fields-0-choices": "small\n\n large \nhuge\nsmall"})
    assert answer.status_code == 302
    assert template.fields.get(key="size").choices == ["small", "large", "huge"]


def test_a_pick_list_without_choices_is_refused_with_the_reason(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {"fields-0-choices": ""}
    answer = olivia.post(page_of(template), data)
    assert answer.status_code == 200 and "write one on each line" in answer.content.decode()


def test_the_order_of_steps_is_what_was_dragged(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {"steps-0-position": "1", "steps-1-position": "0"}
    olivia.post(page_of(template), data)
    assert [step.name for step in template.steps.all()] == ["Put it down", "Drive there"]


def test_saving_says_which_open_jobs_keep_what_they_had(cast, sign_in, template):
    make_job(cast.acme, template)
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {"steps-0-name": "Drive slowly"}
    page = olivia.post(page_of(template), data, follow=True).content.decode()
    assert "1 open job keeps its steps, fields and price as they were." in page
    assert Job.objects.get().steps()[0].name == "Drive there"


def test_the_preview_shows_what_customers_get(cast, sign_in, template):
    response = sign_in(cast.dana).get(page_of(template))
    assert list(response.context["preview"].fields) == ["value_size"]


def test_a_copy_has_the_same_steps_and_fields_and_is_nobodys_default(cast, sign_in, template):
    url = reverse("admin:templates_app_jobtemplate_copy", args=[template.pk])
    sign_in(cast.olivia).post(url, {"_form_submitted": "1", "name": "Skip hire, express"})
    made = JobTemplate.objects.get(name="Skip hire, express")
    assert [step.name for step in made.steps.all()] == ["Drive there", "Put it down"]
    assert made.fields.get(key="size").choices == ["small", "large"]
    assert not made.is_portal_default and made.history.first().history_user == cast.olivia


def test_a_copy_with_a_name_that_is_taken_is_refused_in_the_dialog(cast, sign_in, template):
    url = reverse("admin:templates_app_jobtemplate_copy", args=[template.pk])
    page = sign_in(cast.olivia).post(url, {"_form_submitted": "1", "name": template.name.upper()})
    assert "Choose another name" in page.content.decode()


def test_a_template_with_jobs_is_not_deleted_but_archived(cast, sign_in, template):
    make_job(cast.acme, template)
    olivia = sign_in(cast.olivia)
    page = olivia.post(
        reverse("admin:templates_app_jobtemplate_delete", args=[template.pk]), {"post": "yes"}, follow=True
    )
    assert "1 job was made from it." in page.content.decode()
    assert JobTemplate.objects.filter(pk=template.pk).exists()
    archive = reverse("admin:templates_app_jobtemplate_archive", args=[template.pk])
    assert "1 job was made from it." in olivia.get(archive).content.decode()
    olivia.post(archive, {"_form_submitted": "1"}, follow=True)
    template.refresh_from_db()
    assert template.archived_at
    assert template.name not in olivia.get(LIST).content.decode()
    assert template.name in olivia.get(LIST, {"archived": "yes"}).content.decode()


def test_one_that_nobody_used_is_deleted(cast, sign_in, template):
    sign_in(cast.olivia).post(reverse("admin:templates_app_jobtemplate_delete", args=[template.pk]), {"post": "yes"})
    assert not JobTemplate.objects.filter(pk=template.pk).exists()


@pytest.mark.parametrize("button", ["copy", "archive", "restore"])
@pytest.mark.parametrize("person", ["dana", "sam", "nell"])
def test_who_may_not_change_templates_presses_no_button(cast, sign_in, template, person, button):
    url = reverse(f"admin:templates_app_jobtemplate_{button}", args=[template.pk])
    answer = sign_in(getattr(cast, person)).post(url, {"_form_submitted": "1", "name": "Mine"})
    assert answer.status_code in (403, 404)
    assert JobTemplate.objects.filter(pk=template.pk, archived_at=None).exists()
    assert not JobTemplate.objects.filter(name="Mine").exists()


def test_a_condition_names_another_field_by_its_key_or_its_label(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template)))
    refused = olivia.post(page_of(template), data | {"fields-1-shown_when": "colour"}).content.decode()
    assert "There is no other field of that key. There are: size." in refused
    assert olivia.post(page_of(template), data | {"fields-1-shown_when": "Size"}).status_code == 302
    assert template.fields.get(key="gate_code").shown_when == "size"


def test_a_step_that_is_added_comes_last(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {
        "steps-TOTAL_FORMS": "4",
        **{f"steps-{n}-{name}": value for n in (2, 3) for name, value in NEW_STEP.items()},
        "steps-2-name": "Take a photo",
        "steps-3-name": "Drive there",
    }
    answer = olivia.post(page_of(template), data)
    assert answer.status_code == 302, answer.context["errors"]
    assert [step.name for step in template.steps.all()] == [
        "Drive there", "Put it down", "Take a photo", "Drive there",
    ]  # fmt: skip
    assert template.steps.last().key == "drive_there_2"


def test_a_step_that_is_added_and_dragged_comes_where_it_was_put(cast, sign_in, template):
    olivia = sign_in(cast.olivia)
    data = filled(olivia.get(page_of(template))) | {
        "steps-TOTAL_FORMS": "3",
        "steps-0-position": "1",
        "steps-1-position": "2",
        **{f"steps-2-{name}": value for name, value in NEW_STEP.items()},
        "steps-2-name": "Load the skip",
        "steps-2-position": "0",
    }
    assert olivia.post(page_of(template), data).status_code == 302
    assert [step.name for step in template.steps.all()] == ["Load the skip", "Drive there", "Put it down"]


NEW_STEP = {"position": "", "location_kind": "site", "worker_use": "required", "portal_use": "hidden", "key": ""}
