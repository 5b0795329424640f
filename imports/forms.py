"""What a person says about a file: bound, not saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from console.kit import DialogForm
from imports.choices import Dates, DecimalMark, Existing, RecordKind, Repeats, Spelling, Widths
from imports.columns import AnyColumn, MappingEntry
from imports.kinds import AnyKind
from imports.models import ImportRun
from imports.reading import DELIMITERS, ENCODINGS, Reading

# What is said of a file as a whole.
FORMATS = ("dates", "decimal", "repeats", "widths", "spelling")
# Words of a choice that stand for no character.
OTHER, NONE = "other", "none"
DELIMITER_WORDS = (
    (",", gettext_lazy("Comma ,")),
    (";", gettext_lazy("Semicolon ;")),
    ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Bar |")),
    (OTHER, gettext_lazy("Something else:")),
)
QUOTE_WORDS = (
    ('"', gettext_lazy('Double quotation marks "')),
    ("'", gettext_lazy("Single quotation marks '")),
    (NONE, gettext_lazy("Nothing")),
)


class UploadForm(forms.Form):
    """A file and what it holds."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What does the file hold?"), choices=RecordKind.choices, widget=UnfoldAdminSelectWidget
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
        choices=DELIMITER_WORDS,
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    other = forms.CharField(
        label=gettext_lazy("Something else"),
        max_length=1,
        required=False,
        strip=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("One character."),
    )
    quote = forms.ChoiceField(
        label=gettext_lazy("Cells are enclosed in"),
        choices=QUOTE_WORDS,
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    sheet = forms.ChoiceField(label=gettext_lazy("Sheet"), widget=UnfoldAdminSelectWidget, required=False)
    header_row = forms.IntegerField(
        label=gettext_lazy("The column names stand in row"),
        min_value=0,
        max_value=200,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("0: the file has no column names. Where they stand in several rows: the last of them."),
    )
    header_lines = forms.TypedChoiceField(
        label=gettext_lazy("They take"),
        choices=[(1, gettext_lazy("one row")), (2, gettext_lazy("two rows")), (3, gettext_lazy("three rows"))],
        coerce=int,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    last_row = forms.IntegerField(
        label=gettext_lazy("The last row that is read"),
        min_value=0,
        max_value=100_000_000,
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("0: to the end of the file."),
    )
    read_hidden = forms.TypedChoiceField(
        label=gettext_lazy("Rows that are hidden"),
        choices=[(0, gettext_lazy("are left out")), (1, gettext_lazy("are read as well"))],
        coerce=lambda value: value == "1",
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, how: Reading, data: QueryDict | None = None) -> None:
        initial = how.as_json() | {"quote": how.quote or NONE, "read_hidden": int(how.read_hidden)}
        if how.delimiter not in DELIMITERS:
            initial |= {"delimiter": OTHER, "other": how.delimiter}
        super().__init__(data, initial=initial)
        if how.format == "xlsx":
            for name in ("encoding", "delimiter", "other", "quote"):
                del self.fields[name]
            sheets = [(name, _("%s (hidden)") % name if name in how.hidden_sheets else name) for name in how.sheets]
            self.fields["sheet"] = forms.ChoiceField(
                label=gettext_lazy("Sheet"), choices=sheets, widget=UnfoldAdminSelectWidget, required=False
            )
        else:
            del self.fields["sheet"], self.fields["read_hidden"]
        if how.format == "html":
            for name in ("delimiter", "other", "quote"):
                del self.fields[name]

    def clean_header_row(self) -> int | None:
        """What the reading takes: None lets it look for the names itself."""
        value: int | None = self.cleaned_data["header_row"]
        return value

    def clean(self) -> dict[str, Any]:
        """What the reading takes (Corrections): one delimiter, and an empty quotation mark for none."""
        given: dict[str, Any] = super().clean() or {}
        other = given.pop("other", "")
        if given.get("delimiter") == OTHER:
            if not other or other in "\r\n\0":
                raise forms.ValidationError(_("Say which character separates the cells."))
            given["delimiter"] = other
        if "quote" in given:
            given["quote"] = {NONE: "", "": None}.get(given["quote"], given["quote"])
            if given["quote"] and given["quote"] == given.get("delimiter"):
                raise forms.ValidationError(_("Cells cannot be enclosed in what separates them."))
        return given


class ValueMapField(forms.Field):
    """What words of theirs mean with us, one a line: “Done = completed”. Nothing behind it: nothing."""

    def prepare_value(self, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return "\n".join(
            f"{' '.join(theirs.split())} = {_LEFT_OUT if ours is None else ours}" for theirs, ours in value.items()
        )

    def to_python(self, value: object) -> dict[str, str | None]:
        found: dict[str, str | None] = {}
        for line in str(value or "").splitlines():
            theirs, sign, ours = _parted(line)
            if not line.strip():
                continue
            if not sign or not theirs:
                raise forms.ValidationError(_("Write each line as “theirs = ours”: %s") % line.strip()[:80])
            found[theirs] = None if ours.casefold() == str(_LEFT_OUT).casefold() else ours
        return found

    def validate(self, value: object) -> None:
        pass

    def run_validators(self, value: object) -> None:
        pass


def _parted(line: str) -> tuple[str, str, str]:
    """“theirs = ours” taken apart, at the last sign that stands by itself: theirs may hold others."""
    theirs, sign, ours = f"{line.strip()} ".rpartition(" = ")
    if not sign:
        theirs, sign, ours = line.partition("=")
    return theirs.strip(), sign, ours.strip()


# Behind a value in such a list: rows with it are left out.
_LEFT_OUT = gettext_lazy("(leave the row out)")


@dataclass
class ColumnRow:
    """One of our columns on the mapping page: its fields, and how many values have a meaning of their own."""

    column: AnyColumn
    needed: bool
    source: forms.BoundField
    second: forms.BoundField | None
    fixed: forms.BoundField
    values: forms.BoundField
    value_count: int
    split: forms.BoundField | None


@dataclass
class ColumnGroup:
    """Columns under one heading; ``chosen``: how many are filled in."""

    heading: str
    rows: list[ColumnRow] = field(default_factory=list)
    chosen: int = 0
    open: bool = False


class MappingForm(forms.Form):
    """Which column is which: for each of ours a column of the file (some take two), or a fixed value."""

    dates = forms.ChoiceField(
        label=gettext_lazy("Dates"), choices=Dates.choices, widget=UnfoldAdminSelectWidget, required=False
    )
    decimal = forms.ChoiceField(
        label=gettext_lazy("Numbers"), choices=DecimalMark.choices, widget=UnfoldAdminSelectWidget, required=False
    )
    existing = forms.ChoiceField(
        label=gettext_lazy("Rows that are in Portico already"),
        choices=Existing.choices,
        widget=UnfoldAdminSelectWidget,
        required=False,
        help_text=gettext_lazy("Recognised by a number of ours in the file, else by their external ID."),
    )
    repeats = forms.ChoiceField(
        label=gettext_lazy("Rows that repeat an external ID"),
        choices=Repeats.choices,
        widget=UnfoldAdminSelectWidget,
        required=False,
        help_text=gettext_lazy("One that stands earlier in the same file."),
    )
    widths = forms.ChoiceField(
        label=gettext_lazy("Rows with too few or too many cells"),
        choices=Widths.choices,
        widget=UnfoldAdminSelectWidget,
        required=False,
    )
    spelling = forms.ChoiceField(
        label=gettext_lazy("Characters that were converted wrongly"),
        choices=Spelling.choices,
        widget=UnfoldAdminSelectWidget,
        required=False,
        help_text=gettext_lazy("“MÃ¼ller” was meant to be “Müller”."),
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
        kind: AnyKind,
        mapping: tuple[Mapping[str, MappingEntry], Mapping[str, str], str],
        data: QueryDict | None = None,
        *,
        may_change: bool = True,
    ) -> None:
        super().__init__(data)
        columns, formats, name = mapping
        self.header = Reading.from_json(run.reading).header
        required = kind.required()
        known = kind.columns()
        self.ours: list[AnyColumn] = [c for c in known if c.key in required] + [
            c for c in known if c.key not in required
        ]
        self.required, self.kept = required, columns
        choices = [("", _("– not in the file –")), *((name, name) for name in self.header)]
        for column in self.ours:
            self._add(column, columns.get(column.key, {}), choices)
        self.initial.update({"existing": run.existing, "save_as": name, **formats})
        if Reading.from_json(run.reading).format != "csv":
            del self.fields["widths"]
        if not may_change:
            del self.fields["existing"]
        if not kind.numbers_repeats:
            del self.fields["repeats"]

    def _add(self, column: AnyColumn, entry: MappingEntry, choices: Sequence[tuple[str, str]]) -> None:
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
        self.fields[f"values:{column.key}"] = ValueMapField(
            required=False, initial=entry.get("values", {}),
            widget=UnfoldAdminTextareaWidget(
                attrs={
                    "aria-label": _("What values mean for %s") % label, "rows": 3, "placeholder": _("Done = completed"),
                }
            ),
        )  # fmt: skip
        if column.splits:
            self.fields[f"split:{column.key}"] = forms.BooleanField(
                label=_("Take it apart: street, postcode and town stand in one column"),
                required=False, initial=bool(entry.get("split")), widget=UnfoldBooleanSwitchWidget,
            )  # fmt: skip

    def groups(self) -> list[ColumnGroup]:
        """The table of the page: our columns with their fields, under their headings. What is needed comes first, and
        a heading under which nothing is filled in stays closed."""
        groups: dict[str, ColumnGroup] = {}
        for column in self.ours:
            needed = column.key in self.required
            heading = _("Needed") if needed else str(column.group)
            group = groups.setdefault(heading, ColumnGroup(heading, open=needed))
            row = self._row(column, needed)
            group.rows.append(row)
            if row.source.value() or row.fixed.value() or row.values.errors:
                group.chosen += 1
                group.open = True
        return list(groups.values())

    def _row(self, column: AnyColumn, needed: bool) -> ColumnRow:
        second = f"and:{column.key}"
        return ColumnRow(
            column=column,
            needed=needed,
            source=self[f"from:{column.key}"],
            second=self[second] if second in self.fields else None,
            fixed=self[f"fixed:{column.key}"],
            values=self[f"values:{column.key}"],
            value_count=len(self.kept.get(column.key, {}).get("values", {})),
            split=self[f"split:{column.key}"] if column.splits else None,
        )

    def columns(self) -> dict[str, MappingEntry]:
        """The mapping she chose, as ImportMapping keeps it."""
        chosen: dict[str, MappingEntry] = {}
        for column in self.ours:
            sources = [name for part in ("from", "and") if (name := self.cleaned_data.get(f"{part}:{column.key}"))]
            entry: MappingEntry = {"from": sources} if sources else {}
            if fixed := self.cleaned_data[f"fixed:{column.key}"]:
                entry["fixed"] = fixed
            if entry:
                if values := self.cleaned_data[f"values:{column.key}"]:
                    entry["values"] = values
                if self.cleaned_data.get(f"split:{column.key}"):
                    entry["split"] = True
                chosen[column.key] = entry
        return chosen

    def formats(self) -> dict[str, str]:
        """How the file writes dates and numbers, and what is to become of what is not as it should be."""
        return {name: self.cleaned_data.get(name) or "" for name in FORMATS}

    def cleaned_existing(self) -> str:
        """What is to become of rows that are in Portico already."""
        return str(self.cleaned_data.get("existing") or Existing.SKIP)


class CommitForm(DialogForm):
    """What is asked when the import begins."""

    announce = forms.TypedChoiceField(
        label=gettext_lazy("Messages about these jobs"),
        choices=[("1", gettext_lazy("Send them, as the alerts say")), ("0", gettext_lazy("Send none"))],
        coerce=lambda value: value == "1",
        initial="1",
        widget=UnfoldAdminRadioSelectWidget,
    )
    change_open_jobs = forms.TypedChoiceField(
        label=gettext_lazy("Open jobs that name a contact as it was"),
        choices=[("0", gettext_lazy("Leave them as they are")), ("1", gettext_lazy("Change them too"))],
        coerce=lambda value: value == "1",
        initial="0",
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
        run = ImportRun.objects.filter(pk=self.object_id).first()
        if run is None or run.kind != RecordKind.JOBS:
            del self.fields["announce"]
        if count := run.report.get("open_jobs") if run is not None else 0:
            self.fields["change_open_jobs"].help_text = (
                ngettext(
                    "%d job. Its messages and its portal link go to whom it names.",
                    "%d jobs. Their messages and portal links go to whom they name.",
                    count,
                )
                % count
            )
        else:
            del self.fields["change_open_jobs"]
