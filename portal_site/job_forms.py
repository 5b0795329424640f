"""The forms by which a customer asks for a job and changes one: the template says what is in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.addresses import split_address
from accounts.models import Customer, Location
from accounts.names import LONGEST, validate_name, validate_words
from audit.expressions import Expression
from console.moments import MomentField
from jobs.models import Job
from jobs.services import same_address
from jobs.services.files import MAX_BYTES, CheckedFile, check_file
from portal_site.forms import choice_field
from portal_site.ordering import MOST_COPIES
from portal_site.reading import wording
from templates_app.choices import FieldKind, Use
from templates_app.definitions import FieldDefinition, Value
from templates_app.kinds import KINDS, value_in_words
from templates_app.values import clean_value, is_shown

PREFIX = "field_"
NEW_ADDRESS = "new"
# The parts of an address that is written by hand.
WRITTEN = ("street", "postcode", "city")
# Two decimal numbers: as people write a position, and as maps put one into an address.
POSITION = Expression(r"(-?\d{1,3}[.,]\d{1,20}) ?[°NS]? ?[,;/ ] ?(-?\d{1,3}[.,]\d{1,20})", longest=200)
MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class Condition:
    """When a part counts: another field of this form has a value (``wanted`` empty: any)."""

    name: str
    label: str
    wanted: str = ""


@dataclass(frozen=True)
class Part:
    """One piece of the form as the page shows it: a heading, a field to fill, or a value that is only read."""

    kind: str
    label: str
    field: forms.BoundField | None = None
    words: str = ""
    only_when: Condition | None = None


def _default_of(definition: FieldDefinition) -> Value:
    try:
        return clean_value(definition, definition.default)
    except ValidationError:
        return None


class TemplateFieldsForm(forms.Form):
    """The fields of a template that a customer may see; those that a customer may set are fields here.

    What a value must be is decided by ``templates_app.values`` alone, here as everywhere.
    """

    def __init__(
        self,
        definitions: Sequence[FieldDefinition],
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        initial: dict[str, object] | None = None,
        values: Mapping[str, Value] | None = None,
    ) -> None:
        super().__init__(data, files, initial=initial)
        self.all_definitions = list(definitions)
        self.definitions = [one for one in definitions if one.is_shown_to_customers]
        self.values = values or {}
        self.checked_files: dict[str, CheckedFile] = {}
        for definition in self.definitions:
            if not definition.is_set_by_customers:
                continue
            field = KINDS[definition.kind].portal_field(definition)
            field.initial = self._initial(definition)
            field.widget.is_required = definition.portal_use == Use.REQUIRED
            self.fields[PREFIX + definition.key] = field

    def _initial(self, definition: FieldDefinition) -> object:
        if definition.kind == FieldKind.FILE:
            return None
        value = self.values.get(definition.key)
        return KINDS[definition.kind].shown(_default_of(definition) if value is None else value, definition)

    @property
    def parts(self) -> list[Part]:
        """What the page shows, in the template's order."""
        parts = []
        for definition in self.definitions:
            key, label = definition.key, definition.label
            condition = self._condition(definition)
            if condition is None and not self._is_shown_anyway(definition):
                continue
            if definition.kind == FieldKind.HEADER:
                parts.append(Part("header", label, only_when=condition))
            elif definition.is_set_by_customers:
                words = str(self.values.get(key) or "")
                parts.append(Part(definition.kind, label, self[PREFIX + key], words, condition))
            else:
                value = self.values.get(key, definition.default or None)
                if words := value_in_words(definition, value, wording("")):
                    parts.append(Part("fixed", label, words=words, only_when=condition))
        return parts

    def _condition(self, definition: FieldDefinition) -> Condition | None:
        """What decides in the browser whether a part is shown: a field of this form. None: nothing there does."""
        other = next((one for one in self.definitions if one.key == definition.shown_when), None)
        if other is None or not other.is_set_by_customers:
            return None
        return Condition(PREFIX + other.key, other.label, definition.shown_value)

    def _is_shown_anyway(self, definition: FieldDefinition) -> bool:
        """Does its condition hold already, by what she cannot change here?"""
        fixed = {
            one.key: self.values[one.key] if one.key in self.values else _default_of(one)
            for one in self.all_definitions
        }
        return is_shown(definition, fixed)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for definition in self.definitions:
            key = definition.key
            upload = cleaned.get(PREFIX + key) if definition.kind == FieldKind.FILE else None
            if upload:
                try:
                    # One byte more than allowed is enough to know.
                    self.checked_files[key] = check_file(upload.name, upload.read(MAX_BYTES + 1))
                except ValidationError as problem:
                    self.add_error(PREFIX + key, problem)
        return cleaned

    @property
    def given(self) -> dict[str, object]:
        """{field key: what was filled in}, to be checked by the service."""
        given: dict[str, object] = {}
        for definition in self.definitions:
            key = definition.key
            if not definition.is_set_by_customers:
                continue
            if definition.kind == FieldKind.FILE:
                # Without a new file the old one stays.
                given[key] = self.checked_files[key].name if key in self.checked_files else self.values.get(key)
            else:
                given[key] = self.cleaned_data.get(PREFIX + key)
        return given

    def add_problems(self, problems: ValidationError) -> None:
        """Puts what a service refused beside the field it is about."""
        if not hasattr(problems, "error_dict"):
            self.add_error(None, problems)
            return
        for name, errors in problems.error_dict.items():
            beside = next((field for field in (PREFIX + name, name) if field in self.fields), None)
            self.add_error(beside, ValidationError([message for error in errors for message in error.messages]))

    def mention_lost_files(self) -> None:
        """A form that comes back has lost the files that were fine: says so beside them."""
        for key in self.checked_files:
            if PREFIX + key not in self.errors:
                self.add_error(PREFIX + key, _("Please choose the file again: browsers do not keep it."))


class JobForm(TemplateFieldsForm):
    """Where, whom to ask for, when it is wanted, and what the template asks."""

    place = forms.ChoiceField(label=gettext_lazy("Where?"), required=False)
    street = forms.CharField(
        label=gettext_lazy("Street and number"),
        max_length=200,
        required=False,
        validators=[validate_words],
        widget=forms.TextInput(attrs={"autocomplete": "address-line1"}),
    )
    postcode = forms.CharField(
        label=gettext_lazy("Postcode"),
        max_length=20,
        required=False,
        validators=[validate_words],
        widget=forms.TextInput(attrs={"autocomplete": "postal-code"}),
    )
    city = forms.CharField(
        label=gettext_lazy("Town"),
        max_length=60,
        required=False,
        validators=[validate_words],
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    position = forms.CharField(
        label=gettext_lazy("Position"),
        help_text=gettext_lazy("Latitude and longitude, such as 53.5503, 9.9920, as maps show them."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    requested_start = MomentField(
        label=gettext_lazy("When would you like it?"),
        help_text=gettext_lazy("A wish, not a promise: we plan it and tell you the time."),
        required=False,
        error_messages={"invalid": gettext_lazy("Choose a day and a time.")},
    )
    contact_name = forms.CharField(
        label=gettext_lazy("Whom do we ask for?"), max_length=LONGEST, required=False, validators=[validate_name]
    )
    contact_phone = forms.CharField(
        label=gettext_lazy("Mobile"), max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    contact_email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        required=False,
        error_messages={"invalid": gettext_lazy("Write the whole e-mail address, such as name@example.com.")},
    )

    def __init__(
        self,
        definitions: Sequence[FieldDefinition],
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        customers: Sequence[Customer],
        places: Sequence[Location],
        asks_start: bool,
        initial: dict[str, object] | None = None,
        values: Mapping[str, Value] | None = None,
    ) -> None:
        super().__init__(definitions, data, files, initial=initial, values=values)
        self.customers = list(customers)
        self.places = {str(place.pk): place for place in places}
        field = choice_field(self, "place")
        field.choices = self._place_choices()
        field.error_messages["invalid_choice"] = _("Choose one of your addresses, or a new one.")
        if not self.places:
            # Whoever has no address yet need not choose to write one.
            field.widget, field.initial = forms.HiddenInput(), NEW_ADDRESS
            self.initial["place"] = NEW_ADDRESS
        elif field.initial is None and "place" not in self.initial:
            field.initial = next(iter(self.places)) if len(self.places) == 1 else ""
        if not asks_start:
            del self.fields["requested_start"]

    def _place_choices(self) -> list[tuple[str, str | list[tuple[str, str]]]]:
        choices: list[tuple[str, str | list[tuple[str, str]]]] = []
        if len(self.places) != 1:
            choices.append(("", _("Please choose")))
        if len(self.customers) > 1:
            for customer in self.customers:
                of_customer = [(k, str(p)) for k, p in self.places.items() if p.customer_id == customer.pk]
                if of_customer:
                    choices.append((customer.name, of_customer))
        else:
            choices += [(key, str(place)) for key, place in self.places.items()]
        return [*choices, (NEW_ADDRESS, _("Another address"))]

    def clean_requested_start(self) -> datetime | None:
        start: datetime | None = self.cleaned_data["requested_start"]
        if start is not None and start < timezone.now() and start != self.initial.get("requested_start"):
            raise ValidationError(_("This lies in the past. Choose a later time."))
        return start

    def clean_position(self) -> tuple[Decimal, Decimal] | None:
        written = " ".join(self.cleaned_data["position"].split())
        if not written:
            return None
        found = POSITION.search(written)
        if found is None:
            raise ValidationError(_("Write two numbers with decimals, such as 53.5503, 9.9920, or leave it empty."))
        latitude, longitude = (Decimal(part.replace(",", ".")).quantize(MICRO) for part in found.groups())
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise ValidationError(_("There is no such place: the first number is between -90 and 90."))
        return latitude, longitude

    def chosen_customer(self) -> Customer | None:
        """For whom the job is."""
        return self.customers[0] if self.customers else None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        place = cleaned.get("place")
        if place != NEW_ADDRESS:
            # What stands in a part of the form that does not count stops nobody.
            for name in ("position", *WRITTEN):
                self.errors.pop(name, None)
        # Nor is what was there before: the office may have written it.
        for name in WRITTEN:
            if name in self.errors and self[name].value() == self.initial.get(name):
                del self.errors[name]
                cleaned[name] = self.initial[name]
        if place == NEW_ADDRESS:
            if not cleaned.get("street") and "street" not in self.errors:
                self.add_error("street", _("Please write where it is."))
            if not (cleaned.get("city") or cleaned.get("postcode") or {"city", "postcode"} & set(self.errors)):
                self.add_error("city", _("Please name the town or the postcode."))
        elif not place and "place" not in self.errors:
            self.add_error("place", _("Please say where."))
        elif place in self.places:
            customer = self.chosen_customer()
            if customer is not None and self.places[place].customer_id != customer.pk:
                self.add_error("place", _("This address belongs to another account. Choose one of %s.") % customer)
        return cleaned

    @property
    def location(self) -> Location | None:
        """The known address that was chosen, or written although we know it; None for a new one."""
        chosen = self.places.get(self.cleaned_data.get("place", ""))
        if chosen is not None or not self.address:
            return chosen
        customer = self.chosen_customer()
        if customer is None:
            return None
        known = (place for place in self.places.values() if place.customer_id == customer.pk)
        return next((place for place in known if same_address(place.address, self.address)), None)

    @property
    def coordinates(self) -> tuple[Decimal, Decimal] | None:
        """Latitude and longitude of the new address, where they were given."""
        return self.cleaned_data.get("position") if self.address else None

    @property
    def address(self) -> str:
        """The new address on one line; empty when a known one was chosen."""
        if self.cleaned_data.get("place") != NEW_ADDRESS:
            return ""
        town = f"{self.cleaned_data['postcode']} {self.cleaned_data['city']}".strip()
        return ", ".join(part for part in (self.cleaned_data["street"], town) if part)


class OrderForm(JobForm):
    """A new job: the above, for whom, how many, and a word to the office."""

    account = forms.ChoiceField(
        label=gettext_lazy("For which account?"),
        error_messages={"required": gettext_lazy("Please choose the account.")},
    )
    copies = forms.IntegerField(
        label=gettext_lazy("How many?"),
        min_value=1,
        max_value=MOST_COPIES,
        initial=1,
        help_text=gettext_lazy("Identical jobs, each with a number of its own."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    notes = forms.CharField(
        label=gettext_lazy("Anything else we should know?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    once = forms.CharField(max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        definitions: Sequence[FieldDefinition],
        data: QueryDict | None = None,
        files: MultiValueDict[str, UploadedFile[bytes]] | None = None,
        *,
        customers: Sequence[Customer],
        places: Sequence[Location],
        asks_start: bool,
        many: bool,
        initial: dict[str, object] | None = None,
        values: Mapping[str, Value] | None = None,
    ) -> None:
        super().__init__(
            definitions,
            data,
            files,
            customers=customers,
            places=places,
            asks_start=asks_start,
            initial=initial,
            values=values,
        )
        self.fields["once"].initial = uuid.uuid4().hex
        account = choice_field(self, "account")
        choices = [(str(customer.pk), customer.name) for customer in self.customers]
        account.choices = choices
        if len(self.customers) == 1:
            del self.fields["account"]
        elif "account" not in self.initial:
            account.choices = [("", _("Please choose")), *choices]
        if not many:
            del self.fields["copies"]

    def chosen_customer(self) -> Customer | None:
        if len(self.customers) == 1:
            return self.customers[0]
        chosen = self.cleaned_data.get("account")
        return next((customer for customer in self.customers if str(customer.pk) == chosen), None)


def again(job: Job, customers: Sequence[Customer], places: Sequence[Location]) -> dict[str, object]:
    """What a form begins with when an old job is asked for again."""
    initial = starting_place(job, places) | {
        "contact_name": job.contact_name,
        "contact_phone": job.contact_phone,
        "contact_email": job.contact_email,
    }
    if job.customer in customers:
        initial["account"] = str(job.customer_id)
    return initial


def starting_place(job: Job, places: Sequence[Location]) -> dict[str, object]:
    """A job's address as the form's fields hold it."""
    if any(place.pk == job.location_id for place in places):
        return {"place": str(job.location_id)}
    street, postcode, city = split_address(job.address)
    known = job.latitude is not None and job.longitude is not None
    return {
        "place": NEW_ADDRESS if job.address else "",
        "street": street,
        "postcode": postcode,
        "city": city,
        "position": f"{job.latitude}, {job.longitude}" if known else "",
    }
