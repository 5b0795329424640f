"""What the office decides about rights: overrides, templates, portal settings, grants to staff.

Every function writes history with the person, refuses with a sentence, and lets nobody raise her own rights.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import CustomerLink, PortalUser, User
from accounts.models.people import Anyone
from audit.act import acting
from business.catalogue import ANY_CUSTOMER, portal_permission
from console.at_once import finds_or_makes
from console.errors import NotAllowed, Refused
from console.reach import By, keys_beyond_reach, limits_of, require_reach, require_somebody_else
from console.scope import forget_reach
from permissions.eyes import require_sight_of_their_templates
from permissions.models import PermissionOverride, TemplateAccess
from permissions.portal_people import GRANTS, Grant
from templates_app.models import JobTemplate
from templates_app.services import save_template


@finds_or_makes
def set_override(
    target: PortalUser | CustomerLink,
    code: str,
    effect: str | None,
    *,
    by: By,
    reason: str = "",
    ends_at: datetime | None = None,
) -> PermissionOverride | None:
    """Allows or denies one permission to a portal user or on one of her links; ``None`` inherits again.

    ``target``: a PortalUser or a CustomerLink. ``ends_at`` (aware): from that minute on the override does not count.
    Returns the override, or None when it inherits. Raises UnknownPermission, Refused for an end in the past,
    NotAllowed for oneself, and when ``by`` is narrowed: for what is not hers to change, and for any customer.
    """
    portal_permission(code)
    person = target.portal_user if isinstance(target, CustomerLink) else target
    require_somebody_else(person.user, by)
    require_reach(by, target)
    if code == ANY_CUSTOMER and limits_of(by) is not None:
        raise NotAllowed(_("You see only what was granted to you, so you cannot let anybody act for any customer."))
    key = {"link": target} if isinstance(target, CustomerLink) else {"portal_user": target}
    override = PermissionOverride.objects.select_for_update().filter(permission=code, **key).first()
    with acting(by=by, reason=reason or None):
        if effect is None:
            if override is not None:
                override.delete()
            return None
        if ends_at is not None and ends_at <= timezone.now():
            raise Refused(_("The end lies in the past. Choose a later moment, or none."))
        wanted = {"effect": PermissionOverride.Effect(effect).value, "reason": reason, "ends_at": ends_at}
        if override is None:
            return PermissionOverride.objects.create(permission=code, **key, **wanted)
        if any(getattr(override, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(override, name, value)
            override.save()
        return override


@finds_or_makes
def set_template_access(
    person: PortalUser, template: JobTemplate, effect: str | None, *, by: By
) -> TemplateAccess | None:
    """Adds a template to what a portal user has, removes it, or (``None``) leaves it to the defaults again.

    Raises NotAllowed for oneself and beyond what was granted.
    """
    require_somebody_else(person.user, by)
    require_reach(by, person)
    access = TemplateAccess.objects.select_for_update().filter(portal_user=person, template=template).first()
    if (access.effect if access else None) != (TemplateAccess.Effect(effect).value if effect else None):
        require_reach(by, template)
    with acting(by=by):
        if effect is None:
            if access is not None:
                access.delete()
            return None
        wanted = TemplateAccess.Effect(effect).value
        if access is None:
            return TemplateAccess.objects.create(portal_user=person, template=template, effect=wanted)
        if access.effect != wanted:
            access.effect = wanted
            access.save()
        return access


@transaction.atomic
def set_only_listed_templates(person: PortalUser, only: bool, *, by: By) -> PortalUser:
    """Gives a portal user only the templates on her own list, or the defaults with her changes.

    Raises NotAllowed for oneself and beyond what was granted.
    """
    require_somebody_else(person.user, by)
    require_reach(by, person)
    if person.only_listed_templates != only:
        if not only:
            require_sight_of_their_templates(person, by, whole_default=True)
        person.only_listed_templates = only
        with acting(by=by):
            person.save(update_fields=["only_listed_templates"])
    return person


def _grant_model(record: models.Model) -> type[Grant]:
    names = {"customer": "customer", "jobtemplate": "template", "portaluser": "portal_user"}
    return GRANTS[names[str(record._meta.model_name)]]


@finds_or_makes
def grant(user: User, record: models.Model, *, change: bool, by: Anyone | None) -> None:
    """Lets a member of staff see this customer, template or portal user, and with ``change`` work with it.

    Raises NotAllowed when ``by`` grants herself, or grants what she may not do herself.
    """
    require_somebody_else(user, by)
    meta = record._meta
    actions = ("view", "change") if change else ("view",)
    model = _grant_model(record)
    if by is not None and not any(by.has_perm(f"{meta.app_label}.{one}_{meta.model_name}", record) for one in actions):
        raise NotAllowed(_("You can grant only what you may do yourself: %s.") % record)
    if change and by is not None and not by.has_perm(f"{meta.app_label}.change_{meta.model_name}", record):
        raise NotAllowed(_("You can grant only what you may do yourself: %s.") % record)
    content_type = ContentType.objects.get_for_model(type(record))
    with acting(by=by):
        for action in ("view", "change"):
            permission = Permission.objects.get(content_type=content_type, codename=f"{action}_{meta.model_name}")
            facts: dict[str, models.Model] = {"user": user, "content_object": record, "permission": permission}
            row = model.objects.filter(**facts).first()
            if action in actions and row is None:
                model.objects.create(**facts)
            elif action not in actions and row is not None:
                row.delete()
    forget_reach(user)


@transaction.atomic
def withdraw_grant(user: User, record: models.Model, *, by: By) -> None:
    """Takes every grant on a record away. Raises NotAllowed for oneself, and for what was not granted to ``by``."""
    require_somebody_else(user, by)
    require_reach(by, record)
    with acting(by=by):
        for row in _grant_model(record).objects.filter(user=user, content_object=record):
            row.delete()
    forget_reach(user)


@transaction.atomic
def set_default_templates(templates: Iterable[JobTemplate], *, by: Anyone | None) -> None:
    """Makes exactly these job templates portal defaults. Raises NotAllowed when that changes one beyond reach."""
    chosen = {template.pk for template in templates}
    with acting(by=by):
        current = list(JobTemplate.objects.current().select_for_update())
        hidden = keys_beyond_reach(by, JobTemplate, [template.pk for template in current], "view")
        for template in current:
            # Whoever can't see one didn't leave it out on purpose: it stays as it is.
            if template.pk in hidden - chosen:
                continue
            if template.is_portal_default != (template.pk in chosen):
                template.is_portal_default = template.pk in chosen
                save_template(template, by=by)
