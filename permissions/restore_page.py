"""Taking back a whole request from the change log: what it would do in numbers, then, on POST, the deed."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from guardian.models import UserObjectPermissionBase

from audit.restore import Plan, Step, plan_restore, restore_request
from permissions.console import console_page
from permissions.errors import Refused
from permissions.roles import insist_on_an_administrator_left
from permissions.scope import in_scope, reach_of

# A larger request (an import) has an undo of its own.
MOST = 2_000
RIGHTS = {"remove": "delete", "revert": "change", "recreate": "add"}


@console_page("changelog/<uuid:request_id>/take-back/", name="take_back", permission="audit.restore_changelog")
def take_back(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """GET: what would come back, go and stay. POST: does it, as far as nobody touched it since."""
    plan = plan_restore(request_id)
    if not plan.steps and not plan.clashes:
        raise Http404
    hindrance = _hindrance(request.user, plan)
    log = f"{reverse('admin:changelog')}?request={request_id}"
    if request.method == "POST" and not hindrance and plan.steps:
        try:
            with transaction.atomic():
                done = restore_request(request_id, by=request.user)
                insist_on_an_administrator_left()
        except (Refused, ValidationError) as problem:
            for sentence in problem.messages if isinstance(problem, ValidationError) else [str(problem)]:
                messages.error(request, sentence)
        else:
            messages.success(request, _("%d records are as they were before.") % len(done.steps))
            return HttpResponseRedirect(log)
    context = {
        **admin.site.each_context(request),
        "title": _("Take back one request"),
        "plan": plan,
        "groups": [
            (_("These come back"), _of(plan, "recreate")),
            (_("These get their old values"), _of(plan, "revert")),
            (_("These go, because the request made them"), _of(plan, "remove")),
        ],
        "hindrance": hindrance,
        "back_url": log,
    }
    return TemplateResponse(request, "permissions/take_back.html", context)


def _of(plan: Plan, deed: str) -> list[dict[str, Any]]:
    return [{"label": step.label, "fields": _fields(step)} for step in plan.steps if step.deed == deed]


def _fields(step: Step) -> list[str]:
    """The names of the fields that get old values."""
    if step.deed != "revert":
        return []
    fields = {f.attname: f.verbose_name for f in step.model._meta.fields}
    many = [step.model._meta.get_field(name).verbose_name for name in step.many]  # type: ignore[union-attr]
    return [str(fields[name]) for name in step.values] + [str(name) for name in many]


def _hindrance(user: Any, plan: Plan) -> str:
    """Why this person cannot take the request back, or nothing: she needs each single right herself.

    Accounts, grants and whoever may do what are decided on their own pages, which know who may not decide about whom:
    only an administrator takes them back, and nobody her own.
    """
    if len(plan.steps) > MOST:
        return _("This request touched %d records. An import is undone on its own page.") % len(plan.steps)
    for step in plan.steps:
        if _is_about_rights(step) and not user.is_superuser:
            return _("%s is about somebody's rights: ask an administrator.") % step.label
        if _is_about_rights(step) and _concerns(step, user):
            return _("%s is about your own rights: ask somebody else.") % step.label
        meta = step.model._meta
        allowed = user.has_perm(f"{meta.app_label}.{RIGHTS[step.deed]}_{meta.model_name}")
        if not allowed or not _within_reach(user, step):
            return _("You may not change %s yourself: ask somebody who may.") % step.label
    return ""


def _is_about_rights(step: Step) -> bool:
    return step.model is get_user_model() or issubclass(step.model, UserObjectPermissionBase | Group)


def _concerns(step: Step, user: Any) -> bool:
    record = _record(step)
    owner = step.values.get("user_id", getattr(record, "user_id", None))
    return bool(owner == user.pk or (step.model is get_user_model() and step.pk == user.pk))


def _within_reach(user: Any, step: Step) -> bool:
    """A record that is gone counts as within reach by the customer its history names."""
    record = _record(step)
    if record is not None:
        return in_scope(user, record, "change")
    reach = reach_of(user)
    return not reach.limited or step.customer_ref in reach.keys("customer", "change")


def _record(step: Step) -> models.Model | None:
    return step.model._base_manager.filter(pk=step.pk).first()
