"""A business in which every text says whose it is (tests/doors/texts.py), made as the product makes it.

``World()`` makes everything in the database; it takes some seconds, so one serves a whole run. Whoever writes to it
does so in a transaction that is rolled back.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import User
from accounts.services import make_token
from alerts.job_alerts import set_job_alert
from alerts.models import Alert, ChannelHold, Delivery
from alerts.services import announce, new_alert, resend, stop_messages
from audit.act import Source, acting
from console.exporting.runs import request_export, write_export
from imports.choices import Existing, RecordKind
from imports.models import ImportRun
from imports.services import (
    check_run,
    commit_run,
    guess_mapping,
    save_mapping,
    set_mapping,
    start_undo,
    upload_file,
    work_on_run,
)
from jobs.models import ChangeRequest, Job, JobEvent, Series
from jobs.services import (
    NewJob,
    answer_change_request,
    ask_for_change,
    attach_file,
    cancel_job,
    check_file,
    complete_job,
    complete_step,
    create_job,
    create_series,
    delete_job,
    note_opening,
    pause_series,
    postpone_job,
    reissue_portal_link,
    remove_file,
    report_position,
    revoke_portal_link,
    schedule_job,
    skip_date,
    start_job,
    update_job,
    update_series,
)
from jobs.services.links import PortalLink
from permissions.services.merging import merge_customers
from tests.doors.people import People
from tests.doors.texts import Marker, Texts

PDF = b"%%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%% %s\n%%%%EOF\n"


class World(People):
    """Jobs of every state for A and B from T1 and T2, and all that hangs on them."""

    def __init__(self, texts: Texts | None = None) -> None:
        with time_machine.travel(timezone.now() - timedelta(days=10)) as self.clock:
            super().__init__(texts)
            self._wait()
            self._alerts()
            self.jobs: dict[str, Job] = {}
            for customer in ("A", "B"):
                for template in ("T1", "T2"):
                    self._jobs(customer, template)
            self._wait()
            self._moved()
            self._series()
            self._merged()
            self._wait()
            self._imports()
            self._messages()
            self._exports()
            self._wait()
            self.delete_gone()

    def _wait(self) -> None:
        self.clock.shift(timedelta(days=2))

    # --- jobs

    def _new(self, mark: Marker, customer: str, template: str, **facts: Any) -> NewJob:
        blueprint = self.templates[template]
        values = {self.field_of(blueprint): mark("value of a field")}
        return NewJob(
            customer=self.customers[customer],
            template=blueprint,
            location=self.customers[customer].locations.first(),
            address=mark("address"),
            contact_name=mark("contact"),
            contact_email=mark.mail(),
            contact_phone=mark.phone(),
            external_id=mark("external ID"),
            notes=mark("notes"),
            asset_id=mark("asset ID"),
            price_lines=[{"description": mark("price line"), "quantity": "1", "unit_price": "50.00"}],
            values=values,
            **{name: Decimal(degrees) for name, degrees in mark.place().items()},
            **facts,
        )

    def _job(self, key: str, customer: str, template: str, **facts: Any) -> tuple[Job, Marker]:
        mark = self.texts.of(f"job {key}", customer, template)
        with acting(by=self.dana, source=Source.CONSOLE, reason=mark("why it was made")):
            job = create_job(self._new(mark, customer.split()[0], template, **facts), by=self.dana)
        mark.known(job.number, "number")
        for link in job.portal_links.all():
            mark.known(link.token, "portal link")
        self.jobs[key] = job
        return job, mark

    def _jobs(self, customer: str, template: str) -> None:
        here, by, today = f"{customer}/{template}", self.dana, timezone.now() + timedelta(days=8)
        planned, mark = self._job(f"{here} planned", customer, template)
        with acting(by=by, reason=mark("reason of a change")):
            update_job(planned, {"notes": mark("new notes"), "asset_id": mark("new asset ID")}, by=by)
        with acting(by=by, reason=mark("why then")):
            schedule_job(planned, by=by, start=today + timedelta(hours=2), worker=self.theo)
        person = self.colm if customer == "A" else self.carl
        ask_for_change(planned, by=person.user, kind=ChangeRequest.Kind.CHANGE, reason=mark("what is asked for"))
        attach_file(planned, check_file(f"{mark('name of a file')}.pdf", PDF % mark("a file").encode()), by=by)
        gone = attach_file(planned, check_file(f"{mark('name of a file that is gone')}.pdf", PDF % b""), by=by)
        with acting(by=by, reason=mark("why a file went")):
            remove_file(gone, by=by)
        set_job_alert(
            planned, by=person.user, when=["started"], emails=[mark.mail("address to be told")], subject=mark("subject")
        )
        note_opening(planned.portal_links.get())

        done, mark = self._job(f"{here} done", customer, template, planned_start=today)
        with acting(by=by, reason=mark("why it was done")):
            complete_step(done, done.steps()[0].key, by=by)
            complete_job(Job.objects.get(pk=done.pk), by=by)

        called_off, mark = self._job(f"{here} called off", customer, template)
        cancel_job(called_off, by=by, reason=mark("why cancelled"))

        put_off, mark = self._job(f"{here} put off", customer, template, planned_start=today, worker=self.tess)
        postpone_job(put_off, by=by, reason=mark("why postponed"))
        request = ask_for_change(put_off, by=person.user, kind=ChangeRequest.Kind.CHANGE, reason=mark("wish"))
        answer_change_request(request, by=by, accept=False, answer=mark("answer"))
        link = put_off.portal_links.get()
        with acting(by=by, reason=mark("why another link")):
            mark.known(reissue_portal_link(link, by=by).token, "second portal link")

        begun, mark = self._job(f"{here} begun", customer, template, planned_start=today, worker=self.theo)
        start_job(begun, by=by)
        revoke_portal_link(begun.portal_links.get(), by=by, reason=mark("why the link was revoked"))
        stop_messages(mark.mail("address that wants no more"), job=begun)

        _waiting, mark = self._job(f"{here} waiting", customer, template, address_to_check=True)
        gone, mark = self._job(f"{here} deleted", customer, template)
        delete_job(gone, by=by, reason=mark("why deleted"))
        report_position(self.theo, latitude=Decimal("52.5"), longitude=Decimal("8.5"))

    def _moved(self) -> None:
        """One job went from B to A, one from A to B: what they said before is for those who saw them then."""
        for key, source, target in (("moved from B to A", "B", "A"), ("moved from A to B", "A", "B")):
            before = self.texts.of(f"job {key}, before", source, "T1")
            after = self.texts.of(f"job {key}, after", target, "T1")
            with acting(by=self.dana, source=Source.CONSOLE, reason=before("why it was made")):
                job = create_job(self._new(before, source, "T1"), by=self.dana)
            # Its number is the same before and after.
            self.texts.of(f"job {key}", "A B", "T1").known(job.number, "number")
            with acting(by=self.dana, reason=before("reason of a change")):
                update_job(job, {"notes": before("new notes")}, by=self.dana)
            cancel_job(job, by=self.dana, reason=before("why cancelled"))
            fresh = self._new(after, target, "T1")
            changes = {
                name: getattr(fresh, name)
                for name in (
                    "customer", "location", "address", "contact_name", "contact_email", "contact_phone", "external_id",
                    "notes", "asset_id", "price_lines", "values", "latitude", "longitude",
                )
            }  # fmt: skip
            with acting(by=self.dana, reason=after("why it was moved")):
                update_job(job, changes, by=self.dana)
            self.jobs[key] = Job.objects.get(pk=job.pk)

    def _series(self) -> None:
        self.series: dict[str, Series] = {}
        for customer in ("A", "B"):
            for template in ("T1", "T2"):
                key = f"{customer}/{template}"
                mark = self.texts.of(f"series {key}", customer, template)
                with acting(by=self.dana, source=Source.CONSOLE, reason=mark("why it was made")):
                    series = create_series(
                        {
                            "name": mark("name"),
                            "customer": self.customers[customer],
                            "template": self.templates[template],
                            "location": self.customers[customer].locations.first(),
                            "notes": mark("notes"),
                            "asset_id": mark("asset ID"),
                            "values": {self.field_of(self.templates[template]): mark("value of a field")},
                            "rules": [{"kind": "day", "every": 7}],
                            "starts_on": timezone.localdate() + timedelta(days=1),
                            "create_days_ahead": 10,
                        },
                        by=self.dana,
                    )
                for job in Job.objects.filter(occurrence__series=series):
                    mark.known(job.number, f"number of its job {job.pk}")
                    for link in job.portal_links.all():
                        mark.known(link.token, f"portal link of its job {job.pk}")
                with acting(by=self.dana, reason=mark("reason of a change")):
                    series = update_series(series, {"name": mark("new name")}, by=self.dana)
                    skip_date(series, series.next_dates(9)[-1], by=self.dana)
                if template == "T2":
                    with acting(by=self.dana, reason=mark("why paused")):
                        pause_series(series, by=self.dana)
                self.series[key] = series

    def _merged(self) -> None:
        """M becomes a part of A, N of B; Cora acted for M as well."""
        for drop, keep in (("M", "A"), ("N", "B")):
            job, mark = self._job(f"{drop}, merged into {keep}", f"{drop} {keep}", "T1")
            why = self.texts.of(f"job {drop}, before the merge", drop, "T1")
            with acting(by=self.dana, reason=why("reason of a change")):
                update_job(job, {"asset_id": mark("new asset ID")}, by=self.dana)
            for one in Job.objects.filter(pk=job.pk):
                one_mark = self.texts.of(f"job {drop}, before the merge", f"{drop} {keep}", "T1")
                update_job(one, {"notes": one_mark("notes at the merge")}, by=self.dana)
            merge_customers(self.customers[keep], self.customers[drop], by=self.dana, choices={"external_id": "keep"})

    # --- alerts and messages

    def _alerts(self) -> None:
        self.alerts: dict[str, Alert] = {}
        plans: tuple[tuple[str, str, str], ...] = (
            ("for A", "A", ""),
            ("for B", "B", ""),
            ("for A and B", "A B", ""),
            ("for everybody", "", ""),
            ("for T1", "", "T1"),
            ("for T2", "", "T2"),
            ("for T1 and T2", "", "T1 T2"),
            ("for B from T1", "B", "T1"),
            ("for A from T2", "A", "T2"),
        )
        for name, customers, templates in plans:
            mark = self.texts.of(f"alert {name}", customers, templates)
            with acting(by=self.olivia, source=Source.CONSOLE, reason=mark("why it was made")):
                alert = new_alert(
                    "job.created",
                    name=mark("name"),
                    subject=mark("subject"),
                    message=mark("message") + " {customer.name}",
                    sms_text=mark("text message"),
                    emails=mark.mail("addresses"),
                    mobiles="+491711234567",
                    reply_to=mark.mail("replies"),
                )
                alert.full_clean()
                alert.save()
                alert.customers.set([self.customers[one] for one in customers.split()])
                alert.templates.set([self.templates[one] for one in templates.split()])
            with acting(by=self.olivia, reason=mark("reason of a change")):
                alert.name = mark("new name")
                alert.to_office = name == "for everybody"
                alert.save()
            self.alerts[name] = alert

    def _messages(self) -> None:
        over = {"next_try_at": timezone.now(), "ended_at": timezone.now()}
        ChannelHold.objects.create(channel="sms", why="Twilio refuses our credentials or our account.", **over)
        told = [job.pk for key, job in self.jobs.items() if "planned" in key or "moved" in key]
        announce(list(JobEvent.objects.unannounced().filter(job__in=told).values_list("pk", flat=True)))
        for key in ("A/T1", "A/T2", "B/T1", "B/T2"):
            job = self.jobs[f"{key} planned"]
            delivery = Delivery.objects.filter(job=job, channel="email").first()
            assert delivery is not None
            Delivery.objects.filter(pk=delivery.pk).update(state="failed", why="No such mailbox.")
            delivery.refresh_from_db()
            resend(delivery, by=self.dana)
        for delivery in Delivery.objects.exclude(channel="console"):
            template = next((key for key, one in self.templates.items() if one.pk == delivery.template_id), "")
            customer = next((key for key, one in self.customers.items() if one.pk == delivery.customer_id), "")
            mark = self.texts.of(f"message about {customer}/{template}", customer, template)
            mark.known(delivery.token, f"stop {delivery.pk}")

    # --- files in and out

    def _imports(self) -> None:
        self.runs: dict[str, ImportRun] = {}
        self.runs["by Ines"] = self.imported(self.ines, "Ines", ("A/T1", "B/T2"))
        self.runs["by Ines, waiting"] = self.imported(self.ines, "Ines", ("B/T1",), commit=False)
        undone = self.imported(self.ines, "Ines", ("A/T2", "B/T2"))
        self.runs["by Ines, undone"] = start_undo(undone, by=self.ines)
        self.runs["customers by Ines"] = self._imported_customers()
        self.runs["people by Ines"] = self._imported_people()
        with acting(by=self.ines, source=Source.CONSOLE):
            self.mapping = save_mapping("Ours", self.runs["by Ines"], by=self.ines)

    def imported(self, by: User, owner: str, places: tuple[str, ...], commit: bool = True) -> ImportRun:
        """A file of jobs: a good row for each place, and one that fails."""
        file = self.texts.of(f"import of jobs by {owner}", owner=owner)
        head = "External ID,Template,Customer,E-mail,Notes,Address,Start"
        rows = []
        for place in places:
            customer, template = place.split("/")
            # What came of it is the customer's; whoever brought the file wrote it, and has it still.
            mark = self.texts.of(f"job imported by {owner}", customer, template, also=owner)
            rows.append(
                f"{mark('external ID')},{self.templates[template].name},{self.customers[customer].name},"
                f"{mark.mail()},{mark('notes')},{mark('address')},2027-01-05 08:00"
            )
        lost = self.texts.of(f"failed row of the import by {owner}", owner=owner)
        rows.append(
            f"{lost('external ID')},{lost('unknown template')},{lost('customer')},{lost.mail()},{lost('notes')},,soon"
        )
        text = "\n".join([head, *rows, ""])
        before = set(Job.objects.values_list("pk", flat=True))
        run = self._run(text, by, f"{file('file name')}.csv", RecordKind.JOBS, commit=commit)
        for job in Job.objects.exclude(pk__in=before).select_related("customer", "template"):
            customer = next(key for key, one in self.customers.items() if one.pk == job.customer_id)
            template = next(key for key, one in self.templates.items() if one.pk == job.template_id)
            mark = self.texts.of(f"job imported by {owner}", customer, template, also=owner)
            mark.known(job.number, "number")
            for link in PortalLink.objects.filter(job=job):
                mark.known(link.token, "portal link")
        return run

    def _imported_customers(self) -> ImportRun:
        file, mark = self.texts.of("import of customers", owner="Ines"), self.texts.of("customer imported", "new")
        text = f"Name,External ID,Contact,E-mail,Notes\n{mark('name')},{mark('external ID')},{mark('contact')},"
        text += f"{mark.mail()},{mark('notes')}\n"
        return self._run(text, self.ines, f"{file('file name')}.csv", RecordKind.CUSTOMERS)

    def _imported_people(self) -> ImportRun:
        file, mark = self.texts.of("import of people", owner="Ines"), self.texts.of("portal user imported", "B")
        text = f"E-mail,Name,Customer\n{mark.mail()},{mark('name')},{self.customers['B'].name}\n"
        return self._run(text, self.ines, f"{file('file name')}.csv", RecordKind.PORTAL_USERS)

    def _run(self, text: str, by: User, name: str, kind: str, commit: bool = True) -> ImportRun:
        with acting(source=Source.CONSOLE):
            run = upload_file(ContentFile(text.encode(), name=name), by=by, kind=kind)
            columns = guess_mapping(run, by=by)[0]
            run = check_run(set_mapping(run, columns, by=by, existing=Existing.SKIP), by=by)
            assert run.report["counts"]["made"], run.report
        if not commit:
            return run
        run = commit_run(run, by=by)
        work_on_run(run.pk)
        run.refresh_from_db()
        assert run.made, (run.state, run.problem)
        return run

    def _exports(self) -> None:
        self.exports = []
        for source, columns in (("jobs.job", ["number", "notes"]), ("changelog", [])):
            mark = self.texts.of(f"export of {source} by Dana", owner="Dana")
            export = request_export(
                source=source,
                title="Jobs",
                query=f"q={mark('what was looked for')}" if source == "jobs.job" else "",
                columns=columns,
                format_name="csv",
                by=self.dana,
            )
            self.exports.append(write_export(export.pk))
        make_token(name="Accounting", user=self.dana, by=self.olivia)
