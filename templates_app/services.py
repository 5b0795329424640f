"""What is done to templates."""

from __future__ import annotations

from templates_app.models import JobTemplate, TemplateVersion

STEP_FACTS = ("key", "name", "location_kind", "portal_use")
FIELD_FACTS = ("key", "label", "kind", "help", "choices", "default", "worker_use", "portal_use")


def freeze_template(template: JobTemplate) -> TemplateVersion:
    """The frozen copy of a template as it stands, made now if this state of it has none yet.

    Costs three queries when nothing changed. Safe to call by two people at once: the digest is unique.
    """
    steps = [dict(row) for row in template.steps.values(*STEP_FACTS)]
    fields = [dict(row) for row in template.fields.values(*FIELD_FACTS)]
    version, _made = TemplateVersion.objects.get_or_create(
        template=template,
        digest=TemplateVersion.digest_of(steps, fields),
        defaults={"steps": steps, "fields": fields},
    )
    return version
