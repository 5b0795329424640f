"""Taking back a whole request from the change log: what it would do, what is in the way, then, on POST, the action."""

from __future__ import annotations

import uuid

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.restore import MOST, Names, Plan, RestoreStep, Sentence, Telling, plan_restore, tell, unseen_records
from audit.restore.rules import Action
from console.kit import console_page
from console.kit.shapes import Context
from console.reader import Reader, StaffReader
from console.taking_back import NotTakenBack, hindrances, take_back_request

# So many records are named under one heading.
NAMED = 60


@console_page("changelog/<uuid:request_id>/take-back/", name="take_back", permission="audit.restore_changelog")
def take_back(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """GET: what would come back, go and stay, and what is in the way. POST: does it, or says why not."""
    reader = StaffReader(request.user)
    log = f"{reverse('admin:changelog')}?request={request_id}"
    refused: Telling | None = None
    if request.method == "POST":
        try:
            done = take_back_request(request_id, by=request.user)
        except NotTakenBack as refusal:
            refused = refusal.telling
        else:
            if done.steps:
                messages.success(request, _done_words(done))
                return HttpResponseRedirect(log)
    plan = plan_restore(request_id)
    if not plan.touched:
        raise Http404
    in_the_way = refused or _in_the_way(plan, request, reader)
    possible = bool(plan.steps) and not in_the_way
    context = {
        **admin.site.each_context(request),
        "title": _("Take back one request"),
        "posted": request.method == "POST",
        "plan": plan,
        "groups": [_group(heading, plan, action, reader) for action, heading in _headings(possible).items()],
        "in_the_way": in_the_way,
        "in_the_way_unseen": unseen_records(in_the_way.unseen) if in_the_way.unseen else "",
        "kept": tell(plan.kept, reader, NAMED),
        "possible": possible,
        "back_url": log,
    }
    return TemplateResponse(request, "console/take_back.html", context)


def _done_words(plan: Plan) -> str:
    """What was done, in numbers: "2 records were deleted again. 1 record was changed back."."""
    removed, reverted, recreated = plan.count("remove"), plan.count("revert"), plan.count("recreate")
    said = []
    if removed:
        said.append(ngettext("%d record was deleted again.", "%d records were deleted again.", removed) % removed)
    if reverted:
        said.append(ngettext("%d record was changed back.", "%d records were changed back.", reverted) % reverted)
    if recreated:
        said.append(ngettext("%d record was brought back.", "%d records were brought back.", recreated) % recreated)
    return " ".join(said)


def _in_the_way(plan: Plan, request: HttpRequest, reader: Reader) -> Telling:
    """Why this person cannot take it back, as far as they may know."""
    if plan.is_too_large:
        sentence = _("This request touched %(count)d records, and at most %(most)d are taken back at once. ")
        sentence += _("An import is undone on its own page.")
        return Telling([Sentence.plain(sentence % {"count": plan.touched, "most": MOST})], 0)
    return tell(hindrances(plan, request.user), reader, NAMED)


def _headings(possible: bool) -> dict[Action, str]:
    """What stands above the records of each action: what happens to them, or would if nothing were in the way."""
    if possible:
        return {
            "recreate": _("These come back"),
            "revert": _("These get their old values"),
            "remove": _("These will be deleted (created by this change)"),
        }
    return {
        "recreate": _("These would come back"),
        "revert": _("These would get their old values"),
        "remove": _("These would be deleted (created by this change)"),
    }


def _group(heading: str, plan: Plan, action: Action, reader: Reader) -> Context:
    """What happens to some of the records: those the reader may see by name, the others in number."""
    steps = [step for step in plan.steps.values() if step.action == action]
    names = Names((step.key for step in steps), reader)
    seen = [step for step in steps if step.key in names]
    return {
        "heading": heading,
        "count": len(steps),
        "records": [{"link": names.link(step.key), "fields": _fields(step)} for step in seen[:NAMED]],
        "more": max(0, len(seen) - NAMED),
        "unseen": unseen_records(len(steps) - len(seen)) if len(seen) < len(steps) else "",
    }


def _fields(step: RestoreStep) -> list[str]:
    """The names of the fields that get old values."""
    if step.action != "revert":
        return []
    fields = {f.attname: f.verbose_name for f in step.model._meta.fields}
    lists = {f.name: f.verbose_name for f in step.model._meta.many_to_many}
    many = [lists[name] for name in step.many]
    return [str(fields[name]) for name in step.values] + [str(name) for name in many]
