"""The bases of every page in the console: scoped rows, actions that ask first, history one can read.

``ConsoleModelAdmin`` and the console inlines are the only bases an admin class may have, ``console_action`` the only
way to make a button, ``console_bulk_action`` the only way to do something to many rows (tests/architecture hold it).
Why: docs/decisions/0004-console-actions.md.
"""

from permissions.console.buttons import console_action
from permissions.console.filters import (
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
from permissions.console.forms import DayInput, DialogForm, MomentInput, ReasonDialog, badge, pick_one, pick_several
from permissions.console.own_pages import console_page
from permissions.console.pages import ConsoleModelAdmin, ConsoleStackedInline, ConsoleTabularInline
from permissions.console.scoped import shown_to
from permissions.console.ticked_rows import console_bulk_action
from permissions.keys import is_key

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
    "pick_one",
    "pick_several",
    "shown_to",
]
