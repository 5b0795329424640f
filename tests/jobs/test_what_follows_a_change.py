"""Whatever a change comes by, what is worked out from it says the same as if it were worked out now.

One table: each source of a change changes all it can, and each column of docs/derived.md that follows is looked at.
What a source cannot change stands in ``CANNOT`` with the reason.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from accounts.models import Contact, Customer
from accounts.services import make_token, save_customer
from audit.act import acting
from console.taking_back import take_back_request
from imports.choices import Existing, RecordKind
from imports.services import check_run, commit_run, guess_mapping, set_mapping, start_undo, upload_file, work_on_run
from jobs.models import Job
from jobs.services import update_job
from jobs.services.recording import search_text_of
from permissions.services.merging import merge_customers
from templates_app.models import JobTemplate
from templates_app.prices import total_of
from templates_app.services import save_template
from tests.api.conftest import Program
from tests.console.forms import filled
from tests.factories import make_job, make_template

LINES = [{"description": "Skip exchange", "quantity": "1", "unit_price": "95.00"}]
DEARER = [{"description": "Skip exchange", "quantity": "2", "unit_price": "95.00"}]
CUSTOMERS = "Customer number,Name,E-mail\nC-1,Zenith Works,nora@acme.example\n"
JOBS = "External ID,Service,Customer,Asset ID,Amount\nE-1,Skip hire,Zenith Works,SKIP-7,190.00\n"


class Stage:
    """Acme with its site contact, one job by a template with a price, and the doors to them."""

    def __init__(self, cast: Any, sign_in: Any) -> None:
        self.cast, self.sign_in = cast, sign_in
        self.template = make_template("Skip hire", price_lines=LINES)
        Customer.objects.filter(pk=cast.acme.pk).update(external_id="C-1")
        Contact.objects.filter(customer=cast.acme).delete()
        Contact.objects.create(
            customer=cast.acme, name="Sam Site", email="sam@acme.example", is_site_contact=True, is_billing_contact=True
        )
        self.acme = Customer.objects.get(pk=cast.acme.pk)
        self.job = make_job(self.acme, self.template, by=cast.dana, external_id="E-1")

    def page(self, record: Any, **facts: Any) -> None:
        olivia = self.sign_in(self.cast.olivia)
        meta = record._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
        data = filled(olivia.get(url)) | facts
        answer = olivia.post(url, data)
        if answer.status_code == 200 and (question := getattr(answer.context["request"], "shown_question", None)):
            answer = olivia.post(url, data | {"_question": question["mark"], "_answer": "yes"})
        assert answer.status_code == 302, answer.context["errors"]

    def file(self, text: str, kind: str) -> Any:
        olivia = self.cast.olivia
        run = upload_file(ContentFile(text.encode(), name="file.csv"), by=olivia, kind=kind)
        run = set_mapping(run, guess_mapping(run, by=olivia)[0], by=olivia, existing=Existing.UPDATE)
        run = commit_run(check_run(run, by=olivia), by=olivia, change_open_jobs=kind == RecordKind.CUSTOMERS)
        work_on_run(run.pk)
        run.refresh_from_db()
        assert run.changed, run.report
        return run


def typed(lines: list[dict[str, str]]) -> dict[str, str]:
    """What a browser sends for these price lines."""
    data = {f"price_lines-{n}-{part}": words for n, line in enumerate(lines) for part, words in line.items()}
    return data | {"price_lines-count": str(len(lines))}


def by_the_console(stage: Stage) -> None:
    stage.page(stage.acme, **{"name": "Zenith Works", "contacts-0-email": "nora@acme.example"})
    stage.page(stage.job, asset_id="SKIP-7", **typed(DEARER))
    stage.page(stage.template, **typed(DEARER))


def by_the_api(stage: Stage) -> None:
    scopes = ("customers.write", "customers.read", "jobs.write", "jobs.read")
    program = Program(*make_token(name="Test", by=None, user=stage.cast.olivia, scopes=scopes))
    contact = {"name": "Sam Site", "email": "nora@acme.example"}
    change = {"name": "Zenith Works", "site_contact": contact, "change_open_jobs": True}
    assert program.patch(f"/customers/{stage.acme.pk}", change).status_code == 200
    answer = program.patch(f"/jobs/{stage.job.number}", {"asset_id": "SKIP-7", "amount": "190.00"})
    assert answer.status_code == 200, answer.content


def by_an_import(stage: Stage) -> None:
    stage.file(CUSTOMERS, RecordKind.CUSTOMERS)
    stage.file(JOBS, RecordKind.JOBS)


def by_a_merge(stage: Stage) -> None:
    merge_customers(Customer.objects.create(name="Zenith Works"), stage.acme, by=stage.cast.olivia)


def by_the_undo_of_an_import(stage: Stage) -> None:
    customers = stage.file(CUSTOMERS, RecordKind.CUSTOMERS)
    jobs = stage.file(JOBS, RecordKind.JOBS)
    # Newest first, as people do.
    start_undo(jobs, by=stage.cast.olivia)
    start_undo(customers, by=stage.cast.olivia)


def by_taking_back(stage: Stage) -> None:
    request = uuid.uuid4()
    olivia = stage.cast.olivia
    with acting(by=olivia, request_id=request):
        stage.acme.name = "Zenith Works"
        save_customer(stage.acme, by=olivia)
        facts = {"asset_id": "SKIP-7", "contact_email": "nora@acme.example", "price_lines": DEARER}
        update_job(stage.job, facts, by=olivia)
        stage.template.price_lines = DEARER
        save_template(stage.template, by=olivia)
    take_back_request(request, by=olivia)


SOURCES: list[Callable[[Stage], None]] = [
    by_the_console, by_the_api, by_an_import, by_a_merge, by_the_undo_of_an_import, by_taking_back
]  # fmt: skip
# Those that lead back to how it was.
BACK = (by_the_undo_of_an_import, by_taking_back)


def words_of_the_job(job: Job, template: JobTemplate) -> tuple[object, object, object]:
    return job.search_text, search_text_of(job), "zenith"


def total_of_the_job(job: Job, template: JobTemplate) -> tuple[object, object, object]:
    return job.amount, total_of(job.price_lines) if job.price_lines else job.amount, "190.00"


def price_of_the_template(job: Job, template: JobTemplate) -> tuple[object, object, object]:
    return template.price, total_of(template.price_lines), "190.00"


def contact_of_the_job(job: Job, template: JobTemplate) -> tuple[object, object, object]:
    site = job.customer.contacts.filter(name="Sam Site").get()
    return job.contact_email, site.email, "nora@"


COLUMNS = [words_of_the_job, total_of_the_job, price_of_the_template, contact_of_the_job]
CANNOT = {
    (by_the_api, price_of_the_template): "the API changes no template",
    (by_an_import, price_of_the_template): "no file changes a template",
    (by_the_undo_of_an_import, price_of_the_template): "no file changes a template",
    (by_a_merge, total_of_the_job): "a merge moves jobs and changes nothing they say",
    (by_a_merge, price_of_the_template): "a merge knows no templates",
    (by_a_merge, contact_of_the_job): "whom it names is a contact of the kept customer by then",
}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("source", SOURCES, ids=lambda one: one.__name__)
def test_a_column_follows_whatever_the_change_comes_by(cast, sign_in, source, column):
    stage = Stage(cast, sign_in)
    before = column(stage.job, stage.template)[0]
    source(stage)
    job = Job.objects.select_related("customer").get(pk=stage.job.pk)
    said, worked_out, mark = column(job, JobTemplate.objects.get(pk=stage.template.pk))
    assert said == worked_out
    has_changed = str(mark) in str(said)
    assert has_changed == (source not in BACK and (source, column) not in CANNOT)
    assert has_changed or said == before
