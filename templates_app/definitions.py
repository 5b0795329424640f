"""A template's steps and fields as records. The database keeps them as JSON; it is read here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self

from templates_app.choices import FieldKind, LocationKind, Use

# What a value is stored as. None: nothing was given.
Value = str | int | float | bool | list[str] | None
# The duties that count in a check (``clean_values``): whose form it is. Empty for the office's.
DUTIES = ("", "portal_use", "worker_use")


@dataclass(frozen=True)
class StepDefinition:
    """One step of a template, or of a version of it."""

    key: str
    name: str
    location_kind: str = LocationKind.SITE
    worker_use: str = Use.REQUIRED
    portal_use: str = Use.HIDDEN

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Self:
        """A step from an entry of ``TemplateVersion.steps`` or a row of the model. Raises KeyError for none."""
        return cls(
            key=str(stored["key"]),
            name=str(stored["name"]),
            location_kind=str(stored.get("location_kind", LocationKind.SITE)),
            worker_use=str(stored.get("worker_use", Use.REQUIRED)),
            portal_use=str(stored.get("portal_use", Use.HIDDEN)),
        )

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name

    def stored(self) -> dict[str, object]:
        """As an entry of ``TemplateVersion.steps``."""
        return asdict(self)

    @property
    def is_shown_to_customers(self) -> bool:
        """Do portal users see it at all?"""
        return self.portal_use != Use.HIDDEN


@dataclass(frozen=True)
class FieldDefinition:
    """One field of a template, or of a version of it. ``minimum``, ``maximum``: what they limit is for its kind to say.

    ``shown_when``: the key of the field that decides whether this one counts; ``shown_value``: by which value of it.
    """

    key: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    help: str = ""
    choices: tuple[str, ...] = ()
    default: str = ""
    minimum: float | None = None
    maximum: float | None = None
    shown_when: str = ""
    shown_value: str = ""
    worker_use: str = Use.OPTIONAL
    portal_use: str = Use.HIDDEN

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Self:
        """A field from an entry of ``TemplateVersion.fields`` or a row of the model. What an older Portico did not
        write is as if nobody had filled it in. Raises KeyError or ValueError for what is no field."""
        choices = stored.get("choices") or ()
        return cls(
            key=str(stored["key"]),
            label=str(stored["label"]),
            kind=FieldKind(str(stored["kind"])),
            help=str(stored.get("help") or ""),
            choices=tuple(map(str, choices)) if isinstance(choices, list | tuple) else (),
            default=str(stored.get("default") or ""),
            minimum=_number(stored.get("minimum")),
            maximum=_number(stored.get("maximum")),
            shown_when=str(stored.get("shown_when") or ""),
            shown_value=str(stored.get("shown_value") or ""),
            worker_use=str(stored.get("worker_use", Use.OPTIONAL)),
            portal_use=str(stored.get("portal_use", Use.HIDDEN)),
        )

    @property
    def title(self) -> str:
        """What people call it."""
        return self.label

    def stored(self) -> dict[str, object]:
        """As an entry of ``TemplateVersion.fields``."""
        return asdict(self) | {"kind": self.kind.value, "choices": list(self.choices)}

    @property
    def is_shown_to_customers(self) -> bool:
        """Do portal users see it at all?"""
        return self.portal_use != Use.HIDDEN

    @property
    def is_set_by_customers(self) -> bool:
        """May portal users fill it in? A header has nothing to fill in."""
        return self.kind != FieldKind.HEADER and self.may_be_set("portal_use")

    def use_by(self, duties: str) -> str:
        """What the people whose duties count get of it; ``duties`` as in ``DUTIES``, not empty."""
        return self.worker_use if duties == "worker_use" else self.portal_use

    def may_be_set(self, duties: str) -> bool:
        """May the people whose duties count fill it in? The office may always."""
        return not duties or self.use_by(duties) in (Use.OPTIONAL, Use.REQUIRED)


# What a version remembers of each step and field: the columns of their models, too.
STEP_FACTS = tuple(one.name for one in fields(StepDefinition))
FIELD_FACTS = tuple(one.name for one in fields(FieldDefinition))


def _number(stored: object) -> float | None:
    return float(stored) if isinstance(stored, int | float) else None
