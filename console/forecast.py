"""The effect of a change, told before it is saved: in a dialog as one chooses, on a page before it is saved again.

What a change does is worked out by the room that knows (``permissions.impact``); for a record of a room below it, that
room adds itself to ``console.hooks.FORECASTERS``.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

from console.effects import Forecast
from console.errors import Refused
from console.hooks import FORECASTERS
from console.kit import DialogForm
from console.reader import Reader
from console.shapes import Context


def forecast_of(record: models.Model, reader: Reader) -> Forecast:
    """What saving this record as it stands would do; nothing where nobody foresees it."""
    forecaster = FORECASTERS.get(record._meta.label)
    return forecaster(record, reader) if forecaster else Forecast()


class EffectForm(DialogForm):
    """A dialog that shows what its choice would do, anew with each change of a field."""

    form_after_template = "console/effect_live.html"

    def forecast(self) -> Forecast | None:
        """The effect of what is chosen, or None while too little is."""
        raise NotImplementedError

    def chosen(self, name: str) -> Any:
        """What stands in a field now: sent along, in the address, or as it was opened."""
        if self.is_bound:
            return self.data.get(self.add_prefix(name), "")
        return self.initial.get(name, self.fields[name].initial)

    def get_after_template_context(self, request: HttpRequest, object_id: int | str | None = None) -> Context:
        return {"forecast": self.forecast(), "request": request}


def forecast_in_words(forecast: Forecast) -> str:
    """A forecast as one text, for a question that asks nothing else."""
    return " ".join(forecast.sentences)


def require_seen_effect(request: HttpRequest, forecast: Forecast) -> None:
    """Raises Refused once, with the effect on the page, before somebody's rights are changed by a form.

    The page comes back as it was typed, with the effect on top and its mark in the form; saved again it passes. A
    change that does something else than what was shown is asked about anew.
    """
    if not forecast:
        return
    said = [*forecast.sentences]
    for effect in (*forecast.permissions, *forecast.templates):
        said += effect.gains + effect.loses + effect.keeps
    mark = hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
    if request.POST.get("_effect_seen") == mark:
        return
    request.shown_effect = {"forecast": forecast, "mark": mark}  # type: ignore[attr-defined]  # ours, for the page's template
    raise Refused(_("Nothing is saved yet: above stands what it would do. Save again to do it."))


def answer_of(request: HttpRequest, question: str) -> bool:
    """Return the answer to a question that saving a form raises: True for yes, False for no.

    Raises Refused until it is answered: the page comes back as it was typed, with the question on top and a button for
    each answer, both of which save. Another question than the one that was shown is asked anew.
    """
    mark = hashlib.sha256(question.encode()).hexdigest()[:16]
    answer = request.POST.get("_answer", "")
    if request.POST.get("_question") == mark and answer in ("yes", "no"):
        # Kept in the form, should it come back for another reason.
        request.__dict__["answered"] = {"mark": mark, "answer": answer}
        return answer == "yes"
    clicked = {name: "1" for name in ("_continue", "_addanother", "_saveasnew") if name in request.POST}
    request.__dict__["shown_question"] = {"words": question, "mark": mark, "pressed": clicked}
    raise Refused(_("Nothing is saved yet: above stands a question. Answer it to save."))
