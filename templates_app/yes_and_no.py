"""Yes and no as people, spreadsheets and databases write them, in English and German: the one list of spellings."""

from __future__ import annotations

YES = frozenset(
    {
        "1", "1.0", "1,0", "-1", "true", "t", "yes", "y", "yep", "on", "x", "[x]", "checked", "active", "enabled",
        "correct", "ok", "wahr", "ja", "j", "jawohl", "an", "ein", "aktiv", "aktiviert", "angekreuzt", "richtig",
        "zutreffend", "✓", "✔", "☑", "☒", "✅",
    }
)  # fmt: skip
NO = frozenset(
    {
        "", "0", "0.0", "0,0", "false", "f", "no", "n", "nope", "off", "-", "--", "–", "—", "[]", "[ ]", "unchecked",
        "inactive", "disabled", "incorrect", "none", "falsch", "nein", "aus", "inaktiv", "deaktiviert", "kein", "keine",
        "nicht", "✗", "✘", "✕", "☐", "❌",
    }
)  # fmt: skip


def yes_or_no(text: str) -> bool | None:
    """What a word says; None when it is neither."""
    word = text.strip().casefold().rstrip(".!")
    return True if word in YES else False if word in NO else None
