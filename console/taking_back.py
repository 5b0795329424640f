"""Taking a request back as a member of staff: by the same rules as a change made by hand.

For each record it is asked, under lock, whether the person may do that to it: by their role, within what was granted to
them, and as their own app says (``audit.restore.Rule``). Whatever ends it, it ends in a sentence, and then nothing is
changed.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DatabaseError, models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from guardian.models import UserObjectPermissionBase

from audit.restore import (
    Finding,
    Hindered,
    Names,
    Plan,
    RestoreStep,
    Sentence,
    Telling,
    plan_restore,
    restore_request,
    tell,
)
from audit.restore.findings import Key
from audit.restore.rules import rule_of
from console.errors import Refused
from console.reach import keys_beyond_reach, limits_of, open_to_all
from console.reader import StaffReader
from console.roles import require_an_administrator_left
from console.scope import Action as Reaching
from console.scope import Scope

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from audit.private_hooks import Account

    StaffUser = Account | AnonymousUser

logger = logging.getLogger(__name__)

RIGHTS = {"remove": "delete", "revert": "change", "recreate": "add"}


class NotTakenBack(Refused):
    """A request was not taken back, and nothing was changed. ``telling``: why, for the person who asked."""

    def __init__(self, telling: Telling) -> None:
        super().__init__(" ".join(telling.texts))
        self.telling = telling


def hindrances(plan: Plan, by: StaffUser) -> list[Finding]:
    """Return everything that keeps this person from taking a request back; the same is asked again when they do."""
    return [*plan.obstacles, *StaffJudge(by).before(plan)]


def take_back_request(request_id: uuid.UUID, *, by: StaffUser, reason: str = "") -> Plan:
    """Take a request back, all of it but what somebody changed since. Returns what was done.

    Raises NotTakenBack, naming what is in the way; then nothing is changed.
    """
    try:
        with transaction.atomic():
            plan = restore_request(request_id, by=by, judge=StaffJudge(by), reason=reason)
            require_an_administrator_left()
            return plan
    except Hindered as hindered:
        raise NotTakenBack(tell(hindered.findings, StaffReader(by))) from hindered
    except NotTakenBack:
        raise
    except ValidationError as problem:
        raise _refusal(" ".join(problem.messages)) from problem
    except Refused as problem:
        raise _refusal(str(problem)) from problem
    except (DatabaseError, ObjectDoesNotExist) as problem:
        # Somebody else was faster, in a place that is not locked: a reference, a unique value. Now it can be seen.
        logger.info("Request %s was not taken back: %s", request_id, problem)
        if findings := hindrances(plan_restore(request_id), by):
            raise NotTakenBack(tell(findings, StaffReader(by))) from problem
        raise _refusal(
            _t("Somebody changed these records at the same moment. Look at them again, then try again.")
        ) from (problem)


def _refusal(sentence: str) -> NotTakenBack:
    return NotTakenBack(Telling([Sentence.plain(sentence)], 0))


class StaffJudge:
    """What a member of staff may not take back: what they may not do by hand.

    Accounts, grants and whoever may do what are decided on their own pages, which know who may not decide about whom:
    only an administrator takes them back, and nobody their own.
    """

    def __init__(self, by: StaffUser) -> None:
        self.by = by

    def before(self, plan: Plan) -> list[Finding]:
        """Return what they may not do, by role, by reach, and by what the app of each record says."""
        beyond = self._beyond_reach(plan)
        names = Names(plan.steps, StaffReader(self.by))
        # What they can't see they can't judge; it is not named to them either.
        unseen = [Finding(key, _NOT_YOURS) for key in plan.steps if key not in names]
        return unseen + [finding for step in plan.steps.values() for finding in self._about(step, beyond)]

    def after(self, plan: Plan) -> list[Finding]:
        """Return records that are beyond their reach now that they are as they were."""
        changed = [step for step in plan.steps.values() if step.action != "remove"]
        beyond = self._beyond((step.key for step in changed), "change")
        return [Finding(step.key, self._why_beyond(step)) for step in changed if step.key in beyond]

    def _why_beyond(self, step: RestoreStep) -> Promise:
        record = step.model._base_manager.filter(pk=step.pk).first()
        return _FOR_ALL if record is not None and open_to_all(self.by, record) else _NOT_YOURS

    def _about(self, step: RestoreStep, beyond: set[Key]) -> Iterator[Finding]:
        """The first reason why not, if there is any."""
        if is_about_rights(step) and not self.by.is_superuser:
            yield Finding(step.key, _("%(what)s is about somebody's permissions. Ask an administrator."))
        elif is_about_rights(step) and self._is_own(step):
            yield Finding(step.key, _("%(what)s is about your own permissions. Ask a colleague."))
        elif not self.by.has_perm(_code(step)):
            yield Finding(step.key, _("You may not change %(what)s yourself. Ask somebody who may."))
        elif step.key in beyond or (step.record is None and self._is_not_theirs_to_make(step)):
            yield Finding(step.key, _NOT_YOURS)
        elif others := tuple(key for key in _related(step) if key in beyond):
            yield Finding(step.key, _("%(what)s would get or lose what was not granted to you: %(others)s."), others)
        elif (ask := rule_of(step.model).why_not_by) and (why := ask(step, self.by)):
            yield Finding(step.key, _("%(what)s: %(why)s"), words={"why": why})

    def _is_own(self, step: RestoreStep) -> bool:
        owner = step.values.get("user_id", getattr(step.record, "user_id", None))
        return bool(owner == self.by.pk or (step.model is get_user_model() and step.pk == self.by.pk))

    def _is_not_theirs_to_make(self, step: RestoreStep) -> bool:
        """Whoever works with certain customers only makes no others; likewise templates and portal users."""
        scope, limits = getattr(step.model, "scope", Scope()), limits_of(self.by)
        if limits is None:
            return False
        of_customers = limits.customers_limited and "pk" in (scope.customer, scope.portal_user)
        return of_customers or (limits.templates_limited and scope.template == "pk")

    def _beyond_reach(self, plan: Plan) -> set[Key]:
        """The records of a plan, and those that get or lose a reference to one, that this person may not work with."""
        steps = plan.steps.values()
        own = self._beyond((step.key for step in steps if step.record is not None), "change")
        # What is not there is judged by its own step, or is in the way anyhow.
        return own | self._beyond((key for step in steps for key in _related(step) if key not in plan.steps), "change")

    def _beyond(self, keys: Iterator[Key], action: Reaching) -> set[Key]:
        if limits_of(self.by) is None:
            return set()
        kinds: dict[type[models.Model], set[int]] = {}
        for model, pk in keys:
            kinds.setdefault(model, set()).add(pk)
        return {(model, pk) for model, pks in kinds.items() for pk in keys_beyond_reach(self.by, model, pks, action)}


_NOT_YOURS = _("%(what)s is not, or not only, in what was granted to you. Ask a colleague.")
_FOR_ALL = _("%(what)s would be for all. Only somebody who sees all customers and templates may take that back.")


def _code(step: RestoreStep) -> str:
    meta = step.model._meta
    return f"{meta.app_label}.{RIGHTS[step.action]}_{meta.model_name}"


def _related(step: RestoreStep) -> Iterator[Key]:
    """What the record would refer to again, or no longer: by an old value, by a list that gets longer or shorter."""
    if step.action == "remove":
        return
    for field in step.model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and field.attname in step.values:
            for key in {step.values[field.attname], getattr(step.record, field.attname, None)} - {None}:
                yield field.related_model, key
    for many in step.model._meta.local_many_to_many:
        if many.name in step.many:
            now = set() if step.record is None else {one.pk for one in getattr(step.record, many.name).all()}
            for key in step.many[many.name] ^ now:
                yield many.related_model, key


def is_about_rights(step: RestoreStep) -> bool:
    """Return whether it is an account, a grant or a role."""
    return step.model is get_user_model() or issubclass(step.model, UserObjectPermissionBase | Group)
