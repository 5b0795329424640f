"""The effect of a change, told before it is saved: in a dialog as one chooses, on a page before it is saved again.

What a change does is worked out by the room that knows (``permissions.impact``); for a record of a room below it, that
room says so with ``foresee_with``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from console.errors import Refused
from console.kit import DialogForm
from console.kit.shapes import Context
from console.reader import Reader


@dataclass
class Effect:
    """Who gains, who loses, who keeps one permission or one template: names of people, in order.

    ``others``: people whom the reader may not see gain, lose or keep it too.
    """

    label: str
    gains: list[str] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)
    keeps: list[str] = field(default_factory=list)
    others: bool = False

    def __bool__(self) -> bool:
        return bool(self.gains or self.loses or self.keeps or self.others)

    def add(self, person: models.Model, to: list[str], seen: frozenset[int]) -> None:
        """Add a person to one of the lists, by name for a reader who may see them."""
        if person.pk in seen:
            to.append(str(person))
        else:
            self.others = True

    @property
    def words(self) -> str:
        """The effect in one sentence."""
        parts = []
        if n := len(self.gains):
            parts.append(ngettext("%d person gains it", "%d people gain it", n) % n)
        if n := len(self.loses):
            parts.append(ngettext("%d person loses it", "%d people lose it", n) % n)
        if n := len(self.keeps):
            parts.append(ngettext("%d keeps what an override says", "%d keep what an override says", n) % n)
        if self.others:
            parts.append(
                _("people you can't see are affected too") if parts else _("people you can't see are affected")
            )
        return f"{self.label}: {', '.join(parts)}."


@dataclass
class Forecast:
    """All effects of one change. Empty when nothing changes for anybody."""

    permissions: list[Effect] = field(default_factory=list)
    templates: list[Effect] = field(default_factory=list)
    consequences: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.permissions or self.templates or self.consequences)

    @property
    def sentences(self) -> list[str]:
        """The forecast in sentences; one that says so when nothing changes."""
        found = [effect.words for effect in (*self.permissions, *self.templates)] + self.consequences
        return found or [_("This changes nothing for anybody.")]


# Of a record as it would be saved, for a reader.
Forecaster = Callable[[Any, Reader], Forecast]
_FORECASTERS: dict[str, Forecaster] = {}


def foresee_with(label: str, forecaster: Forecaster) -> None:
    """Say who foresees changes of the records of a model ("templates_app.JobTemplate")."""
    _FORECASTERS[label] = forecaster


def forecast_of(record: models.Model, reader: Reader) -> Forecast:
    """What saving this record as it stands would do; nothing where nobody foresees it."""
    forecaster = _FORECASTERS.get(record._meta.label)
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
