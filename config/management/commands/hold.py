"""Holds everything, for whoever restored the database and what lies beside it: then no mark tells of it."""

from __future__ import annotations

from datetime import datetime

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from audit.wall_clock import can_be_kept, moments_at
from business.holding import begin_hold, notice_restore
from business.mark import YEARS
from business.models import Hold


class Command(BaseCommand):
    help = "Holds messages, series and imports until somebody decides in the console what is sent after a restore."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--backup-of",
            metavar="MOMENT",
            help='when the backup was made, such as "2026-11-30 02:00" by the clock of TIME_ZONE, or with another '
            'zone: "2026-11-30 02:00+00:00". From then on messages may have been sent',
        )

    def handle(self, *args: str, **options: object) -> None:
        made_at, said = None, options["backup_of"]
        if said:
            made_at = _moment(str(said))
            if made_at is None or made_at.year not in YEARS or not can_be_kept(made_at) or made_at > timezone.now():
                raise CommandError("--backup-of: write a moment in the past, such as 2026-11-30 02:00")
        found = notice_restore()
        hold = found or begin_hold(Hold.Reason.BY_HAND, lost_from=made_at)
        if hold is None:
            return
        since = _in_words(hold.lost_from) if hold.lost_from else ""
        if found and made_at and not (hold.lost_from and hold.lost_from <= made_at):
            raise CommandError(
                f"It is held already: {hold.get_reason_display()} "
                + (f"What may have been sent is counted from {since} on; " if since else "")
                + f"{_in_words(made_at)} was not used. Decide in the console, under “After a restore”."
            )
        self.stdout.write(f"Held: {hold.get_reason_display()} Decide in the console, under “After a restore”.")
        if since:
            self.stdout.write(f"What may have been sent is counted from {since} on.")


def _in_words(moment: datetime) -> str:
    """With its zone: names of backups often say the clock of the machine, which may be another one."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M %Z")


def _moment(words: str) -> datetime | None:
    try:
        moment = parse_datetime(words)
    except ValueError:
        return None
    if moment is None or timezone.is_aware(moment):
        return moment
    # Where the clocks leave two to choose from, the first: rather a message too many is asked about.
    return moments_at(moment, timezone.get_current_timezone())[0]
