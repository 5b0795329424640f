"""What a person says about a file: bound, not saved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from imports.choices import Dates, Decimal, Existing, Kind
from imports.columns import Column
from imports.kinds import ImportKind
from imports.models import ImportRun
from imports.reading import ENCODINGS, Reading
from permissions.console import DialogForm


class UploadForm(forms.Form):
    """A file and what it holds."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What does the file hold?"), choices=Kind.choices, widget=UnfoldAdminSelectWidget
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.gz,.zip"}),
        help_text=gettext_lazy("CSV or XLSX, also packed with zip or gzip. Nothing is imported before you say so."),
    )


class ReadingForm(forms.Form):
    """How the file is read, corrected by hand."""

    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        choices=[(name, name.upper()) for name in ENCODINGS],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    delimiter = forms.ChoiceField(
        label=gettext_lazy("Cells are separated by"),
        choices=[
            (",", gettext_lazy("Comma ,")),
            (";", gettext_lazy("Semicolon ;")),
            ("\t", gettext_lazy("Tab")),
            ("|", gettext_lazy("Bar |")),
        ],
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), widget=UnfoldAdminSelectWidget, required=False)
    header_row = forms.IntegerField(
        label=gettext_lazy("The column names stand in row"),
        min_value=0,
        max_value=200,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("0: the file has no column names."),
    )

    def __init__(self, how: Reading, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **({"initial": how.as_json()} | kwargs))
        if how.format == "xlsx":
            del self.fields["encoding"], self.fields["delimiter"]
            self.fields["sheet"].choices = [(name, name) for name in how.sheets]  # type: ignore[attr-defined]
        else:
            del self.fields["sheet"]


class MappingForm(forms.Form):
    """Which column is which: for each of ours a column of the file (some take two), or a fixed value."""

    dates = forms.ChoiceField(
        label=gettext_lazy("Dates"), choices=Dates.choices, widget=UnfoldAdminSelectWidget, required=False
    )
    decimal = forms.ChoiceField(
        label=gettext_lazy("Numbers"), choices=Decimal.choices, widget=UnfoldAdminSelectWidget, required=False
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("Rows that are in Portico already"),
        choices=Existing.choices,
        widget=UnfoldAdminSelectWidget,
        required=False,
        help_text=gettext_lazy("Recognised by their external ID."),
    )
    save_as = forms.CharField(
        label=gettext_lazy("Save this mapping as"),
        max_length=80,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("The next file with the same column names gets it by itself."),
    )

    def __init__(
        self,
        run: ImportRun,
        kind: ImportKind,
        mapping: tuple[dict[str, Any], dict[str, Any], str],
        *args: Any,
        may_change: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        columns, formats, name = mapping
        self.header = Reading.from_json(run.reading).header
        required = kind.required()
        known = kind.columns()
        self.ours: list[Column] = [c for c in known if c.key in required] + [c for c in known if c.key not in required]
        self.required, self.kept = required, columns
        choices = [("", _("– not in the file –")), *((name, name) for name in self.header)]
        for column in self.ours:
            self._add(column, columns.get(column.key, {}), choices)
        self.initial.update({"existing": run.existing, "save_as": name, **formats})
        if not may_change:
            del self.fields["existing"]

    def _add(self, column: Column, entry: dict[str, Any], choices: Sequence[tuple[str, str]]) -> None:
        sources = [name for name in entry.get("from", []) if name in self.header]
        label = str(column.label)
        self.fields[f"from:{column.key}"] = forms.ChoiceField(
            choices=choices, required=False, initial=sources[0] if sources else "",
            widget=UnfoldAdminSelectWidget(attrs={"aria-label": _("Column for %s") % label, "data-source": column.key}),
        )  # fmt: skip
        if column.joins:
            self.fields[f"and:{column.key}"] = forms.ChoiceField(
                choices=[("", _("– and nothing else –")), *choices[1:]],
                required=False, initial=sources[1] if len(sources) > 1 else "",
                widget=UnfoldAdminSelectWidget(attrs={"aria-label": _("Second column for %s") % label}),
            )  # fmt: skip
        self.fields[f"fixed:{column.key}"] = forms.CharField(
            required=False, max_length=2000, initial=entry.get("fixed", ""),
            widget=UnfoldAdminTextInputWidget(
                attrs={"aria-label": _("Fixed value for %s") % label, "placeholder": _("fixed value")}
            ),
        )  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """The table of the page: each of our columns with its fields, grouped by heading."""
        rows: list[dict[str, Any]] = []
        for column in self.ours:
            needed = column.key in self.required
            group = _("Needed") if needed else str(column.group)
            second = f"and:{column.key}"
            rows.append(
                {
                    "column": column,
                    "needed": needed,
                    "heading": group if not rows or rows[-1]["group"] != group else "",
                    "group": group,
                    "source": self[f"from:{column.key}"],
                    "second": self[second] if second in self.fields else None,
                    "fixed": self[f"fixed:{column.key}"],
                    "values": self.kept.get(column.key, {}).get("values", {}),
                }
            )
        return rows

    def columns(self) -> dict[str, Any]:
        """The mapping she chose, as ImportMapping keeps it. Value maps made before stay."""
        chosen: dict[str, Any] = {}
        for column in self.ours:
            sources = [name for part in ("from", "and") if (name := self.cleaned_data.get(f"{part}:{column.key}"))]
            entry: dict[str, Any] = {"from": sources} if sources else {}
            if fixed := self.cleaned_data[f"fixed:{column.key}"]:
                entry["fixed"] = fixed
            if entry:
                if values := self.kept.get(column.key, {}).get("values"):
                    entry["values"] = values
                chosen[column.key] = entry
        return chosen

    def formats(self) -> dict[str, str]:
        """How the file writes dates and numbers."""
        return {name: self.cleaned_data.get(name) or "" for name in ("dates", "decimal")}


class CommitForm(DialogForm):
    """What is asked when the import begins."""

    announce = forms.TypedChoiceField(
        label=gettext_lazy("Messages about these jobs"),
        choices=[("1", gettext_lazy("Send them, as the alerts say")), ("0", gettext_lazy("Send none"))],
        coerce=lambda value: value == "1",
        initial="1",
        widget=UnfoldAdminRadioSelectWidget,
    )
    all_or_nothing = forms.BooleanField(
        label=gettext_lazy("All or nothing"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy("On: nothing is imported if any row has a problem."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = ImportRun.objects.filter(pk=self.object_id).values_list("kind", flat=True).first()
        if kind != Kind.JOBS:
            del self.fields["announce"]
