"""Saying which column is which."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Unpack

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.act import acting
from audit.excerpts import excerpt, in_a_row, some_sentences
from console.errors import Refused
from console.reach import keys_beyond_reach, only_within_reach, require_reach
from imports import reading
from imports.choices import Dates, DecimalMark, Existing, RecordKind, Repeats, RunState, Spelling, Widths
from imports.columns import OWN_COLUMNS, Formats, MappingEntry, guess, recogniser, same_words
from imports.kinds import KINDS, AnyKind
from imports.models import ImportMapping, ImportRun
from imports.plan import AnyPlanner, ColumnNames, Learned, Planner
from imports.reading import Corrections, Reading, corrections_from
from imports.services.files import path_of

# Saved mappings that are looked at when a file comes in, and in how many ways it is read to see whether they fit.
MAPPINGS_LOOKED_AT, MAPPINGS_TRIED = 50, 5
# Cells by which a column is known as that of our own numbers.
FIRST_CELLS = 50


def reason_header() -> str:
    """The name of the column that says what is wrong, in the file of failed rows."""
    return _("What is wrong")


def header_digest(header: Sequence[str]) -> str:
    """A fingerprint of column names, whatever their case and order, and of a file of failed rows as of its original."""
    names = {same_words(name) for name in header} - {same_words(reason_header())}
    return hashlib.sha256("\n".join(sorted(names)).encode()).hexdigest()


def as_of_now(user: User) -> User:
    """The account as the database has it, so that its rights and grants are asked anew."""
    return User.objects.get(pk=user.pk)


def import_kind_of(run: ImportRun, *, by: User) -> AnyKind:
    """The run's kind, for one pass, as this person's."""
    how = {"announce": run.announce, "change_open_jobs": run.change_open_jobs}
    return KINDS[run.kind](by=by, existing=run.existing, **how)


def planner_of(run: ImportRun, *, by: User, decimals: Mapping[str, str] | None = None) -> AnyPlanner:
    """A planner of the run's rows, for one pass, as this person's.

    ``decimals``: the mark before decimals by column key, as its cells proved it; None for what the check found.
    """
    known: Mapping[str, str] = run.report.get("decimals", {}) if decimals is None else decimals
    learned = Learned(decimals=known, accepted_dates=frozenset(run.accepted_dates))
    return Planner(
        import_kind_of(run, by=by), Reading.from_json(run.reading).header, run.columns, formats_of(run), learned
    )


def column_names(run: ImportRun, *, by: User) -> ColumnNames:
    """How the run's problems name its columns to this person."""
    return ColumnNames(import_kind_of(run, by=by).columns(), run.columns)


def guess_mapping(run: ImportRun, *, by: User) -> tuple[dict[str, MappingEntry], dict[str, str], str]:
    """Columns, formats and name to begin with: those saved for this header or used for it last, else what the names of
    the columns say."""
    header = Reading.from_json(run.reading).header
    names = guess(import_kind_of(run, by=by).columns(), header, partial(_first_cells, run))
    own = OWN_COLUMNS[RecordKind(run.kind)].key
    alike = {"kind": run.kind, "header_digest": header_digest(header)}
    # A file of ours is recognised by our number, whatever was made of such a file before.
    ours = {"columns__has_key": own} if own in names else {}
    saved = only_within_reach(by, ImportMapping.objects.filter(**alike, **ours), "view")
    if mapping := saved.order_by("-updated_at").first():
        return mapping.columns, mapping.formats, mapping.name
    earlier = ImportRun.objects.filter(**alike, **ours, uploaded_by=by).exclude(columns={}).exclude(pk=run.pk)
    if last := earlier.order_by("-id").first():
        return last.columns, last.formats, last.mapping_name
    return {key: {"from": headers} for key, headers in names.items()}, {}, ""


def _first_cells(run: ImportRun, name: str) -> list[str]:
    """The first cells below that name."""
    how = Reading.from_json(run.reading)
    place = how.header.index(name)
    try:
        return [cells[place] for _number, cells in reading.first_rows(path_of(run), how, FIRST_CELLS)]
    except Refused:
        # What is wrong with the file is told when it is checked.
        return []


def set_reading(run: ImportRun, *, by: User, **given: Unpack[Corrections]) -> ImportRun:
    """Corrects how the file is read (encoding, delimiter, sheet, header_row and so on). The mapping starts over.

    What was corrected before stays so, unless it hangs on what is corrected now: on another sheet, everything is found
    out anew.
    """
    with transaction.atomic(), acting(by=by):
        run = in_preparation(run, by=by)
        corrected = _corrected(Reading.from_json(run.reading), given)
        recognise = recogniser(import_kind_of(run, by=by).columns())
        run.reading = reading.examine(path_of(run), recognise, **corrected).as_json()
        run.columns, run.formats, run.mapping_name, run.accepted_dates = {}, {}, "", []
        run.state, run.report = RunState.UPLOADED, {}
        run.save()
        return run


def _corrected(how: Reading, given: Corrections) -> Corrections:
    """What was corrected, all in all. What is given as it was found is no correction."""
    now = {name: value for name, value in given.items() if value is not None and value != getattr(how, name)}
    dropped: set[str] = set()
    for name, dependent in _HANGS_ON:
        if name in now:
            dropped |= dependent
    before = {name: value for name, value in how.given.items() if name not in dropped}
    return corrections_from({**before, **now})


# What is found out anew when something else is corrected.
_HANGS_ON: tuple[tuple[str, set[str]], ...] = (
    ("sheet", {"header_row", "header_lines", "last_row"}),
    ("header_row", {"header_lines", "last_row"}),
)


def set_mapping(
    run: ImportRun,
    columns: Mapping[str, MappingEntry],
    *,
    by: User,
    formats: Mapping[str, str] | None = None,
    existing: str = Existing.SKIP,
    mapping_name: str = "",
) -> ImportRun:
    """Says which column is which, for this run. ``columns`` and ``formats`` as in ImportMapping.

    Raises Refused, with a sentence for each thing that cannot work.
    """
    with transaction.atomic(), acting(by=by):
        run = in_preparation(run, by=by)
        run.existing = Existing(existing)
        run.columns = cleaned_columns(columns, Reading.from_json(run.reading).header, import_kind_of(run, by=by))
        run.formats = cleaned_formats(formats or {})
        run.mapping_name = mapping_name
        run.header_digest = header_digest(Reading.from_json(run.reading).header)
        run.state, run.report = RunState.UPLOADED, {}
        run.save()
        return run


def read_as_saved(run: ImportRun, *, by: User) -> ImportRun:
    """Reads a new file as somebody had corrected it for a saved mapping, if its columns are that mapping's then."""
    require_reach(by, run)
    corrected = ImportMapping.objects.filter(kind=run.kind).exclude(reading={})
    saved = only_within_reach(by, corrected, "view").order_by("-updated_at")
    recognise = recogniser(import_kind_of(run, by=by).columns())
    tried: dict[str, Reading | None] = {}
    for mapping in saved[:MAPPINGS_LOOKED_AT]:
        corrections = corrections_from(mapping.reading)
        said = repr(sorted(corrections.items()))
        if said not in tried:
            if len(tried) == MAPPINGS_TRIED:
                continue
            try:
                tried[said] = reading.examine(path_of(run), recognise, **corrections)
            except Refused:
                tried[said] = None
        how = tried[said]
        if how is not None and header_digest(how.header) == mapping.header_digest:
            with transaction.atomic(), acting(by=by):
                run = in_preparation(run, by=by)
                run.reading = how.as_json()
                run.save()
                return run
    return run


def save_mapping(name: str, run: ImportRun, *, by: User) -> ImportMapping:
    """Keeps the run's mapping under a name; an older one of that name and kind is replaced.

    Raises Refused when the name is that of another kind's, or of somebody else's that ``by`` may not see.
    """
    with transaction.atomic(), acting(by=by):
        require_reach(by, run)
        mapping = ImportMapping.objects.filter(name=name).first() or ImportMapping(name=name)
        if mapping.pk and keys_beyond_reach(by, ImportMapping, [mapping.pk]):
            raise Refused(_("The name “%s” is taken. Choose another name.") % name)
        if mapping.pk and mapping.kind != run.kind:
            raise Refused(_("There is a mapping “%s” for another kind of file. Choose another name.") % name)
        mapping.kind, mapping.columns, mapping.formats = run.kind, run.columns, run.formats
        mapping.reading = dict(Reading.from_json(run.reading).given)
        mapping.saved_by = by
        mapping.header_digest = header_digest(Reading.from_json(run.reading).header)
        mapping.full_clean()
        mapping.save()
        return mapping


def formats_of(run: ImportRun) -> Formats:
    """How the run's file writes dates and numbers."""
    return formats_from(run.formats)


def formats_from(given: Mapping[str, str]) -> Formats:
    """How a file writes dates and numbers, from what somebody chose. Raises Refused for a format there is not."""
    said = cleaned_formats(given)
    return Formats(
        dates=said["dates"],
        decimal=said["decimal"],
        repeats=said["repeats"],
        widths=said["widths"],
        spelling=said["spelling"],
    )


def cleaned_formats(given: Mapping[str, str]) -> dict[str, str]:
    """Formats with their defaults. Raises Refused for one there is not."""
    try:
        return {
            "dates": Dates(given.get("dates") or Dates.AUTO).value,
            "decimal": DecimalMark(given.get("decimal") or DecimalMark.AUTO).value,
            "repeats": Repeats(given.get("repeats") or Repeats.LEAVE).value,
            "widths": Widths(given.get("widths") or Widths.ASK).value,
            "spelling": Spelling(given.get("spelling") or Spelling.ASK).value,
        }
    except ValueError as fault:
        raise Refused(_("There is no such format: %s.") % fault) from None


def cleaned_columns(given: Mapping[str, object], header: Sequence[str], kind: AnyKind) -> dict[str, MappingEntry]:
    """The mapping without empty entries. Raises Refused when it names what is not there, or cannot work."""
    known = {column.key: column for column in kind.columns()}
    names = {name.casefold(): name for name in header}
    sentences: list[str] = []
    columns: dict[str, MappingEntry] = {}
    for key, entry in given.items():
        if key not in known:
            sentences.append(_("There is no column “%s” to import into.") % excerpt(key))
            continue
        if not isinstance(entry, Mapping):
            sentences.append(_("The mapping of “%s” cannot be understood.") % known[key].label)
            continue
        sources = entry.get("from") or []
        wanted = [name for name in ([sources] if isinstance(sources, str) else sources) if name]
        if gone := [name for name in wanted if str(name).casefold() not in names]:
            sentences.append(
                _("“%(column)s” is to come from “%(header)s”, but the file has no such column.")
                % {"column": known[key].label, "header": in_a_row(gone)}
            )
            continue
        cleaned: MappingEntry = {}
        if wanted:
            cleaned["from"] = [names[str(name).casefold()] for name in wanted]
        if fixed := str(entry.get("fixed") or "").strip():
            cleaned["fixed"] = fixed
        if cleaned and entry.get("values"):
            cleaned["values"] = {
                str(theirs): None if ours is None else str(ours) for theirs, ours in entry["values"].items()
            }
        if cleaned.get("from") and entry.get("split") and known[key].splits:
            cleaned["split"] = True
        if cleaned:
            columns[key] = cleaned
    sentences += kind.missing(columns)
    if sentences:
        raise Refused("\n".join(some_sentences(sentences)))
    return columns


def in_preparation(run: ImportRun, *, by: User) -> ImportRun:
    """The run, locked, while its person may still change their mind.

    Raises Refused once it has begun, NotAllowed when it is not theirs and ``by`` is limited to their own.
    """
    found = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run.pk).first()
    if found is None:
        raise Refused(_("This import is no longer there."))
    require_reach(by, found)
    if found.state == RunState.CHECKING:
        raise Refused(_("The file is just being checked. Wait a moment."))
    if not found.is_being_prepared:
        raise Refused(_("This import has begun: its columns stay as they are."))
    return found
