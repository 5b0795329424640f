"""The office, the customers and the templates of the world, and everybody who may sign in.

Customers: A (the readers' own), B (foreign), M (merged into A), N (merged into B), R (archived) and G (deleted).
Templates: T1 (the readers' own), T2 (foreign), T3 (archived) and T4 (deleted). Of the portal users Colm acts for A,
Carl for B, Cora for both; Wanda acted for B until lately and acts for A; Uli signed up and acts for nobody yet.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission

from accounts.models import Contact, Customer, Label, Location, PortalUser, User, Worker
from accounts.services import archive_customer, delete_customer, invite_staff, save_worker, use_invitation
from accounts.services.customer_sheets import CustomerSheet, create_customers, update_customer
from audit.act import Source, acting
from business.models import PortalSettings
from business.services import save_portal_settings
from console.roles import Role, install_roles, save_role
from permissions.services import (
    SignUp,
    end_view_as,
    grant,
    invite_portal_user,
    link_customer,
    set_default_templates,
    set_override,
    set_template_access,
    sign_up,
    start_view_as,
    suspend_portal_user,
    unlink_customer,
    withdraw_grant,
)
from templates_app.models import JobTemplate, TemplateField, TemplateStep
from templates_app.services import archive_template, delete_template
from tests.doors.texts import Marker, Texts

PASSWORD = "correct horse battery"


class People:
    """Everybody there is, what they act for, and what jobs are made from."""

    def __init__(self, texts: Texts | None = None) -> None:
        self.texts = Texts() if texts is None else texts
        self._office()
        self._templates()
        self._customers()
        self._portal_users()

    # --- the office

    def _office(self) -> None:
        install_roles()
        self.olivia = User.objects.create_superuser("olivia@office.example", PASSWORD, full_name="Olivia")
        self.everything = Group(name="Everything")
        save_role(self.everything, set(Permission.objects.values_list("pk", flat=True)), by=self.olivia)
        self.dana = self.member("Dana", Role.DISPATCHER)
        self.ines = self.member("Ines", Role.IMPORTER)
        self.nell = self.member("Nell")
        self.theo = save_worker(Worker(name="Theo", external_id="VAN-1"), by=self.olivia)
        self.tess = save_worker(Worker(name="Tess", external_id="VAN-2"), by=self.olivia)
        settings = PortalSettings.load()
        settings.access, settings.sms_enabled = PortalSettings.Access.PUBLIC, True
        settings.portal_name, settings.business_email = "Harbour Bins", "office@office.example"
        self.settings = save_portal_settings(settings, by=self.olivia)

    def member(self, name: str, role: Role | Group | None = None) -> User:
        """A member of staff with a role, without limits, who has chosen a password."""
        roles = [role] if isinstance(role, Group) else Group.objects.filter(name=role) if role else []
        email = f"{name.lower().replace(' ', '.')}@office.example"
        return invite_staff(email=email, name=name, roles=roles, by=self.olivia)

    # --- templates

    def _templates(self) -> None:
        self.templates = {name: self._template(name) for name in ("T1", "T2", "T3", "T4")}
        with acting(by=self.olivia, reason=self.texts.of("T1", "", "T1")("reason of a change")):
            self._touch(self.templates["T1"], "T1")
        with acting(by=self.olivia, reason=self.texts.of("T2", "", "T2")("reason of a change")):
            self._touch(self.templates["T2"], "T2")
        set_default_templates([self.templates["T1"], self.templates["T2"]], by=self.olivia)
        archive_template(self.templates["T3"], by=self.olivia, reason=self.texts.of("T3", "", "T3")("why archived"))
        with acting(by=self.olivia, reason=self.texts.of("T4", "", "T4")("why deleted")):
            delete_template(self.templates["T4"], by=self.olivia)

    def _template(self, name: str) -> JobTemplate:
        mark = self.texts.of(f"template {name}", "", name)
        with acting(by=self.olivia, source=Source.CONSOLE, reason=mark("why it was made")):
            template = JobTemplate.objects.create(
                name=mark("name"),
                description=mark("description"),
                category=mark("category"),
                notes=mark("notes"),
                price_lines=[{"description": mark("price line"), "quantity": "1", "unit_price": "100.00"}],
            )
            TemplateStep.objects.create(template=template, name=mark("step 1"), portal_use="optional", position=0)
            TemplateStep.objects.create(template=template, name=mark("step 2"), position=1)
            TemplateField.objects.create(
                template=template, label=mark("field"), help=mark("help of a field"), portal_use="optional", position=0
            )
            TemplateField.objects.create(
                template=template,
                label=mark("pick list"),
                kind="pick",
                choices=[mark("choice 1"), mark("choice 2")],
                portal_use="optional",
                position=1,
            )
            TemplateField.objects.create(
                template=template, label=mark("old field"), default=mark("default of a field"), position=2
            )
        return template

    def _touch(self, template: JobTemplate, name: str) -> None:
        """A field goes, a step is called otherwise: history has what was before."""
        template.fields.get(position=2).delete()
        step = template.steps.get(position=1)
        step.name = self.texts.of(f"template {name}", "", name)("new name of step 2")
        step.save()

    def field_of(self, template: JobTemplate, position: int = 0) -> str:
        """The key of one of its fields."""
        return str(template.fields.get(position=position).key)

    # --- customers

    def _customers(self) -> None:
        self.customers = {name: self._customer(name) for name in ("A", "B", "M", "N", "R", "G")}
        for name in ("A", "B"):
            self._change(name)
        for name in ("A", "B"):
            label = self.customers[name].labels.model.objects.create(name=f"Only {name}")
            self.customers[name].labels.add(label)
        self.north = Label.objects.create(name="North")
        for customer in self.customers.values():
            customer.labels.add(self.north)
        archive_customer(self.customers["R"], by=self.olivia, reason=self.texts.of("customer R", "R")("why archived"))

    def _customer(self, name: str) -> Customer:
        # What the others bring along is A's, or B's, when they are merged.
        mark, parts = self._mark(name), self.texts.of(f"customer {name}", {"M": "M A", "N": "N B"}.get(name, name))
        with acting(by=self.dana, source=Source.CONSOLE, reason=mark("why it was made")):
            sheet = CustomerSheet(
                fields={"name": mark("name"), "external_id": mark("external ID"), "notes": mark("notes")},
                site={"name": parts("site contact"), "email": parts.mail(), "phone": parts.phone()},
                billing={"name": parts("billing contact"), "email": parts.mail("billing e-mail")},
            )
            [customer] = create_customers([sheet], by=self.dana)
            Location.objects.create(
                customer=customer,
                name=parts("name of a location"),
                street=parts("street"),
                postcode=parts("postcode"),
                city=parts("city"),
                notes=parts("how to get in"),
                **parts.place(),
            )
        return customer

    def _mark(self, name: str) -> Marker:
        return self.texts.of(f"customer {name}", name)

    def _change(self, name: str) -> None:
        """Other notes, another contact; and a contact that goes."""
        mark, customer = self._mark(name), self.customers[name]
        with acting(by=self.dana, source=Source.CONSOLE, reason=mark("reason of a change")):
            sheet = CustomerSheet(fields={"notes": mark("new notes")}, site={"name": mark("new site contact")})
            update_customer(customer, sheet, by=self.dana)
            gone = Contact.objects.create(customer=customer, name=mark("a contact that is gone"), email=mark.mail())
        with acting(by=self.dana, source=Source.CONSOLE, reason=mark("why a contact went")):
            gone.delete()
        customer.refresh_from_db()

    # --- portal users

    def _portal_users(self) -> None:
        self.colm = self._person("Colm", "A")
        self.carl = self._person("Carl", "B")
        self.cora = self._person("Cora", "A B")
        self.wanda = self._person("Wanda", "A")
        self._uli()
        with acting(by=self.dana, reason=self.texts.of("link of Wanda to B", "B")("why linked")):
            link = link_customer(self.wanda, self.customers["B"], by=self.dana)
        unlink_customer(link, by=self.dana, reason=self.texts.of("link of Wanda to B", "B")("why it was taken away"))
        with acting(by=self.dana, reason=self.texts.of("link of Cora to M", "M")("why linked")):
            link_customer(self.cora, self.customers["M"], by=self.dana)
        for person, name, customers in (
            (self.colm, "Colm", "A"),
            (self.carl, "Carl", "B"),
            (self.cora, "Cora", "A B"),
        ):
            self._rights(person, name, customers)
        self.ivan = self._person("Ivan", "B", comes_in=False)
        self.suse = self._person("Suse", "B")
        suspend_portal_user(self.suse, by=self.dana, reason=self.texts.of("portal user Suse", "B")("why suspended"))
        for person, name, customers in ((self.carl, "Carl", "B"), (self.colm, "Colm", "A")):
            why = self.texts.of(f"look through the eyes of {name}", customers)("reason")
            end_view_as(start_view_as(person, by=self.olivia, reason=why), by=self.olivia)
        self._limited_staff()

    def _person(self, name: str, customers: str, comes_in: bool = True) -> PortalUser:
        mark = self.texts.of(f"portal user {name}", customers)
        with acting(by=self.dana, source=Source.CONSOLE, reason=mark("why invited")):
            said = {"email": mark.mail(), "name": mark("name"), "phone": mark.phone()}
            person = invite_portal_user(customers=[], by=self.dana, **said).person
        for customer in customers.split():
            with acting(by=self.dana, reason=self.texts.of(f"link of {name} to {customer}", customer)("why linked")):
                link_customer(person, self.customers[customer], by=self.dana)
        invitation = person.user.invitations.get()
        mark.known(invitation.token, "invitation")
        if comes_in:
            use_invitation(invitation, password=PASSWORD)
        person.refresh_from_db()
        return person

    def _uli(self) -> None:
        mark = self.texts.of("portal user Uli", "nobody")
        said = {
            "full_name": mark("name"),
            "phone": mark.phone(),
            "company": mark("company"),
            "address": mark("address"),
        }
        email = mark.mail()
        sign_up(SignUp(email=email, password=PASSWORD, **said))
        self.uli = PortalUser.objects.get(user__email=email)

    def _rights(self, person: PortalUser, name: str, customers: str) -> None:
        """Overrides on the person and on each link, some of them gone; templates more and less."""
        # What is said of a person as a whole is shown to whoever may see all they act for.
        beyond = self.texts.of(f"override on {name}", customers if " " not in customers else "all-of-it")
        set_override(person, "edit_jobs", "deny", by=self.olivia, reason=beyond("reason"))
        set_override(person, "set_alerts", "deny", by=self.olivia, reason=beyond("reason of one that is gone"))
        set_override(person, "set_alerts", None, by=self.olivia, reason=beyond("why it was taken away"))
        for link in person.links.select_related("customer"):
            customer = next(key for key, one in self.customers.items() if one.pk == link.customer_id)
            mark = self.texts.of(f"override on the link of {name} to {customer}", customer)
            set_override(link, "cancel_jobs", "deny", by=self.olivia, reason=mark("reason"))
            set_override(link, "view_map", "deny", by=self.olivia, reason=mark("reason of one that is gone"))
            set_override(link, "view_map", None, by=self.olivia, reason=mark("why it was taken away"))
        for template, effect in (("T1", "add"), ("T2", "add"), ("T3", "add")):
            mark = self.texts.of(f"template {template} of {name}", customers, template)
            with acting(by=self.olivia, reason=mark("why it was given")):
                set_template_access(person, self.templates[template], effect, by=self.olivia)
            if template == "T3":
                with acting(by=self.olivia, reason=mark("why it was taken away")):
                    set_template_access(person, self.templates[template], None, by=self.olivia)

    def _limited_staff(self) -> None:
        """Gerda may see B and T2 only, Greta A and T1."""
        self.gerda, self.greta = self.member("Gerda", Role.DISPATCHER), self.member("Greta", Role.DISPATCHER)
        for user, customer, template in ((self.gerda, "B", "T2"), (self.greta, "A", "T1")):
            for flag in ("only_granted_customers", "only_granted_templates"):
                setattr(user, flag, True)
            user.save()
            with acting(by=self.olivia, reason=self.texts.of(f"grant of {customer}", customer)("reason")):
                grant(user, self.customers[customer], change=True, by=self.olivia)
            with acting(by=self.olivia, reason=self.texts.of(f"grant of {template}", "", template)("reason")):
                grant(user, self.templates[template], change=False, by=self.olivia)
        with acting(by=self.olivia, reason=self.texts.of("grant of Carl", "B")("reason")):
            grant(self.gerda, self.carl, change=False, by=self.olivia)
        with acting(by=self.olivia, reason=self.texts.of("grant of R", "R")("reason")):
            grant(self.gerda, self.customers["R"], change=False, by=self.olivia)
        with acting(by=self.olivia, reason=self.texts.of("grant of R", "R")("why it was taken away")):
            withdraw_grant(self.gerda, self.customers["R"], by=self.olivia)

    def delete_gone(self) -> None:
        """G, whom nothing hangs on, is deleted."""
        with acting(by=self.olivia, reason=self.texts.of("customer G", "G")("why deleted")):
            delete_customer(self.customers["G"], by=self.olivia)
