"""Templates, to be read: what a program needs to know to make a job."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from jobs.api.auth import insist, scoped
from jobs.api.jobs import lines_out
from jobs.api.pages import AFTER, LIMIT, page_of
from jobs.api.problems import READING
from jobs.api.references import TemplateSlug, find
from jobs.api.schemas import Page, TemplateOut
from templates_app.models import JobTemplate

router = Router(tags=["Templates"])
READS = scoped("templates.read")
RIGHT = "templates_app.view_jobtemplate"


def templates_of(user: Any) -> Any:
    """The templates this person may see and make jobs from, with steps and fields."""
    return JobTemplate.objects.visible_to(user).current().prefetch_related("steps", "fields")


def template_out(template: JobTemplate) -> dict[str, Any]:
    """A template with its steps and fields, as a job made now would have them."""
    own = ("slug", "name", "description", "category", "duration_minutes", "price", "currency")
    return {name: getattr(template, name) for name in own} | {
        "price_lines": lines_out(template.lines()),
        "steps": [step.definition().stored() for step in template.steps.all()],
        "fields": [field.definition().stored() for field in template.fields.all()],
    }


@router.get("/templates", response={200: Page[TemplateOut], **READING}, summary="List templates, newest first", **READS)
def list_templates(request: HttpRequest, limit: int = LIMIT, after: str | None = AFTER) -> dict[str, Any]:
    """All that are not archived, with their steps and fields."""
    return page_of(templates_of(insist(request, "templates.read", RIGHT)), limit, after, template_out)


@router.get("/templates/{slug}", response={200: TemplateOut, **READING}, summary="Read a template", **READS)
def read_template(request: HttpRequest, slug: TemplateSlug) -> dict[str, Any]:
    """With its steps and fields, as a job made now would have them."""
    return template_out(find(templates_of(insist(request, "templates.read", RIGHT)), slug, key="slug"))
