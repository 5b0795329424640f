"""Everything that is done to imports: upload, mapping, check, commit, the worker's part, cancel, undo."""

from imports.services.checking import check_run, start_check
from imports.services.files import delete_run, upload_file
from imports.services.mappings import guess_mapping, read_as_saved, save_mapping, set_mapping, set_reading
from imports.services.previews import planned_rows, try_mapping, undo_would_keep
from imports.services.remedies import (
    accept_dates,
    can_name_template,
    choose_format,
    create_templates,
    map_value,
    may_create_templates,
    missing_templates,
    templates_of_check,
)
from imports.services.running import cancel_run, commit_run, process_run
from imports.services.undoing import start_undo, undo_run, what_undo_would_do
from imports.services.working import wake_abandoned_runs, work_on_run

__all__ = [
    "accept_dates",
    "can_name_template",
    "cancel_run",
    "check_run",
    "choose_format",
    "commit_run",
    "create_templates",
    "delete_run",
    "guess_mapping",
    "map_value",
    "may_create_templates",
    "missing_templates",
    "planned_rows",
    "process_run",
    "read_as_saved",
    "save_mapping",
    "set_mapping",
    "set_reading",
    "start_check",
    "start_undo",
    "templates_of_check",
    "try_mapping",
    "undo_run",
    "undo_would_keep",
    "upload_file",
    "wake_abandoned_runs",
    "what_undo_would_do",
    "work_on_run",
]
