"""What is done to templates."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Label, User
from audit.act import acting
from audit.changelog import history_of
from audit.normal_form import normal_form, tidy
from console.errors import Refused
from console.reach import keys_beyond_reach, require_all_templates, require_reach
from console.reader import Reader, name_for, reader_for
from templates_app.definitions import FIELD_FACTS, STEP_FACTS
from templates_app.hooks import TEMPLATE_USES, TemplateChange
from templates_app.models import (
    JobTemplate,
    TemplateField,
    TemplateQuerySet,
    TemplateStep,
    TemplateVersion,
)

# What a template is made of.
TemplatePart = TemplateStep | TemplateField
# Whoever acts; None is Portico itself.
By = User | AnonymousUser | None


def freeze_template(template: JobTemplate) -> TemplateVersion:
    """The frozen copy of one template; see ``freeze_templates``."""
    return freeze_templates([template])[template.id]


def freeze_templates(templates: Iterable[JobTemplate]) -> dict[int, TemplateVersion]:
    """The frozen copies of templates as they stand, by key of the template, made now where this state has none yet.

    Costs three queries when nothing changed. Safe to call by two people at once: the digest is unique.
    """
    by_key = {template.id: template for template in templates}
    if not by_key:
        return {}
    steps, fields = (_facts_of_parts(parts, by_key, facts) for parts, facts in _PARTS)
    digests = {key: TemplateVersion.digest_of(steps[key], fields[key]) for key in by_key}
    there = TemplateVersion.objects.filter(template__in=by_key, digest__in=set(digests.values()))
    frozen = {version.template_id: version for version in there if version.digest == digests[version.template_id]}
    for key in by_key.keys() - frozen.keys():
        frozen[key], _made = TemplateVersion.objects.get_or_create(
            template=by_key[key], digest=digests[key], defaults={"steps": steps[key], "fields": fields[key]}
        )
    for key, version in frozen.items():
        version.template = by_key[key]
    return frozen


_PARTS: tuple[tuple[type[models.Model], Sequence[str]], ...] = (
    (TemplateStep, STEP_FACTS), (TemplateField, FIELD_FACTS),
)  # fmt: skip


def _facts_of_parts(
    parts: type[models.Model], templates: Iterable[int], facts: Sequence[str]
) -> dict[int, list[dict[str, object]]]:
    found: dict[int, list[dict[str, object]]] = {key: [] for key in templates}
    for row in parts._default_manager.filter(template__in=found).values("template_id", *facts):
        found[row.pop("template_id")].append(row)
    return found


def in_use(template: JobTemplate, reader: Reader) -> str:
    """Return what depends on a template, in a sentence for that reader; empty when nothing does."""
    return " ".join(filter(None, (use.keeps(template, reader) for use in TEMPLATE_USES.values())))


def touched_by_change(template: JobTemplate, change: TemplateChange | None, reader: Reader) -> list[str]:
    """Return what a change of a template reaches and what it leaves alone, in sentences; of any change when None."""
    return [sentence for use in TEMPLATE_USES.values() for sentence in use.touched(template, change, reader)]


def use_of_versions(template: JobTemplate, reader: Reader) -> dict[int, str]:
    """Return {key of a version: what was created from it, in words}, as far as this reader may see it."""
    return {key: words for use in TEMPLATE_USES.values() for key, words in use.of_versions(template, reader).items()}


def is_followed(template: JobTemplate) -> bool:
    """Does something make its coming jobs from this template, whatever it says by then?"""
    return any(use.follows(template) for use in TEMPLATE_USES.values())


def save_template(template: JobTemplate, *, by: By, labels: Iterable[Label] | None = None) -> JobTemplate:
    """Saves a new template, or a changed one. ``labels``: None leaves those it has. Jobs keep what they were made with.

    Raises NotAllowed for one that was not granted to ``by``, and for a new one when they work only with certain ones.
    """
    if template.pk is None:
        require_all_templates(by)
    else:
        require_reach(by, template)
    with transaction.atomic(), acting(by=by):
        template.save()
        if labels is not None:
            template.labels.set(labels)
        return template


def change_parts(
    template: JobTemplate, *, by: By, saved: Sequence[TemplatePart] = (), deleted: Sequence[TemplatePart] = ()
) -> None:
    """Saves new and changed steps and fields of a template and deletes others. Raises NotAllowed beyond reach."""
    require_reach(by, template)
    with transaction.atomic(), acting(by=by):
        for part in deleted:
            part.delete()
        for part in saved:
            part.template = template
            part.save()


def copy_template(template: JobTemplate, *, by: By, name: str) -> JobTemplate:
    """A new template with the same steps, fields and labels, for nobody but staff until it is made a portal default.

    Raises Refused when a template of that name exists, NotAllowed for whoever works only with certain templates.
    """
    require_reach(by, template)
    require_all_templates(by)
    with transaction.atomic(), acting(by=by):
        if JobTemplate.objects.filter(name_key=name).exists():
            raise Refused(_("There is a template “%s” already. Choose another name.") % name)
        made = JobTemplate.objects.create(
            name=name,
            description=template.description,
            category=template.category,
            duration_minutes=template.duration_minutes,
            price_lines=template.price_lines,
            currency=template.currency,
            prices_include_tax=template.prices_include_tax,
            worker=template.worker,
            colour=template.colour,
            notes=template.notes,
        )
        made.labels.set(template.labels.all())
        for position, step in enumerate(template.steps.all()):
            TemplateStep.objects.create(
                template=made, position=position, **{name: getattr(step, name) for name in STEP_FACTS}
            )
        for position, field in enumerate(template.fields.all()):
            TemplateField.objects.create(
                template=made, position=position, **{name: getattr(field, name) for name in FIELD_FACTS}
            )
        return made


def create_plain_templates(names: Iterable[str], *, by: By) -> list[JobTemplate]:
    """New templates that have a name and nothing else yet, for nobody but staff. Names there are make nothing.

    Raises ValidationError for a name that cannot be one, NotAllowed for whoever works only with certain templates.
    """
    require_all_templates(by)
    with transaction.atomic(), acting(by=by):
        wanted = {key: tidy(name) for name in names if (key := normal_form(name))}
        there = set(JobTemplate.objects.filter(name_key__in=wanted).values_list("name_key", flat=True))
        made = []
        for key, name in wanted.items():
            if key not in there:
                template = JobTemplate(name=name)
                template.full_clean()
                template.save()
                made.append(template)
        return made


def templates_made_in(request_id: uuid.UUID) -> TemplateQuerySet:
    """The templates an act made that are still there. ``request_id``: of the act."""
    made = history_of(JobTemplate).model.objects.filter(request_id=request_id, history_type="+")
    return JobTemplate.objects.filter(pk__in=list(made.values_list("id", flat=True)))


def delete_unused_templates(request_id: uuid.UUID, *, by: By) -> tuple[int, list[tuple[str, str]]]:
    """Removes the templates an act made, if nobody has changed or used them since.

    Gives how many went, and those that stay: [(name, why)]. ``request_id``: of the act. Used is a template that
    anything but its own versions hangs on.
    """
    with transaction.atomic(), acting(by=by):
        # Locked first: who makes a job from one of them meanwhile has done so, or waits and is told.
        made = {template.pk: template for template in templates_made_in(request_id).select_for_update(of=("self",))}
        beyond = keys_beyond_reach(by, JobTemplate, made)
        why = _uses_of(made) | _later_changes_of(made, request_id) | dict.fromkeys(beyond, _("was not granted to you"))
        JobTemplate.objects.filter(pk__in=made.keys() - why.keys()).delete()
        names = {key: name_for(reader_for(by), made[key]) for key in made if key in why}
        return len(made) - len(why), [(names[key], why[key]) for key in names]


def _later_changes_of(keys: Collection[int], request_id: uuid.UUID) -> dict[int, str]:
    """{key: who changed the template last and when}, of those that another act changed."""
    others = history_of(JobTemplate).model.objects.filter(id__in=keys).exclude(request_id=request_id)
    return {
        row.id: _("changed by %(who)s on %(when)s")
        % {"who": row.actor, "when": date_format(timezone.localtime(row.history_date), "SHORT_DATETIME_FORMAT")}
        for row in others.order_by("history_id")
    }


def _uses_of(keys: Collection[int]) -> dict[int, str]:
    """{key: what hangs on the template}, of those that anything but versions without a job hangs on."""
    hanging: list[tuple[type[models.Model], str]] = []
    for relation in JobTemplate._meta.related_objects:
        if isinstance(relation, models.ManyToManyRel) and relation.through is not None:
            hanging.append((relation.through, relation.field.m2m_reverse_field_name()))
        elif not relation.many_to_many and relation.related_model is not TemplateVersion:
            hanging.append((relation.related_model, relation.field.name))
    for relation in TemplateVersion._meta.related_objects:
        hanging.append((relation.related_model, f"{relation.field.name}__template"))
    used: dict[int, str] = {}
    for model, path in hanging:
        for key in model._base_manager.filter(**{f"{path}__in": keys}).values_list(path, flat=True).distinct():
            used.setdefault(key, _("used by: %s") % model._meta.verbose_name)
    return used


def archive_template(template: JobTemplate, *, by: By, reason: str = "") -> JobTemplate:
    """Takes a template out of use: no new job is made from it; the jobs it has stay as they are."""
    require_reach(by, template)
    with transaction.atomic(), acting(by=by, reason=reason or None):
        template = JobTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        if template.archived_at is None:
            template.archived_at = timezone.now()
            template.save()
        return template


def restore_template(template: JobTemplate, *, by: By) -> JobTemplate:
    """Brings an archived template back into use."""
    require_reach(by, template)
    with transaction.atomic(), acting(by=by):
        template = JobTemplate.objects.select_for_update(of=("self",)).get(pk=template.pk)
        if template.archived_at is not None:
            template.archived_at = None
            template.save()
        return template


def why_template_kept(template: JobTemplate, reader: Reader) -> str:
    """Return why that template cannot be deleted, and what to do instead; empty when it can."""
    if hanging := in_use(template, reader):
        words = {"template": template, "hanging": hanging}
        return _("“%(template)s” cannot be deleted: %(hanging)s Archive it instead.") % words
    return ""


def delete_template(template: JobTemplate, *, by: By) -> None:
    """Removes a template for good. Raises Refused, saying what hangs on it, when it is in use: archive it instead."""
    require_reach(by, template)
    with transaction.atomic(), acting(by=by):
        if kept := why_template_kept(template, reader_for(by)):
            raise Refused(kept)
        template.delete()
