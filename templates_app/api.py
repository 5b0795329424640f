"""Templates in the API, to be read: what a program needs to know to make a job."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from ninja import P, PathEx, Router, Schema

from accounts.api.auth import require
from accounts.models import User
from api.pages import AFTER, LIMIT, PageOf, page_of
from api.problems import READING
from api.references import find_record
from api.schemas import Answer, Page
from api.sections import Section, scoped
from api.types import length, said, storable
from templates_app.models import JobTemplate
from templates_app.prices import PriceLine

router = Router(tags=["Templates"])
section = Section(router, {"templates.read": _("Read templates")})
READS = scoped("templates.read")
RIGHT = "templates_app.view_jobtemplate"

Slug = Annotated[str, length(140), storable]
NeededSlug = Annotated[str, length(140, 1), storable, said]
TemplateSlug = PathEx[str, P(description="The template's reference.")]


class PriceLineOut(Schema):
    """One price line. `unit`: what the unit price is for, by its code in UN/ECE Recommendation 20 (`C62` is a piece).
    `unit_price` has two decimals, or four. `amount`: quantity times unit price, rounded to cents. `tax`: the kind of
    tax; the rate follows from country and day. Whether the prices include it the template or job says."""

    description: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    tax: str
    amount: Decimal


class TemplateOut(Schema):
    """A template: `slug` is its reference. `price` is the total of `price_lines`, null without any: with tax if
    `prices_include_tax` is true, else before tax. Steps and fields have the keys by which jobs name them;
    `worker_use` and `portal_use` say who sees and fills them in. `is_archived`: no new job is made from it, and it
    stands in no list."""

    slug: str
    name: str
    is_archived: bool
    description: str
    category: str
    duration_minutes: int
    price_lines: list[PriceLineOut]
    price: Decimal | None
    currency: str
    prices_include_tax: bool
    steps: list[dict[str, object]]
    fields: list[dict[str, object]]


def lines_out(lines: list[PriceLine]) -> list[Answer]:
    """Price lines as the API tells them."""
    return [
        {name: getattr(line, name) for name in ("description", "quantity", "unit", "unit_price", "tax", "amount")}
        for line in lines
    ]


def templates_of(user: User) -> QuerySet[JobTemplate]:
    """The templates this person may see, archived ones too, with steps and fields."""
    return JobTemplate.objects.visible_to(user).prefetch_related("steps", "fields")


def template_of(user: User, slug: str | None) -> JobTemplate | None:
    """The template with that reference, if this person may see it. Raises ValidationError."""
    if not slug:
        return None
    template = JobTemplate.objects.visible_to(user).filter(slug=slug).first()
    if template is None:
        raise ValidationError({"template": [_t("There is no such template: %s.") % slug]})
    return template


def template_out(template: JobTemplate) -> Answer:
    """A template with its steps and fields, as a job made now would have them."""
    own = ("slug", "name", "description", "category", "duration_minutes", "price", "currency", "prices_include_tax")
    return {name: getattr(template, name) for name in own} | {
        "is_archived": template.archived_at is not None,
        "price_lines": lines_out(template.lines()),
        "steps": [step.definition().stored() for step in template.steps.all()],
        "fields": [field.definition().stored() for field in template.fields.all()],
    }


@router.get("/templates", response={200: Page[TemplateOut], **READING}, summary="List templates, newest first", **READS)
def list_templates(request: HttpRequest, limit: int = LIMIT, after: str | None = AFTER) -> PageOf[Answer]:
    """All that are not archived, with their steps and fields."""
    rows = templates_of(require(request, "templates.read", RIGHT)).filter(archived_at__isnull=True)
    return page_of(rows, limit, after, template_out)


@router.get("/templates/{slug}", response={200: TemplateOut, **READING}, summary="Read a template", **READS)
def read_template(request: HttpRequest, slug: TemplateSlug) -> Answer:
    """With its steps and fields, as a job made now would have them. An archived one too: its jobs name it."""
    return template_out(find_record(templates_of(require(request, "templates.read", RIGHT)), slug, key="slug"))
