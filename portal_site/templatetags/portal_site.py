"""How the companion site's templates say things."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django import forms, template
from django.core.paginator import Paginator
from django.db.models import Model
from django.forms import BoundField
from django.http import QueryDict
from django.utils.safestring import SafeString

from jobs.choices import JobStatus
from jobs.models import Job
from money import format_money
from portal_site import money_reading, reading

register = template.Library()


@register.filter
def look(job: Job) -> tuple[str, str]:
    """Bootstrap's name of the colour and Lucide's of the icon of a job's status."""
    return reading.STATUS_LOOKS[JobStatus(job.status)]


@register.filter
def planned(job: Job) -> str:
    """When it is planned, from and to."""
    return reading.planned_words(job)


@register.filter
def planned_parts(job: Job) -> tuple[str, str]:
    """The day it is planned for, and the hours."""
    return reading.planned_parts(job)


@register.filter
def requested(job: Job) -> str:
    """When it was asked for, beside when it is planned."""
    return reading.requested_words(job)


@register.filter
def headline(job: Job) -> str:
    """Where it stands, in one sentence."""
    return reading.headline_of(job)


@register.filter
def day(at: datetime) -> str:
    """The day of a moment."""
    return reading.day_of(at)


@register.filter
def planned_there(job: Job) -> str:
    """The same on the clock of the business, where the reader lives by another."""
    return reading.planned_there(job)


@register.filter
def moment(at: datetime | None) -> str:
    """A moment as people say it."""
    return reading.day_and_time(at) if at else ""


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """A sum as the reader writes it."""
    return format_money(amount, currency)


@register.filter
def day_words(day: date) -> str:
    """A day: "12 December", and of another year with it."""
    return money_reading.day_words(day)


@register.filter
def control(field: BoundField) -> SafeString:
    """A form field as Bootstrap dresses it, marked when it is wrong."""
    widget = field.field.widget
    kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    if isinstance(widget, forms.CheckboxInput):
        kind = "form-check-input"
    return field.as_widget(attrs={"class": f"{kind} is-invalid" if field.errors else kind})


@register.filter
def shape(field: BoundField) -> str:
    """How a form field is laid out: "choices" (several boxes), "checkbox" (one) or "line"."""
    widget = field.field.widget
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "line"


@register.filter
def is_needed(field: BoundField) -> bool:
    """Must it be filled? Fields of a template say so by their widget, for the service checks them."""
    return (
        field.field.required or field.field.widget.is_required or field.name in ("place", "street", "postcode", "city")
    )


@register.simple_tag
def with_query(query: QueryDict, **changes: str | int) -> str:
    """The query of this page's address with some of it changed; an empty value takes a part away."""
    changed = query.copy()
    for name, value in changes.items():
        changed.pop(name, None)
        if value != "":
            changed[name] = str(value)
    return f"?{changed.urlencode()}" if changed else "?"


@register.filter
def page_range(paginator: Paginator[Model], number: int) -> list[int | str]:
    """The numbers of pages to offer, with "…" where some are left out."""
    return list(paginator.get_elided_page_range(number, on_each_side=1, on_ends=1))
