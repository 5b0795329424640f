"""What a worker does with a run it is woken for, and how abandoned ones are found."""

from __future__ import annotations

import logging
import uuid

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.languages import language_of
from audit.act import acting
from background.claims import Lost
from background.waking import wake
from business.holding import is_held
from console.errors import Refused
from imports.choices import RunState
from imports.models import ImportRun
from imports.services.checking import check_claimed
from imports.services.running import process_run
from imports.services.undoing import undo_run

logger = logging.getLogger(__name__)


def work_on_run(run_id: int) -> ImportRun | None:
    """Does what the run waits for: check, import, undo. None when there is nothing to do, or somebody else does it.

    While a restore waits for a decision (``business.holding``) only checks are done.
    May be called at any time and as often as one likes. A fault of the file or of ours ends the run with a sentence;
    a database that is gone leaves it as it is, for the next worker.
    """
    runs = ImportRun.objects.abandoned()
    if is_held():
        # A check writes nothing; what writes waits until somebody has decided.
        runs = runs.filter(state=RunState.CHECKING)
    claim = ImportRun.take(runs, run_id)
    if claim is None:
        return None
    run = ImportRun.objects.select_related("uploaded_by", "committed_by", "undone_by").get(pk=run_id)
    try:
        # What is wrong with the file is read by whoever uploaded it.
        with translation.override(language_of(run.uploaded_by)):
            return _work(run, claim)
    except Lost:
        return None
    except Refused as refusal:
        return _fail(run, claim, str(refusal))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Import %s stopped", run_id)
        return _fail(run, claim, _("Something went wrong that should not have. What was written so far can be undone."))


def _work(run: ImportRun, claim: uuid.UUID) -> ImportRun | None:
    if run.tries > ImportRun.TRIES:
        raise RuntimeError(f"Taken up {run.tries} times: it kills its workers.")
    if run.state == RunState.CHECKING:
        return check_claimed(run, by=run.uploaded_by, claim=claim)
    if run.state == RunState.UNDOING:
        assert run.undone_by is not None, "what is being undone, somebody undoes"
        return undo_run(run, by=run.undone_by, claim=claim)
    return process_run(run, claim)


def _fail(run: ImportRun, claim: uuid.UUID, sentence: str) -> ImportRun | None:
    try:
        with transaction.atomic(), acting(by=run.committed_by or run.uploaded_by):
            held = ImportRun.hold(run.pk, claim)
            held.problem = sentence
            if held.state == RunState.CHECKING:
                held.state = RunState.UPLOADED
            else:
                held.state, held.finished_at = RunState.FAILED, timezone.now()
            held.let_go()
            held.save()
            return held
    except Lost:
        return None


def wake_abandoned_runs() -> list[int]:
    """Keys of the runs nobody has in hand though somebody should; a worker is woken for each."""
    found = list(ImportRun.objects.abandoned().values_list("pk", flat=True))
    for run_id in found:
        wake(ImportRun.TASK, run_id)
    return found
