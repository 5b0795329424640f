"""What a change does to people's rights: who gains, who loses, who keeps what."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


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
