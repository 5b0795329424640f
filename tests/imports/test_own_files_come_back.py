"""A list that we export is recognised when it comes back: nothing changes, or exactly the cell that was corrected."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from accounts.models import Contact, Customer, CustomerLink, Label, PortalUser, User
from accounts.own_ids import own_id_of
from alerts.models import Delivery
from audit.changelog import history_of
from console.errors import Refused
from imports.choices import Existing, RecordKind, RowState
from imports.models import ImportRun
from imports.services import commit_run, guess_mapping, start_undo, work_on_run
from jobs.choices import JobStatus
from jobs.models import Job, JobEvent
from jobs.services import create_job
from jobs.services.creation import NewJob
from permissions.services import grant
from tests.factories import make_customer, make_job, make_location, make_portal_user, make_template, make_worker
from tests.imports.own_files import FORMATS, as_typed, cells_of, corrected, taken_along

CONVENTIONS = ("plain", "german")
NUMBER_OF_ROW = {RecordKind.JOBS: "J-", RecordKind.CUSTOMERS: "customer-", RecordKind.PORTAL_USERS: "user-"}


@pytest.fixture
def world(cast):
    """What is hard to write down: umlauts, zeros in front, commas, seconds, what is put away since, doubles."""
    bau = make_customer("Müller, Söhne; Bau", payment_terms=30, notes="one_x000D_two\nsecond line")
    Contact.objects.create(
        customer=bau, name="Käthe", email="Kaethe@Bau.example", phone="0049 40 123", is_site_contact=True
    )
    make_location(bau, street="Kai 3", postcode="01234", city="Görlitz")
    bau.labels.add(Label.objects.create(name="Nord"), Label.objects.create(name="VIP"))
    make_customer("Twin", payment_terms=-1)
    twin = make_customer("Twin", external_id="000123", payment_terms=0)
    by = cast.olivia
    old, gone = make_template("Old kind"), make_worker("Gone")
    start = timezone.make_aware(datetime(2026, 12, 8, 8, 30, 17, 5))
    make_job(
        bau, old, by=by, planned_start=start, worker=gone, external_id="0007", amount=Decimal("1234.50"),
        asset_id="0815", contact_phone="0049 40 123", contact_name="=Käthe", window_end=start + timedelta(hours=2),
    )  # fmt: skip
    make_job(twin, cast.exchange, by=by, requested_start=start, duration_minutes=90, address="Kai  3, 01234 Görlitz")
    # The hour that comes twice.
    make_job(cast.acme, cast.exchange, by=by, requested_start=start.replace(month=10, day=25, hour=2, fold=1))
    make_job(cast.acme, by=by, contact_email="Pat@Acme.example", amount=Decimal("0.10"))
    done = NewJob(
        customer=cast.birch, template=cast.exchange, status=JobStatus.COMPLETED, planned_start=start - timedelta(40),
        ended_at=timezone.now() - timedelta(days=3),
    )  # fmt: skip
    create_job(done, by=by)
    old.archived_at = timezone.now()
    old.save()
    gone.is_active = False
    gone.save()
    bau.archived_at = timezone.now()
    bau.save()
    person = make_portal_user("kaethe@bau.example", cast.acme, bau)
    person.user.phone = "0049 151 5550133"
    person.user.save()
    return bau


def said():
    """Everything that a file could change, and whatever anybody would be told of it."""
    return {
        "jobs": [row | {"search_text": ""} for row in Job.objects.order_by("pk").values()],
        "customers": list(Customer.objects.order_by("pk").values()),
        "contacts": list(Contact.objects.order_by("pk").values()),
        "places": [list(one.locations.values()) for one in Customer.objects.order_by("pk")],
        "labels": list(Customer.labels.through.objects.order_by("pk").values()),
        "links": list(CustomerLink.objects.order_by("pk").values()),
        "people": list(User.objects.order_by("pk").values("pk", "full_name", "email", "phone")),
        "events": JobEvent.objects.count(),
        "messages": Delivery.objects.count(),
        "history": [history_of(model).count() for model in (Job, Customer, Contact, CustomerLink, User)],
    }


def put_in(run, by):
    run = commit_run(run, by=by)
    work_on_run(run.pk)
    return ImportRun.objects.get(pk=run.pk)


def parts_that_differ(before, after):
    return {part for part in before if before[part] != after[part]}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", RecordKind)
def test_nothing_changes_whatever_the_file_and_whoever_reads_it(cast, world, sign_in, checked, kind, format, language):
    User.objects.filter(pk=cast.olivia.pk).update(language=language)
    data = taken_along(sign_in(cast.olivia), kind, format)
    before = said()
    # Whoever takes the file in reads another language, and the worker reads none.
    with translation.override("de" if language == "en" else "en"):
        run = checked(data, by=cast.olivia, kind=kind, existing=Existing.UPDATE, name=f"list.{format}")
    counts = run.report["counts"]
    assert not run.report["problems"], run.report["problems"]
    assert (counts[RowState.MADE], counts[RowState.CHANGED]) == (0, 0), run.report["changes"]
    # Of nothing it is said that it differs.
    assert [count for _note, count in run.report["notes"]] == [run.report["total"]]
    assert not run.report["new_names"] and not run.report["new_customers"]
    with pytest.raises(Refused):
        put_in(run, cast.olivia)
    assert said() == before


@pytest.mark.parametrize("kind", RecordKind)
def test_without_change_the_rows_are_left_as_well(cast, world, sign_in, checked, kind):
    data = taken_along(sign_in(cast.olivia), kind, "csv")
    counts = checked(data, by=cast.olivia, kind=kind).report["counts"]
    assert (counts[RowState.MADE], counts[RowState.CHANGED], counts[RowState.FAILED]) == (0, 0, 0)


def asked_for(job):
    return timezone.localtime(job.requested_start).replace(tzinfo=None)


def billing(fact):
    return lambda customer: getattr(customer.contacts.get(is_billing_contact=True), fact)


# (list, heading, what is typed over the cell, how the record is asked then, what it says)
CELLS = [
    (RecordKind.JOBS, "External ID", "0042", lambda job: job.external_id, "0042"),
    (RecordKind.JOBS, "Asked for", datetime(2026, 12, 9, 7, 15), asked_for, datetime(2026, 12, 9, 7, 15)),
    (RecordKind.JOBS, "Planned duration", 75, lambda job: job.duration_minutes, 75),
    (RecordKind.JOBS, "Address", "Ring 7, 20095 Hamburg", lambda job: job.address, "Ring 7, 20095 Hamburg"),
    (RecordKind.JOBS, "Contact", "Jürgen", lambda job: job.contact_name, "Jürgen"),
    (RecordKind.JOBS, "Contact's e-mail", "j@acme.example", lambda job: job.contact_email, "j@acme.example"),
    (RecordKind.JOBS, "Contact's mobile", "0151 5550133", lambda job: job.contact_phone, "0151 5550133"),
    (RecordKind.JOBS, "Asset ID", "0816", lambda job: job.asset_id, "0816"),
    (RecordKind.JOBS, "Amount", Decimal("1234.56"), lambda job: job.amount, Decimal("1234.56")),
    (RecordKind.JOBS, "Prices include tax", "yes", lambda job: job.prices_include_tax, True),
    (RecordKind.CUSTOMERS, "Name", "Müller & Söhne", lambda one: one.name, "Müller & Söhne"),
    (RecordKind.CUSTOMERS, "External ID", "0099", lambda one: one.external_id, "0099"),
    (RecordKind.CUSTOMERS, "Site contact", "Käthe M.", lambda one: one.contacts.get().name, "Käthe M."),
    (RecordKind.CUSTOMERS, "Site contact's e-mail", "k@bau.example", lambda one: one.contacts.get().email,
     "k@bau.example"),
    (RecordKind.CUSTOMERS, "Site contact's telephone", "040 9", lambda one: one.contacts.get().phone, "040 9"),
    (RecordKind.CUSTOMERS, "Street and number", "Kai 4", lambda one: one.locations.get().street, "Kai 4"),
    (RecordKind.CUSTOMERS, "Postcode", "01235", lambda one: one.locations.get().postcode, "01235"),
    (RecordKind.CUSTOMERS, "Town", "Zittau", lambda one: one.locations.get().city, "Zittau"),
    (RecordKind.CUSTOMERS, "Billing contact", "Kim", billing("name"), "Kim"),
    (RecordKind.CUSTOMERS, "Billing contact's e-mail", "kim@bau.example", billing("email"), "kim@bau.example"),
    (RecordKind.CUSTOMERS, "Billing contact's telephone", "040 8", billing("phone"), "040 8"),
    (RecordKind.CUSTOMERS, "Payment terms", "45 days", lambda one: one.payment_terms, 45),
    (RecordKind.CUSTOMERS, "Notes", "New note", lambda one: one.notes, "New note"),
    (RecordKind.PORTAL_USERS, "Name", "Käthe Müller", lambda one: one.user.full_name, "Käthe Müller"),
    (RecordKind.PORTAL_USERS, "Telephone", "0151 9", lambda one: one.user.phone, "0151 9"),
    (RecordKind.PORTAL_USERS, "Customers", "Acme Builders\nMüller, Söhne; Bau\nCedar School",
     lambda one: one.links.count(), 3),
    (RecordKind.PORTAL_USERS, "Customers", "Acme Builders; Cedar School", lambda one: one.links.count(), 3),
]  # fmt: skip
# Whose parts differ when a cell of such a list is corrected.
THEIR_PARTS = {
    RecordKind.JOBS: {"jobs", "events", "history", "messages"},
    RecordKind.CUSTOMERS: {"customers", "contacts", "places", "history"},
    RecordKind.PORTAL_USERS: {"people", "links", "history"},
}


def one_of(kind, world):
    """The record whose row is corrected, and how its row is known."""
    if kind == RecordKind.JOBS:
        job = Job.objects.get(customer=world)
        return job, job.number
    record = world if kind == RecordKind.CUSTOMERS else PortalUser.objects.get(user__email="kaethe@bau.example")
    return record, own_id_of(record)


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize(
    ("kind", "heading", "typed", "says", "then"), CELLS, ids=[f"{row[0]}-{row[1]}-{row[2]}" for row in CELLS]
)
def test_a_corrected_cell_changes_that_value_and_no_other(
    cast, world, sign_in, checked, kind, heading, typed, says, then, format, convention
):
    record, name = one_of(kind, world)
    data = taken_along(sign_in(cast.olivia), kind, format, convention)
    typed = as_typed(typed, format, convention)
    data = corrected(data, format, convention, heading, lambda row: name in row, typed)
    run = checked(data, by=cast.olivia, kind=kind, existing=Existing.UPDATE)
    assert not run.report["problems"], run.report["problems"]
    assert (run.report["counts"][RowState.MADE], run.report["counts"][RowState.CHANGED]) == (0, 1)
    [change] = run.report["changes"]
    assert len(change["fields"]) == 1, change
    before = said()
    run = put_in(run, cast.olivia)
    record = type(record).objects.get(pk=record.pk)
    assert says(record) == then and (run.made, run.changed) == (0, 1)
    after = said()
    assert parts_that_differ(before, after) <= THEIR_PARTS[kind]
    main = {RecordKind.JOBS: "jobs", RecordKind.CUSTOMERS: "customers", RecordKind.PORTAL_USERS: "people"}[kind]
    others = [(old, new) for old, new in zip(before[main], after[main], strict=True) if old != new]
    assert len(others) <= 1
    start_undo(run, by=cast.olivia)
    record = type(record).objects.get(pk=record.pk)
    undone = said()
    for part in ("customers", "contacts", "places", "people"):
        assert [dict(row, updated_at=None) if "updated_at" in row else row for row in undone[part]] == before[part]
    assert [row["external_id"] for row in undone["jobs"]] == [row["external_id"] for row in before["jobs"]]
    assert len(undone["links"]) == len(before["links"])


TOLD = [
    (RecordKind.JOBS, "Planned start", "2027-01-04 10:00", "Planned start"),
    (RecordKind.JOBS, "End of the window", "2026-12-08 12:00", "End of the window"),
    (RecordKind.JOBS, "Customer", "Nobody knows them", "Customer"),
    (RecordKind.JOBS, "Template", "Nobody knows it", "Template"),
    (RecordKind.JOBS, "Worker", "Theo", "Worker"),
    (RecordKind.JOBS, "Status", "Postponed", "State of the job"),
    (RecordKind.CUSTOMERS, "Labels", "Nord", "Labels"),
    (RecordKind.PORTAL_USERS, "E-mail", "other@bau.example", "E-mail"),
    (RecordKind.PORTAL_USERS, "Customers", "Acme Builders", "Customer"),
]


@pytest.mark.parametrize(("kind", "heading", "typed", "told"), TOLD)
def test_what_no_file_changes_is_told_and_stays(cast, world, sign_in, checked, kind, heading, typed, told):
    _record, name = one_of(kind, world)
    data = taken_along(sign_in(cast.olivia), kind, "csv")
    data = corrected(data, "csv", "plain", heading, lambda row: name in row, typed)
    before = said()
    run = checked(data, by=cast.olivia, kind=kind, existing=Existing.UPDATE)
    assert not run.report["problems"] and not run.report["new_names"]
    [note] = [note for note, _count in run.report["notes"] if note != "says what Portico says already"]
    assert told in note
    with pytest.raises(Refused):
        put_in(run, cast.olivia)
    assert said() == before


# What Excel makes of a text of digits when it opens a CSV file, and saves it.
RUINED = [
    (RecordKind.JOBS, "External ID", "7"),
    (RecordKind.JOBS, "Asset ID", "815"),
    (RecordKind.CUSTOMERS, "Postcode", "1234"),
    (RecordKind.CUSTOMERS, "Site contact's telephone", "4940123"),
    (RecordKind.PORTAL_USERS, "Telephone", "491515550133"),
]


@pytest.mark.parametrize(("kind", "heading", "typed"), RUINED)
def test_zeros_that_a_spreadsheet_left_out_stay_and_it_is_told(cast, world, sign_in, checked, kind, heading, typed):
    Job.objects.update(external_id=None)
    Job.objects.filter(customer=world).update(external_id="0007")
    Contact.objects.update(phone="004940123")
    User.objects.filter(phone__gt="").update(phone="+491515550133")
    _record, name = one_of(kind, world)
    data = taken_along(sign_in(cast.olivia), kind, "csv")
    data = corrected(data, "csv", "plain", heading, lambda row: name in row, typed)
    run = checked(data, by=cast.olivia, kind=kind, existing=Existing.UPDATE)
    assert run.report["counts"][RowState.CHANGED] == 0 and not run.report["problems"]
    assert any("has lost zeros" in note for note, _count in run.report["notes"])


def test_what_was_made_of_such_a_file_before_does_not_count(cast, world, sign_in, upload, checked):
    data = taken_along(sign_in(cast.olivia), RecordKind.JOBS, "csv")
    columns = {"external_id": {"from": ["Number"]}, "customer": {"from": ["Customer"]}}
    checked(data, by=cast.olivia, columns=columns)
    assert guess_mapping(upload(data, by=cast.olivia), by=cast.olivia)[0]["number"] == {"from": ["Number"]}


class TestWhoIsKnownByIt:
    def test_a_job_that_ines_does_not_see_is_as_if_not_there(self, cast, world, sign_in, checked):
        data = taken_along(sign_in(cast.olivia), RecordKind.JOBS, "csv")
        cast.ines.only_granted_customers = True
        cast.ines.save()
        grant(cast.ines, cast.acme, change=True, by=cast.olivia)
        run = checked(data, by=User.objects.get(pk=cast.ines.pk), existing=Existing.UPDATE)
        texts = [problem["reason"] for problem in run.report["problems"]]
        assert "is the number of none of your jobs" in texts
        assert run.report["counts"][RowState.CHANGED] == run.report["counts"][RowState.MADE] == 0

    def test_a_number_that_there_is_not_is_a_problem(self, cast, world, checked):
        run = checked("Number,Asset ID\nJ-999999,1\n", by=cast.olivia, existing=Existing.UPDATE)
        assert [one["reason"] for one in run.report["problems"] if one["column"] == "number"] == [
            "is the number of none of your jobs"
        ]

    def test_the_number_and_one_column_are_enough(self, cast, world, checked):
        job = Job.objects.get(customer=world)
        run = checked(f"Number,Asset ID\n{job.number},0099\n", by=cast.olivia, existing=Existing.UPDATE)
        put_in(run, cast.olivia)
        job.refresh_from_db()
        assert job.asset_id == "0099"

    def test_a_row_twice_counts_once(self, cast, world, checked):
        job = Job.objects.get(customer=world)
        text = f"Number,Asset ID\n{job.number},1\n{job.number},2\n"
        counts = checked(text, by=cast.olivia, existing=Existing.UPDATE).report["counts"]
        assert (counts[RowState.CHANGED], counts[RowState.SKIPPED]) == (1, 1)

    def test_an_external_id_of_another_job_is_a_problem(self, cast, world, checked):
        other = Job.objects.filter(customer=cast.acme).first()
        run = checked(f"Number,External ID\n{other.number},0007\n", by=cast.olivia, existing=Existing.UPDATE)
        [problem] = run.report["problems"]
        assert problem["reason"] == "is taken already: give the job another"

    def test_a_row_without_a_number_is_a_new_job(self, cast, world, sign_in, checked):
        job = Job.objects.get(customer=world)
        text = f"Number,Template,Customer\n{job.number},Old kind,Müller\n,Skip exchange,Acme Builders\n"
        counts = checked(text, by=cast.olivia, existing=Existing.UPDATE).report["counts"]
        assert (counts[RowState.MADE], counts[RowState.FAILED]) == (1, 0)

    @pytest.mark.parametrize("heading", ["Number", "Nummer", "Job number", "Auftragsnummer"])
    def test_numbers_of_another_system_are_external_ids(self, cast, world, upload, heading):
        run = upload(f"{heading},Customer\n4711,Acme Builders\nJ-12,Acme Builders\n", by=cast.olivia)
        assert "number" not in guess_mapping(run, by=cast.olivia)[0]

    def test_a_list_of_another_kind_changes_nothing(self, cast, world, sign_in, checked):
        data = taken_along(sign_in(cast.olivia), RecordKind.PORTAL_USERS, "csv")
        run = checked(data, by=cast.olivia, kind=RecordKind.CUSTOMERS, existing=Existing.UPDATE)
        assert run.report["counts"][RowState.FAILED] == run.report["total"]

    def test_of_customers_of_one_name_each_row_is_its_own(self, cast, world, sign_in, checked):
        _first, second = Customer.objects.filter(name="Twin").order_by("pk")
        data = taken_along(sign_in(cast.olivia), RecordKind.CUSTOMERS, "csv")
        data = corrected(data, "csv", "plain", "Notes", lambda row: own_id_of(second) in row, "the second")
        put_in(checked(data, by=cast.olivia, kind=RecordKind.CUSTOMERS, existing=Existing.UPDATE), cast.olivia)
        assert list(Customer.objects.filter(name="Twin").order_by("pk").values_list("notes", flat=True)) == [
            "",
            "the second",
        ]


@pytest.mark.parametrize("kind", RecordKind)
def test_each_row_of_a_list_has_its_number(cast, world, sign_in, kind):
    heads, *rows = cells_of(taken_along(sign_in(cast.olivia), kind, "csv"), "csv", "plain")
    place = heads.index("Number" if kind == RecordKind.JOBS else "Portico ID")
    assert rows and all(row[place].startswith(NUMBER_OF_ROW[kind]) for row in rows)
