"""What a person does about the problems the check found, from where they are shown; the file is checked anew after."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from audit.act import acting
from audit.wording import for_the_record
from console.errors import NotAllowed, Refused
from console.reach import limits_of, only_within_reach
from imports.choices import RecordKind, Repeats, Spelling, Widths
from imports.columns import same_value
from imports.models import ImportMapping, ImportRun
from imports.report import Group
from imports.services.mappings import in_preparation
from templates_app.models import JobTemplate
from templates_app.services import create_plain_templates, templates_made_in


def map_value(run: ImportRun, key: str, theirs: str, ours: str | None, *, by: User) -> ImportRun:
    """From now on ``theirs`` in that column means ``ours``: nothing if empty, and None leaves the row out.

    The saved mapping learns it too. Raises Refused when the column is not part of the mapping, or the run has begun.
    """
    with transaction.atomic(), acting(by=by):
        run = in_preparation(run, by=by)
        if key not in run.columns:
            raise Refused(_("That column is not part of this import."))
        known: dict[str, str | None] = run.columns[key].get("values", {})
        # What the check found wrong may be a meaning given before: whatever has it gets the new one.
        again = {name: ours for name, meaning in known.items() if meaning and same_value(meaning) == same_value(theirs)}
        entry = {**run.columns[key], "values": {**known, **again, theirs: ours}}
        run.columns = {**run.columns, key: entry}
        run.save()
        saved = _saved(run, by)
        if saved is not None and key in saved.columns:
            saved.columns = {**saved.columns, key: entry}
            saved.save()
        return run


def accept_dates(run: ImportRun, key: str, *, by: User) -> ImportRun:
    """Takes dates of that column though they lie outside the usual span; for this run only.

    Raises Refused when the column is not part of the mapping, or the run has begun.
    """
    with transaction.atomic(), acting(by=by):
        run = in_preparation(run, by=by)
        if key not in run.columns:
            raise Refused(_("That column is not part of this import."))
        run.accepted_dates = sorted({*run.accepted_dates, key})
        run.save()
        return run


# What is chosen about a file as a whole, from where the check shows it.
CHOICES = {"repeats": Repeats, "widths": Widths, "spelling": Spelling}


def choose_format(run: ImportRun, name: str, chosen: str, *, by: User) -> ImportRun:
    """Says what rows are that repeat an external ID (``repeats``), that have more or fewer cells than there are columns
    (``widths``), or what texts are that were converted wrongly (``spelling``).

    The saved mapping learns it too. Raises Refused for nonsense.
    """
    if name not in CHOICES or chosen not in CHOICES[name].values:
        raise Refused(_("That is not a choice."))
    with transaction.atomic(), acting(by=by):
        run = in_preparation(run, by=by)
        run.formats = {**run.formats, name: chosen}
        run.save()
        if saved := _saved(run, by):
            saved.formats = {**saved.formats, name: chosen}
            saved.save()
        return run


def may_create_templates(run: ImportRun, *, by: User) -> bool:
    """May this person make the templates that the file names and Portico does not know?"""
    limits = limits_of(by)
    if run.kind != RecordKind.JOBS or (limits is not None and limits.templates_limited):
        return False
    return bool(by.has_perm("templates_app.add_jobtemplate"))


def can_name_template(name: str) -> bool:
    """Is it short enough to be a template's name?"""
    most = JobTemplate._meta.get_field("name").max_length
    return most is None or len(name) <= most


def missing_templates(run: ImportRun) -> list[str]:
    """Names of templates that the checked file names and Portico does not know, as far as its report goes.

    What is too long for a template's name is none of them.
    """
    if "template" not in run.columns:
        return []
    groups: Sequence[Group] = run.report.get("problems", ())
    names = [g.get("value", "") for g in groups if g["column"] == "template" and g["code"] == "unknown"]
    return [name for name in names if name and can_name_template(name)]


def create_templates(run: ImportRun, names: Sequence[str], *, by: User) -> int:
    """Makes a template of each name, without steps and for nobody but staff; how many. Those there are stay.

    They are part of what the run does: its undo takes them back. Raises NotAllowed without the right to make templates.
    """
    if not may_create_templates(run, by=by):
        raise NotAllowed(_("You may not make templates. Ask an administrator, or say which one is meant."))
    why = for_the_record(gettext_lazy("Named in import no. %d"), run.pk)
    with transaction.atomic(), acting(by=by, reason=why, request_id=run.request_id):
        in_preparation(run, by=by)
        return len(create_plain_templates(names, by=by))


def templates_of_check(run: ImportRun) -> int:
    """How many templates that were made from the run's check are still there."""
    return templates_made_in(run.request_id).count()


def _saved(run: ImportRun, by: User) -> ImportMapping | None:
    if not run.mapping_name:
        return None
    return only_within_reach(by, ImportMapping.objects.filter(name=run.mapping_name, kind=run.kind)).first()
