"""The pages of jobs in the console."""

from jobs.admin.jobs import JobAdmin
from jobs.admin.links import PortalLinkAdmin
from jobs.admin.requests import CancellationReasonAdmin, ChangeRequestAdmin

__all__ = ["CancellationReasonAdmin", "ChangeRequestAdmin", "JobAdmin", "PortalLinkAdmin"]
