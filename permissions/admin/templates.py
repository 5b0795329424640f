"""What archiving a template means for portal users, in the question before it."""

from __future__ import annotations

from django.utils.translation import ngettext

from accounts.models import PortalUser
from console.kit.parts import PagePart, add_to_page
from console.reader import Reader
from permissions.impact import everybody
from permissions.resolver import rights_of_many
from templates_app.models import JobTemplate


def _people_who_have_it(template: JobTemplate, reader: Reader) -> str:
    """How many portal users have it, of those the reader may see: four queries, however many people."""
    people = everybody() if reader.reads(PortalUser) else []
    rights = rights_of_many(people) if people else {}
    having = [pk for pk, theirs in rights.items() if template.pk in theirs.template_ids]
    count = len(reader.visible_keys(PortalUser, having))
    words = ngettext(
        "%d portal user has it, and can ask for jobs of it only as long as it is not archived.",
        "%d portal users have it, and can ask for jobs of it only as long as it is not archived.",
        count,
    )
    return words % count


add_to_page(JobTemplate, PagePart(told_when_put_away=_people_who_have_it))
