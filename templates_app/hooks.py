"""What other rooms have hanging on a template: said by them, asked before it is deleted, archived or changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from audit.registry import Registry
from console.reader import Reader
from templates_app.definitions import FieldDefinition
from templates_app.models import JobTemplate


@dataclass(frozen=True)
class TemplateChange:
    """What saving a template would change.

    ``sentences``: each part in words. ``fields``: all its fields as they would be. ``reaches_jobs``: does it touch what
    a job takes over when it is made?
    """

    sentences: list[str]
    fields: list[FieldDefinition]
    reaches_jobs: bool


class TemplateUse(Protocol):
    """One kind of record that is made from templates: jobs, series. What is counted and named is for a reader."""

    def keeps(self, template: JobTemplate, reader: Reader) -> str:
        """Return what keeps a template from being deleted, in a sentence with numbers; empty when nothing does."""

    def touched(self, template: JobTemplate, change: TemplateChange | None, reader: Reader) -> list[str]:
        """Return what a change reaches and what it leaves alone, in sentences; of any change when None."""

    def of_versions(self, template: JobTemplate, reader: Reader) -> dict[int, str]:
        """Return what was made from each version: {key of the version: in words}."""

    def follows(self, template: JobTemplate) -> bool:
        """Does something make jobs from it by itself, so that a change must be looked at before it is saved?"""


# By what is made from templates.
TEMPLATE_USES: Registry[str, TemplateUse] = Registry("What hangs on a template")
