"""Asking for jobs: however often a form is sent, one order."""

from __future__ import annotations

from collections.abc import Mapping

from accounts.models import User
from audit.act import Source, acting
from console.once import sending
from jobs.models import Job
from jobs.services import NewJob, attach_file, create_jobs
from jobs.services.files import CheckedFile
from portal_site import records

USE = "portal_use"
MOST_COPIES = 50


def order_jobs(
    new: NewJob, *, by: User, once: str, copies: int = 1, files: Mapping[str, CheckedFile] | None = None
) -> Job:
    """Makes the jobs a portal user asks for, with their files, and returns the first.

    ``once`` names the form: sent again with the same name, it returns what was made the first time. ``files``: by key
    of the template field. Raises what ``create_jobs`` raises.
    """
    with sending(by, "order", once) as sent, acting(by=by, source=Source.PORTAL):
        if sent.earlier is not None and (before := records.job_of_key(sent.earlier.record_key)):
            return before
        made = create_jobs([new] * copies, by=by, source=Source.PORTAL, use=USE)
        for job in made:
            for key, checked in (files or {}).items():
                if key in job.values:  # else its condition does not hold
                    attach_file(job, checked, by=by, key=key)
        sent.made(made[0])
        return made[0]
