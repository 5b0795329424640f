"""The bases of every page in the console: scoped rows, actions that ask first, history one can read.

``ConsoleModelAdmin`` and the console inlines are the only bases an admin class may have, ``console_action`` the only
way to make a button, ``console_bulk_action`` the only way to do something to many rows (tests/architecture hold it).
Why: docs/decisions/0004-console-actions.md.
"""

from console.keys import is_key
from console.kit.buttons import console_action
from console.kit.filters import (
    ChoiceFilter,
    ChoicesFilter,
    DayRangeFilter,
    FieldFilter,
    LookupFilter,
    ScopedFilter,
    ScopedMultipleFilter,
    ScopedSearchFilter,
    ValuesFilter,
    YesNoFilter,
)
from console.kit.forms import (
    DayInput,
    DialogForm,
    MomentInput,
    ReasonDialog,
    ReasonForm,
    badge,
    pick_one,
    pick_several,
)
from console.kit.once import note_made
from console.kit.own_pages import console_page
from console.kit.pages import ConsoleModelAdmin, ConsoleStackedInline, ConsoleTabularInline
from console.kit.scoped import shown_to
from console.kit.ticked_rows import console_bulk_action

__all__ = [
    "ChoiceFilter",
    "ChoicesFilter",
    "ConsoleModelAdmin",
    "ConsoleStackedInline",
    "ConsoleTabularInline",
    "DayInput",
    "DayRangeFilter",
    "DialogForm",
    "FieldFilter",
    "LookupFilter",
    "MomentInput",
    "ReasonDialog",
    "ReasonForm",
    "ScopedFilter",
    "ScopedMultipleFilter",
    "ScopedSearchFilter",
    "ValuesFilter",
    "YesNoFilter",
    "badge",
    "console_action",
    "console_bulk_action",
    "console_page",
    "is_key",
    "note_made",
    "pick_one",
    "pick_several",
    "shown_to",
]
