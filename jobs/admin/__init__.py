"""The pages of jobs in the console."""

from jobs.admin import customers, day_map, schedule
from jobs.admin.jobs import JobAdmin
from jobs.admin.links import PortalLinkAdmin
from jobs.admin.requests import CancellationReasonAdmin, ChangeRequestAdmin
from jobs.admin.series import SeriesAdmin
from jobs.admin.tokens import ApiTokenAdmin
from jobs.admin.workers import WorkerAdmin

__all__ = [
    "ApiTokenAdmin",
    "CancellationReasonAdmin",
    "ChangeRequestAdmin",
    "JobAdmin",
    "PortalLinkAdmin",
    "SeriesAdmin",
    "WorkerAdmin",
    "customers",
    "day_map",
    "schedule",
]
