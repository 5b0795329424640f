"""Why? In plain words, both ways: this person and this record; this record: who may.

PRODUCT.md section 11.2. ``explain`` lays out every condition of the rule in the rule's order; its answer is that of
``permissions.resolver.decide``, which a property-based test compares on random data.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db.models import Model, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import PortalUser
from accounts.models.people import Anyone
from business.catalogue import portal_permission
from console.kit import shown_to
from console.reader import Reader
from permissions.decided import decided, whose_why_is_told
from permissions.effective import rights_shown
from permissions.models import PermissionOverride
from permissions.resolver import DecidedBy, Decision, Rights, decide, rights_of, rights_of_many


@dataclass(frozen=True)
class RuleCondition:
    """One condition of the rule: met, not met, or not asked (None), in words, with the row one would change.

    ``target``: ("app.model", primary key) of that row, or None.
    """

    decided_by: DecidedBy
    met: bool | None
    text: str
    target: tuple[str, int] | None = None


@dataclass(frozen=True)
class Explanation:
    """Yes or no, and the chain of reasons."""

    decision: Decision
    steps: tuple[RuleCondition, ...]

    @property
    def deciding(self) -> RuleCondition:
        """The step that decided: the first that is not met, else the level that allowed."""
        refusing = (step for step in self.steps if step.met is False)
        levels = (step for step in self.steps if step.met and step.decided_by == self.decision.decided_by)
        return next(refusing, None) or next(levels, self.steps[-1])


def explain(
    person: PortalUser, code: str, record: Model | None, reader: Reader, *, rights: Rights | None = None
) -> Explanation:
    """Return whether this portal user (with ``user`` loaded) may do that, and why, for this reader.

    ``record``: one that the reader may see, or None for "anywhere": at one of the customers the reader may see. Of an
    override outside their reach the reader learns what it says, not why, by whom or until when
    (``permissions.decided.whose_why_is_told``). Raises UnknownPermission.
    """
    permission = portal_permission(code)
    rights = rights_shown(rights or rights_of(person), reader)
    settings_row = ("business.portalsettings", 1)
    person_row = ("accounts.portaluser", person.pk)
    steps = [
        RuleCondition(
            DecidedBy.PORTAL,
            rights.settings.portal_enabled,
            _("The portal is on.") if rights.settings.portal_enabled else _("The portal is switched off."),
            settings_row,
        ),
        RuleCondition(DecidedBy.PERSON, rights.is_active, _person_words(person, rights), person_row),
    ]
    if permission.feature:
        feature = rights.settings._meta.get_field(permission.feature)
        on = bool(getattr(rights.settings, permission.feature))
        words = _("The portal offers it: “%s” is on.") if on else _("The portal does not offer it: “%s” is off.")
        steps.append(RuleCondition(DecidedBy.FEATURE, on, words % getattr(feature, "verbose_name", ""), settings_row))
    customer_id = _deciding_customer(rights, code) if record is None else _customer_of(record)
    steps += _levels(rights, code, customer_id, person, settings_row, reader)
    if record is None:
        anywhere = bool(rights.links) or rights.acts_for_any_customer
        count = len(rights.links)
        linked = ngettext("She is linked to %d customer.", "She is linked to %d customers.", count) % count
        words = linked if anywhere else _("She is linked to no customer.")
        steps.append(RuleCondition(DecidedBy.CUSTOMER, anywhere, words, person_row))
        if permission.makes_jobs and not rights.acts_for_any_customer and _all_archived(rights):
            words = _("Every customer she is linked to is archived: none of them gets new jobs.")
            steps.append(RuleCondition(DecidedBy.ARCHIVED_CUSTOMER, False, words, person_row))
    else:
        steps.append(_customer_step(rights, customer_id, person_row))
        if permission.makes_jobs and customer_id in rights.archived_customers:
            words = _("The customer is archived: it gets no new jobs. Those it has are seen as before.")
            steps.append(RuleCondition(DecidedBy.ARCHIVED_CUSTOMER, False, words, ("accounts.customer", customer_id)))
        if hasattr(record, "template_id"):
            template_id = record.template_id
            steps.append(_template_step(rights, template_id, person_row))
            if permission.makes_jobs and template_id in rights.templates.archived:
                words = _("The template is archived: no new jobs are made from it. Those it has are seen as before.")
                row = ("templates_app.jobtemplate", template_id)
                steps.append(RuleCondition(DecidedBy.ARCHIVED_TEMPLATE, False, words, row))
    return Explanation(decide(rights, code, record), tuple(steps))


def _all_archived(rights: Rights) -> bool:
    return bool(rights.links) and rights.links.keys() <= rights.archived_customers


def find_by_number(number: str, user: Anyone) -> Model | None:
    """Return the record with that number, written either way, that this member of staff may see; None without one.

    Of every kind that the portal rule is asked about and that people name by a number: its model says so, with the
    field, beside its scope (``told_by_number = "number"``); what people ask about it, in ``asked_about``.
    """
    for model in apps.get_models():
        # A proxy is the record of another model.
        field = "" if model._meta.proxy else getattr(model, "told_by_number", "")
        if field:
            rows = shown_to(model._default_manager.all(), user).filter(**{f"{field}__iexact": number})
            told = [name for name in ("customer", "template") if hasattr(model, name)]
            if found := rows.select_related(*told).first():
                return found
    return None


def _deciding_customer(rights: Rights, code: str) -> int | None:
    """The customer whose link settles "anywhere?": the first that allows it, else the first asked."""
    allowing = (customer for customer in rights.links if rights.at_customer(code, customer))
    if rights.acts_for_any_customer and rights.at_level(code, None):
        return next(allowing, None)
    return next(allowing, next(iter(rights.links), None))


def _customer_of(record: Model) -> int:
    return int(record.customer_id if hasattr(record, "customer_id") else record.pk)


def _person_words(person: PortalUser, rights: Rights) -> str:
    if rights.is_active:
        return _("%s is active.") % person
    if not person.user.is_active:
        return _("The account of %s is switched off.") % person
    return _("%(person)s is not active, but: %(state)s.") % {
        "person": person,
        "state": person.get_state_display(),
    }


def _levels(
    rights: Rights,
    code: str,
    customer_id: int | None,
    person: PortalUser,
    settings_row: tuple[str, int],
    reader: Reader,
) -> list[RuleCondition]:
    """Link, person, default: the first that says something decides, the others are not asked."""
    decision = rights.at_level(code, customer_id)
    label = portal_permission(code).label
    steps = []
    link = rights.links.get(customer_id) if customer_id is not None else None
    if link:
        here = decision.decided_by == DecidedBy.LINK_OVERRIDE
        text = (
            _override_words(decision, _("on her link to this customer"), reader)
            if here
            else _("Her link to this customer says nothing.")
        )
        steps.append(
            RuleCondition(
                DecidedBy.LINK_OVERRIDE, decision.allowed if here else None, text, ("accounts.customerlink", link)
            )
        )
        if here:
            return steps
    here = decision.decided_by == DecidedBy.USER_OVERRIDE
    text = _override_words(decision, _("for her"), reader) if here else _("There is no override for her.")
    steps.append(
        RuleCondition(
            DecidedBy.USER_OVERRIDE, decision.allowed if here else None, text, ("accounts.portaluser", person.pk)
        )
    )
    if not here:
        words = _("By default everybody may: “%s”.") if decision else _("By default nobody may: “%s”.")
        steps.append(RuleCondition(DecidedBy.DEFAULT, decision.allowed, words % label, settings_row))
    return steps


def _override_words(decision: Decision, where: str, reader: Reader) -> str:
    """What an override says; and why, since when by whom, and until when, where the reader may see it."""
    assert decision.override is not None
    row = PermissionOverride.objects.filter(pk=decision.override.pk).first()
    effect = _("allowed") if decision.allowed else _("denied")
    words = [
        _("“%(what)s” is %(effect)s %(where)s") % {"what": _label(decision.code), "effect": effect, "where": where}
    ]
    if row is not None and whose_why_is_told([row], reader):
        words += decided(row, reader).words
        if row.ends_at:
            words.append(_("until %s") % date_format(timezone.localtime(row.ends_at), "SHORT_DATETIME_FORMAT"))
        if row.reason:
            words.append(_("because: %s") % row.reason)
    return ", ".join(words) + "."


def _label(code: str) -> str:
    return str(portal_permission(code).label)


def _customer_step(rights: Rights, customer_id: int | None, person_row: tuple[str, int]) -> RuleCondition:
    if customer_id in rights.links:
        return RuleCondition(DecidedBy.CUSTOMER, True, _("It belongs to a customer she is linked to."), person_row)
    if rights.acts_for_any_customer:
        return RuleCondition(DecidedBy.CUSTOMER, True, _("She may act for every customer."), person_row)
    return RuleCondition(DecidedBy.CUSTOMER, False, _("It belongs to a customer she is not linked to."), person_row)


def _template_step(rights: Rights, template_id: int | None, person_row: tuple[str, int]) -> RuleCondition:
    if template_id is None:
        return RuleCondition(
            DecidedBy.TEMPLATE, False, _("It was made without a template: portal users do not see such jobs.")
        )
    if template_id in rights.templates.ids:
        return RuleCondition(
            DecidedBy.TEMPLATE, True, _("Its template is one she has."), ("templates_app.jobtemplate", template_id)
        )
    if template_id in rights.templates.removed:
        return RuleCondition(DecidedBy.TEMPLATE, False, _("Its template was removed for her."), person_row)
    if rights.templates.only_listed:
        return RuleCondition(
            DecidedBy.TEMPLATE,
            False,
            _("She has only the templates listed for her; this is not one of them."),
            person_row,
        )
    words = _("Its template is not a portal default and was not added for her.")
    return RuleCondition(DecidedBy.TEMPLATE, False, words, ("templates_app.jobtemplate", template_id))


@dataclass(frozen=True)
class Permitted:
    """Somebody who may, or may not, do something to a record."""

    person: PortalUser
    decision: Decision


def who_may(code: str, record: Model, reader: Reader) -> list[Permitted]:
    """Return everybody who could come into question for a record, those who may first: four queries.

    Linked to its customer, or acting for every customer. People who were removed are left out, and those whom the
    reader may not see.
    """
    customer_id = _customer_of(record)
    any_customer = Q(overrides__permission="any_customer") | Q(links__overrides__permission="any_customer")
    people = list(
        reader.rows(PortalUser.objects.present())
        .filter(Q(links__customer=customer_id) | any_customer)
        .select_related("user")
        .distinct()
    )
    rights = rights_of_many(people) if people else {}
    found = [Permitted(person, decide(rights[person.pk], code, record)) for person in people]
    return sorted(found, key=lambda permitted: (not permitted.decision.allowed, str(permitted.person).lower()))
