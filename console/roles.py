"""The staff roles we ship: Django groups with permissions (PRODUCT.md section 1).

An administrator may make others. ``install_roles`` brings the shipped ones up to what is written here; it runs after
each migration and never takes a permission away that an administrator added to a role of her own.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.act import acting
from console.errors import NotAllowed, Refused
from console.reach import By

if TYPE_CHECKING:
    from audit.private_hooks import Account


class Role(StrEnum):
    """The names of the shipped roles."""

    ADMINISTRATOR = "Administrator"
    DISPATCHER = "Dispatcher"
    IMPORTER = "Importer"
    BILLING_CLERK = "Billing clerk"
    SUPPORT = "Support"


_LABELS: dict[str, Promise] = {
    Role.ADMINISTRATOR: gettext_lazy("Administrator"),
    Role.DISPATCHER: gettext_lazy("Dispatcher"),
    Role.IMPORTER: gettext_lazy("Importer"),
    Role.BILLING_CLERK: gettext_lazy("Billing clerk"),
    Role.SUPPORT: gettext_lazy("Support"),
}


def role_label(name: str) -> str:
    """What a role is called on the screen: ours by their translation, others as they were named."""
    return str(_LABELS.get(name, name))


VIEW, ADD, CHANGE, DELETE = "view", "add", "change", "delete"
ALL = (VIEW, ADD, CHANGE, DELETE)
WORK = (VIEW, ADD, CHANGE)

# Long lists as files, each person her own.
_EXPORTS = {"console.listexport": (VIEW, ADD, DELETE)}

# role -> {"app.model" or "app.*": actions, or full codes under "also"}
_DISPATCHER: dict[str, Iterable[str]] = {
    **_EXPORTS,
    "accounts.customer": (*WORK, "merge"),
    "accounts.contact": ALL,
    "accounts.location": ALL,
    "accounts.label": WORK,
    "accounts.portaluser": (*WORK, "view_as"),
    "accounts.customerlink": ALL,
    "accounts.worker": WORK,
    "permissions.permissionoverride": ALL,
    "permissions.templateaccess": ALL,
    "business.portalsettings": (VIEW,),
    "templates_app.*": (VIEW,),
    "jobs.job": (*WORK, "schedule", "cancel", "complete"),
    "jobs.jobevent": (VIEW,),
    "jobs.changerequest": (VIEW, CHANGE),
    "jobs.portallink": (VIEW, CHANGE),
    "jobs.cancellationreason": (VIEW,),
    "jobs.series": WORK,
    "jobs.occurrence": (VIEW,),
    "jobs.workerposition": (VIEW,),
    # Customers call and ask about them.
    "billing.invoice": (VIEW,),
    "billing.invoiceline": (VIEW,),
    "alerts.*": (VIEW,),
    "alerts.delivery": ("resend", "settle"),
    "alerts.channelhold": ("try",),
    "alerts.messagestop": (DELETE,),
    "audit.changelog": (VIEW,),
}
_IMPORTER: dict[str, Iterable[str]] = {
    **_EXPORTS,
    "imports.*": ALL,
    "accounts.customer": WORK,
    "accounts.contact": WORK,
    "accounts.location": WORK,
    "accounts.portaluser": WORK,
    "accounts.customerlink": (VIEW, ADD, DELETE),
    "templates_app.*": (VIEW,),
    # What a file names and Portico does not know can be made where the check says so.
    "templates_app.jobtemplate": (VIEW, ADD),
    "jobs.job": WORK,
    "jobs.jobevent": (VIEW,),
}
_BILLING_CLERK: dict[str, Iterable[str]] = {
    **_EXPORTS,
    "billing.*": (VIEW,),
    "billing.invoice": (*WORK, "post", "credit"),
    "billing.payment": (VIEW, "record", "allocate", "refund", "void"),
    "billing.writeoff": (VIEW, "record"),
    "billing.billingprofile": WORK,
    # To change this list is to bill what is on it.
    "billing.ordertobill": (VIEW, CHANGE),
    "accounts.customer": (VIEW, CHANGE),
    "accounts.contact": WORK,
    "accounts.location": (VIEW,),
    "jobs.job": (VIEW,),
    "templates_app.*": (VIEW,),
}
_SUPPORT: dict[str, Iterable[str]] = {
    **_EXPORTS,
    "accounts.*": (VIEW,),
    "business.*": (VIEW,),
    "permissions.*": (VIEW,),
    "templates_app.*": (VIEW,),
    "jobs.*": (VIEW,),
    "alerts.*": (VIEW,),
    "imports.*": (VIEW,),
    "billing.*": (VIEW,),
    "audit.changelog": (VIEW,),
}
ROLES: dict[Role, dict[str, Iterable[str]]] = {
    Role.DISPATCHER: _DISPATCHER,
    Role.IMPORTER: _IMPORTER,
    Role.BILLING_CLERK: _BILLING_CLERK,
    Role.SUPPORT: _SUPPORT,
}


def install_roles() -> None:
    """Makes the shipped roles, and gives them the permissions written above. Safe to run again."""
    for role in Role:
        group, _made = Group.objects.get_or_create(name=role.value)
        wanted = Permission.objects.all() if role is Role.ADMINISTRATOR else _permissions(ROLES[role])
        group.permissions.add(*wanted.exclude(pk__in=group.permissions.values("pk")))


def _permissions(table: dict[str, Iterable[str]]) -> QuerySet[Permission]:
    condition = Q(pk__in=[])
    for name, actions in table.items():
        app, model = name.split(".")
        matching = Q(content_type__app_label=app)
        names = _records_of(app) if model == "*" else [model]
        # By their exact names: a right such as view_as_portaluser is more than to view.
        matching &= Q(codename__in=[f"{action}_{name}" for action in actions for name in names])
        condition |= matching
    return Permission.objects.filter(condition)


def _records_of(app: str) -> list[str]:
    """The names of an app's models, without its histories; none for an app that is not installed."""
    names = [str(model._meta.model_name) for model in apps.get_models() if model._meta.app_label == app]
    return [name for name in names if not name.startswith("historical")]


@transaction.atomic
def give_role(user: Account, role: Role | str, *, by: By) -> None:
    """Gives a member of staff a role. An administrator also becomes a superuser: she may do everything."""
    with acting(by=by):
        user.groups.add(Group.objects.get(name=str(role)))
        if role == Role.ADMINISTRATOR and not user.is_superuser:
            user.is_superuser = True
            user.save()


@transaction.atomic
def take_role(user: Account, role: Role | str, *, by: By) -> None:
    """Takes a role away. Raises Refused when nobody would be left to administer."""
    with acting(by=by):
        if role == Role.ADMINISTRATOR:
            require_another_administrator(without=user)
            user.is_superuser = False
            user.save()
        user.groups.remove(Group.objects.get(name=str(role)))


def require_another_administrator(*, without: Account) -> None:
    """Raises Refused unless somebody else is left who can administer Portico."""
    others = (
        type(without)._default_manager.filter(is_active=True, is_staff=True, is_superuser=True).exclude(pk=without.pk)
    )
    if not others.exists():
        raise Refused(_("%s is the last administrator. Make somebody else one first.") % without)


def require_an_administrator_left() -> None:
    """Raises Refused when nobody could administer Portico any more."""
    staff = get_user_model()._default_manager.filter(is_active=True, is_staff=True, is_superuser=True)
    if not staff.exists():
        raise Refused(_("This would leave Portico without an administrator."))


@transaction.atomic
def save_role(role: Group, permission_ids: set[int], *, by: Account | AnonymousUser | None) -> Group:
    """Saves a staff role and what it holds.

    Raises Refused for the administrators' role, NotAllowed when ``by`` gives or takes a right she does not hold, or
    changes a role she has herself.
    """
    if role.pk and role.name == Role.ADMINISTRATOR:
        raise Refused(_("Administrators may do everything. This role cannot be changed; make another one."))
    held = set(role.permissions.values_list("pk", flat=True)) if role.pk else set()
    touched = held ^ permission_ids
    if by is not None and not by.is_superuser and touched:
        if role.pk and by.groups.filter(pk=role.pk).exists():
            raise NotAllowed(_("Nobody changes a role she has herself. Ask a colleague."))
        rows = Permission.objects.filter(pk__in=touched).values_list("content_type__app_label", "codename")
        if {f"{app}.{codename}" for app, codename in rows} - by.get_all_permissions():
            raise NotAllowed(_("You can give or take only rights that you hold yourself."))
    with acting(by=by):
        role.save()
        role.permissions.set(permission_ids)
    return role
