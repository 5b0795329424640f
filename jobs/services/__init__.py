"""Everything that is done to jobs. The only way to change one.

Each service takes who does it (``by``: a user, or None for a guest or for Portico itself), is atomic, writes history
and events along, returns what it changed, and raises ``Refused`` with a sentence when it cannot.
"""

from jobs.services.addresses import same_address, settle_address
from jobs.services.billed import claim_for_billing, name_bill, release_from_billing, why_as_billed
from jobs.services.changes import (
    answer_change_request,
    ask_for_change,
    ask_to_cancel_job,
    delete_job,
    past_cutoff,
    update_job,
)
from jobs.services.clock import record_missed, record_reminders
from jobs.services.creation import NewJob, create_job, create_jobs
from jobs.services.files import CheckedFile, attach_file, check_file, remove_file
from jobs.services.for_customers import create_job_for, require_new_customer_name
from jobs.services.life import (
    Window,
    assign_worker,
    cancel_job,
    complete_job,
    complete_step,
    pause_job,
    postpone_job,
    resume_job,
    schedule_job,
    start_job,
    undo_cancel_job,
    unschedule_job,
)
from jobs.services.link_door import (
    begin_try,
    find_link,
    forget_tries,
    newest_tries,
    note_opening,
    right_tries,
    try_was_right,
)
from jobs.services.links import link_address_for, link_address_of, reissue_portal_link, revoke_portal_link
from jobs.services.numbers import next_number, one_at_a_time, skip_numbers
from jobs.services.positions import (
    Place,
    forget_positions,
    latest_positions,
    metres_between,
    position_for,
    positions_for,
    report_position,
    rounded,
)
from jobs.services.series import (
    create_series,
    end_series,
    make_due_occurrences,
    pause_series,
    resume_series,
    skip_date,
    unskip_date,
    update_series,
)
from jobs.services.undoing import delete_jobs, lock_jobs, restore_before, touched_since

__all__ = [
    "CheckedFile",
    "NewJob",
    "Place",
    "Window",
    "answer_change_request",
    "ask_for_change",
    "ask_to_cancel_job",
    "assign_worker",
    "attach_file",
    "begin_try",
    "cancel_job",
    "check_file",
    "claim_for_billing",
    "complete_job",
    "complete_step",
    "create_job",
    "create_job_for",
    "create_jobs",
    "create_series",
    "delete_job",
    "delete_jobs",
    "end_series",
    "find_link",
    "forget_positions",
    "forget_tries",
    "latest_positions",
    "link_address_for",
    "link_address_of",
    "lock_jobs",
    "make_due_occurrences",
    "metres_between",
    "name_bill",
    "newest_tries",
    "next_number",
    "note_opening",
    "one_at_a_time",
    "past_cutoff",
    "pause_job",
    "pause_series",
    "position_for",
    "positions_for",
    "postpone_job",
    "record_missed",
    "record_reminders",
    "reissue_portal_link",
    "release_from_billing",
    "remove_file",
    "report_position",
    "require_new_customer_name",
    "restore_before",
    "resume_job",
    "resume_series",
    "revoke_portal_link",
    "right_tries",
    "rounded",
    "same_address",
    "schedule_job",
    "settle_address",
    "skip_date",
    "skip_numbers",
    "start_job",
    "touched_since",
    "try_was_right",
    "undo_cancel_job",
    "unschedule_job",
    "unskip_date",
    "update_job",
    "update_series",
    "why_as_billed",
]
