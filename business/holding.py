"""Whether this database was restored from a backup, and the time in which nothing goes out because of it.

Before anything leaves, the row ``Progress`` says so and is committed; then the mark outside is moved to it; then it
leaves. So a database that is behind its mark is an older one, whatever the clocks say, and a mark that is behind what
it surely was is an older mark. Why so: docs/decisions/0151-held-after-a-restore.md.
"""

from __future__ import annotations

import logging
import os
import uuid
from datetime import datetime
from pathlib import Path

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.act import Source, acting
from business.hooks import WHEN_HELD
from business.mark import MOST_POSITION, Mark, UnreadableMark, mark_path, read_mark, write_mark
from business.models import Hold, Progress
from console.errors import Refused

log = logging.getLogger(__name__)

Reason = Hold.Reason


def open_hold() -> Hold | None:
    """Return the hold that waits for a decision, as it is known; None when nothing is held. One query."""
    return Hold.objects.filter(is_open=True).first()


def is_held() -> bool:
    """Is anything to be left alone until somebody has decided? Finds a restore that nobody has found yet.

    Asked by whatever works in the background, before it begins: a file of a hundred bytes and two queries.
    """
    return notice_restore() is not None


def notice_restore() -> Hold | None:
    """Return the hold that is open, found this moment or before. May be called at any time and by many at once."""
    hold = open_hold()
    path = mark_path()
    if hold is not None or path is None:
        return hold
    # The mark first: it never runs ahead of a row that is read later.
    mark, row = None, None
    try:
        mark = read_mark(path)
        row = Progress.objects.filter(pk=1).first()
        reason = _what_is_wrong(mark, row) or _why_behind(path, mark, row)
    except UnreadableMark:
        reason = Reason.UNREADABLE
    if reason is None:
        return None
    until = mark.at if mark and reason == Reason.RESTORED else None
    return begin_hold(reason, lost_from=row.at if row else None, lost_until=until)


def _what_is_wrong(mark: Mark | None, row: Progress | None) -> Hold.Reason | None:
    if mark is None:
        return None
    if row is None:
        # From before there were marks; or an empty one, begun in a folder that another one left behind.
        return Reason.RESTORED if _is_older_than(mark) else None
    if row.installation != mark.installation:
        return Reason.ANOTHER
    return Reason.RESTORED if mark.position > row.position else None


def _why_behind(path: Path, mark: Mark | None, row: Progress | None) -> Hold.Reason | None:
    """Is the mark behind what it surely was? A database that has never had one is at its first start, or at the first
    one of a version that keeps it."""
    if row is None or (mark.position if mark else 0) >= row.confirmed:
        return None
    # Others may have moved both since it was read. Read after the row, it is at least where that says.
    again = read_mark(path)
    if again is None:
        return Reason.NO_MARK
    return Reason.MARK_BEHIND if again.position < row.confirmed else None


def _is_older_than(mark: Mark) -> bool:
    """Does this database know anybody from before that mark was moved? One that was begun since does not."""
    return get_user_model()._default_manager.filter(date_joined__lt=mark.at).exists()


def begin_hold(
    reason: Hold.Reason, *, lost_from: datetime | None = None, lost_until: datetime | None = None
) -> Hold | None:
    """From now on nothing goes out until somebody decides; what must be done at once is done (``WHEN_HELD``).

    ``lost_from``: when the backup was made; ``lost_until``: until when the lost database went on, now when nobody
    knows. Returns the hold that there is, if somebody was faster.
    """
    now = timezone.now()
    until = min(lost_until or now, now)
    try:
        with transaction.atomic(), acting(source=Source.SYSTEM):
            hold = Hold.objects.create(
                reason=reason, found_at=now, lost_from=min(lost_from, until) if lost_from else None, lost_until=until
            )
            for do_at_once in WHEN_HELD.values():
                do_at_once(hold)
            hold.save()
    except IntegrityError:
        return open_hold()
    log.warning("Nothing goes out: %s", hold.get_reason_display())
    return hold


def may_go_on() -> None:
    """Once somebody has decided: the mark belongs to this database, and is ahead of all that were ever saved.

    To be called last in the transaction of the decision. The mark is written in it, so that a process that dies leaves
    no decision without it; the other way round the hold is open still, and nothing is lost. Raises Refused where the
    mark that stays would hold everything again at once.
    """
    path = mark_path()
    mark, is_readable = None, True
    if path is not None:
        try:
            mark = read_mark(path)
        except UnreadableMark:
            log.warning("The mark could not be read; another one takes its place")
            is_readable = False
    row = Progress.objects.select_for_update().get_or_create(pk=1)[0]
    position = max(mark.position if mark else 0, row.position)
    if position > MOST_POSITION // 2:
        # Nobody comes so far by sending. Under another name it begins anew, and an older backup is still told apart.
        row.installation, position = uuid.uuid4(), 0
    row.position, row.confirmed, row.at = position + 1, 0, timezone.now()
    row.save()
    holds_again = not is_readable or (mark is not None and mark.installation != row.installation)
    if not _write() and holds_again:
        raise Refused(
            _("The mark of the database cannot be written: everything would be held again at once. File: %s") % path
        )


def move_mark(seen: str = "") -> None:
    """Something is about to leave, or was made that must not be made twice: the database goes a step further, and then
    its mark. ``seen``: what the clock has seen (``Progress.seen``).

    Never within a transaction, whose step could be taken back. While nobody has decided after a restore the mark is
    left where it is. Where the disk refuses, the work goes on, and the dashboard says so (``trouble_with_mark``).
    """
    path = mark_path()
    if path is None:
        return
    try:
        mark = read_mark(path)
    except UnreadableMark:
        # Whoever asks next will hold.
        return
    with transaction.atomic(durable=True):
        row = Progress.objects.get_or_create(pk=1)[0]
        confirmed = mark.position if mark and mark.installation == row.installation else 0
        Progress.objects.filter(pk=1).update(
            position=F("position") + 1,
            at=timezone.now(),
            confirmed=Greatest(F("confirmed"), confirmed),
            seen=seen or F("seen"),
        )
    _write()


def _write() -> bool:
    """Bring the mark up to the row, under its lock: of two writers the later one is not overtaken. False where the disk
    refuses."""
    path = mark_path()
    if path is None or open_hold() is not None:
        return True
    try:
        with transaction.atomic():
            row = Progress.objects.select_for_update().get(pk=1)
            write_mark(path, Mark(row.installation, row.position, row.at))
    except OSError as error:
        log.error("The mark of the database could not be written: %s", error)
        return False
    return True


def note_changes(digest: str) -> None:
    """Move the mark when something has changed since the clock last looked. ``digest``: of what there is."""
    if mark_path() is None:
        return
    row = Progress.objects.filter(pk=1).first()
    if row is None or row.seen != digest or not row.confirmed:
        move_mark(digest)


def trouble_with_mark() -> str:
    """Return what is wrong with the mark, in a sentence for administrators; empty when all is well."""
    path = mark_path()
    if path is None or _can_be_written(path):
        return ""
    return _("The mark of the database cannot be written, so a restore may go unnoticed. File: %s") % path


def _can_be_written(path: Path) -> bool:
    return os.access(path.parent, os.W_OK | os.X_OK)


def held_requests() -> frozenset[str]:
    """Return the requests whose messages do not go out by themselves: what was lost is done again in them."""
    lists = Hold.objects.exclude(held_requests=[]).values_list("held_requests", flat=True)
    return frozenset(one for some in lists for one in some)
