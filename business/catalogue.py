"""Every portal permission there is: the only list. An unknown code is an error, never a silent no.

To add one: a line here, the place that enforces it, a row in the matrix test.
Source: PRODUCT.md section 4.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.errors import UnknownPermission

# The permission that no link narrows.
ANY_CUSTOMER = "any_customer"


@dataclass(frozen=True)
class PortalPermission:
    """One thing a portal user may do.

    ``feature`` names the yes/no field of the portal settings that must be on as well; ``implies`` the
    permissions without which this one is idle; ``default`` what a new installation starts with; ``hides`` what she
    does not get without it; ``makes_jobs``: it is about new jobs, which nothing that is archived gets.
    """

    code: str
    label: str | Promise
    help: str | Promise
    group: str | Promise
    hides: str | Promise
    default: bool = False
    feature: str = ""
    implies: tuple[str, ...] = ()
    about_jobs: bool = False
    makes_jobs: bool = False


_JOBS, _MAP, _MONEY, _PEOPLE = _("Jobs"), _("Map"), _("Invoices"), _("People")

PORTAL_PERMISSIONS: dict[str, PortalPermission] = {
    permission.code: permission
    for permission in (
        PortalPermission(
            "view_jobs",
            _("See jobs"),
            _("See the jobs of the linked customers and their live status."),
            _JOBS,
            _("Every job, on every page."),
            default=True,
            about_jobs=True,
        ),
        PortalPermission(
            "create_jobs",
            _("Request jobs"),
            _("Request a job from a template she has."),
            _JOBS,
            _("The buttons that request a job."),
            default=True,
            implies=("view_jobs",),
            makes_jobs=True,
        ),
        PortalPermission(
            "create_many_jobs",
            _("Request several jobs at once"),
            _("Ask for several identical jobs in one go."),
            _JOBS,
            _("The number of jobs on the request form."),
            implies=("create_jobs",),
            makes_jobs=True,
        ),
        PortalPermission(
            "request_start_time",
            _("Ask for a start time"),
            _("Ask for a preferred start. Only a dispatcher sets the start."),
            _JOBS,
            _("The preferred start on the request form."),
            default=True,
            implies=("create_jobs",),
        ),
        PortalPermission(
            "edit_jobs",
            _("Change jobs"),
            _("Change a job that has not started, before the cut-off."),
            _JOBS,
            _("The “Change” button on a job."),
            default=True,
            implies=("view_jobs",),
            about_jobs=True,
        ),
        PortalPermission(
            "cancel_jobs",
            _("Cancel jobs"),
            _("Cancel a job that has not started, before the cut-off."),
            _JOBS,
            _("The “Cancel” button on a job."),
            default=True,
            implies=("view_jobs",),
            about_jobs=True,
        ),
        PortalPermission(
            "view_map",
            _("See the map"),
            _("See jobs on the map."),
            _MAP,
            _("The map, and the map on a job."),
            default=True,
            feature="map_enabled",
            implies=("view_jobs",),
        ),
        PortalPermission(
            "view_worker",
            _("See the worker"),
            _("See the worker's name and position, to the precision set in the portal settings."),
            _MAP,
            _("The worker's name and position."),
            implies=("view_jobs",),
            about_jobs=True,
        ),
        PortalPermission(
            "set_alerts",
            _("Set alerts"),
            _("Have messages sent about a job."),
            _JOBS,
            _("The messages section on a job."),
            default=True,
            feature="job_alerts_enabled",
            implies=("view_jobs",),
            about_jobs=True,
        ),
        PortalPermission(
            "view_invoices",
            _("See invoices"),
            _("See and print invoices, receipts and statements."),
            _MONEY,
            _("Every invoice, receipt and statement."),
        ),
        PortalPermission(
            "pay_invoices",
            _("Pay invoices"),
            _("Pay invoices and save a card."),
            _MONEY,
            _("The payment buttons and saved cards."),
            feature="online_payment_enabled",
            implies=("view_invoices",),
        ),
        PortalPermission(
            "manage_colleagues",
            _("Manage colleagues"),
            _("Invite and remove people of the same customer, never above her own rights."),
            _PEOPLE,
            _("The colleagues page."),
        ),
        PortalPermission(
            "any_customer",
            _("Act for every customer"),
            _("Act for every customer, without a link. For your own people, rarely for anybody else."),
            _PEOPLE,
            _("Customers she is not linked to."),
        ),
    )
}


def portal_permission(code: str) -> PortalPermission:
    """The permission with that code. Raises UnknownPermission when there is none."""
    try:
        return PORTAL_PERMISSIONS[code]
    except KeyError:
        raise UnknownPermission(f"There is no portal permission {code!r}.") from None


def portal_permission_choices() -> list[tuple[str, str | Promise]]:
    """(code, label) of every portal permission, for form fields."""
    return [(permission.code, permission.label) for permission in PORTAL_PERMISSIONS.values()]


def portal_defaults() -> dict[str, bool]:
    """What a new installation allows everybody: {code: yes or no}, complete."""
    return {permission.code: permission.default for permission in PORTAL_PERMISSIONS.values()}
