"""Jobs, what happened to them, and the links by which guests follow them."""

from jobs.models.events import JobEvent
from jobs.models.files import JobFile
from jobs.models.jobs import CancellationReason, ChangeRequest, Job, JobField, JobNumber, JobStep
from jobs.models.links import PortalLink, PortalLinkAttempt
from jobs.models.positions import WorkerPosition
from jobs.models.series import Occurrence, Series

__all__ = [
    "CancellationReason",
    "ChangeRequest",
    "Job",
    "JobEvent",
    "JobField",
    "JobFile",
    "JobNumber",
    "JobStep",
    "Occurrence",
    "PortalLink",
    "PortalLinkAttempt",
    "Series",
    "WorkerPosition",
]
