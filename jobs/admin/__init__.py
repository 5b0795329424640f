"""The pages of jobs in the console."""

from jobs.admin import schedule
from jobs.admin.jobs import JobAdmin
from jobs.admin.links import PortalLinkAdmin
from jobs.admin.requests import CancellationReasonAdmin, ChangeRequestAdmin
from jobs.admin.series import SeriesAdmin

__all__ = ["CancellationReasonAdmin", "ChangeRequestAdmin", "JobAdmin", "PortalLinkAdmin", "SeriesAdmin", "schedule"]
