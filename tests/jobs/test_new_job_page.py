from __future__ import annotations

from urllib.parse import urlencode

import pytest

from audit.act import Source
from jobs.models import Job
from tests.console.forms import filled
from tests.console.people import narrow
from tests.factories import make_location, make_template

ADD = "/admin/jobs/job/add/"


def page(template, customer):
    return f"{ADD}?{urlencode({'template': template.slug, 'customer': customer.pk})}"


def test_first_the_template_is_chosen(cast, sign_in):
    text = sign_in(cast.dana).get(ADD).content.decode()
    assert cast.exchange.name in text and cast.inspection.name in text
    assert "Without a template" not in text


def test_then_its_fields_appear_with_what_is_known_of_the_customer(cast, sign_in):
    place = make_location(cast.acme)
    make_location(cast.cedar)
    template = make_template(fields=({"label": "Size", "kind": "pick", "choices": ["small", "large"]},))
    form = sign_in(cast.dana).get(page(template, cast.acme)).context["adminform"].form
    assert "value_size" in form.fields
    assert form["contact_email"].value() == "site@acme.example"
    assert list(form.fields["location"].queryset) == [place]


def test_it_is_made_through_the_service(cast, sign_in):
    template = make_template(steps=("Go",), fields=({"label": "Size", "kind": "pick", "choices": ["small", "large"]},))
    dana = sign_in(cast.dana)
    url = page(template, cast.acme)
    answer = dana.post(url, filled(dana.get(url)) | {"value_size": "LARGE", "notes": "Mind the dog."})
    assert answer.status_code == 302
    job = Job.objects.get()
    assert (job.values, job.source, job.created_by) == ({"size": "large"}, Source.CONSOLE, cast.dana)
    assert job.number == "J-000001" and job.portal_links.get() and "{portal_link}" in job.notes
    assert job.events.get().actor == "Dana" and job.history.get().history_source == Source.CONSOLE


def test_a_wrong_value_is_named_and_nothing_is_lost(cast, sign_in):
    template = make_template(fields=({"label": "Tonnes", "kind": "number"},))
    dana = sign_in(cast.dana)
    url = page(template, cast.acme)
    answer = dana.post(url, filled(dana.get(url)) | {"value_tonnes": "many", "notes": "Mind the dog."})
    text = answer.content.decode()
    assert "must be a number" in text and "Mind the dog." in text and not Job.objects.exists()


def test_without_administrator_rights_a_template_is_needed(cast, sign_in):
    text = sign_in(cast.dana).get(ADD, {"template": "none"}).content.decode()
    assert "jobs are made from templates here" in text
    sign_in(cast.dana).post(f"{ADD}?template=none", {"customer": cast.acme.pk, "duration_minutes": "60"})
    assert not Job.objects.exists()


def test_an_administrator_makes_one_without(cast, sign_in):
    olivia = sign_in(cast.olivia)
    url = f"{ADD}?template=none&customer={cast.acme.pk}"
    assert olivia.post(url, filled(olivia.get(url)) | {"duration_minutes": "60"}).status_code == 302
    assert Job.objects.get().template is None


def test_an_archived_template_is_not_offered(cast, sign_in):
    from templates_app.services import archive_template

    archive_template(cast.inspection, by=cast.olivia)
    assert cast.inspection.name not in sign_in(cast.dana).get(ADD).content.decode()


def test_a_narrowed_dispatcher_makes_none_for_others(cast, sign_in):
    narrow(cast.dana, cast.acme)
    dana = sign_in(cast.dana)
    url = page(cast.exchange, cast.acme)
    data = filled(dana.get(url))
    assert dana.post(url, data | {"customer": str(cast.cedar.pk)}).status_code == 200
    assert not Job.objects.exists()
    assert dana.get(page(cast.exchange, cast.cedar)).context["adminform"].form["customer"].value() is None


@pytest.mark.parametrize("person", ["sam", "bill", "nell"])
def test_who_may_not_make_jobs_sees_no_form(cast, sign_in, person):
    assert sign_in(getattr(cast, person)).get(ADD).status_code == 403
