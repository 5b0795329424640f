"""How answers are written: moments to the microsecond, as they are kept, and numbers as people write them.

Django's encoder cuts a moment to milliseconds: a program that asks for "from the last moment I have" would get that
record again, and one that asks "until" it would lose it. ``Decimal("1E+2")`` it writes as 1E+2 (both seen with
Django 5.2 and django-ninja 1.7).
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder


class AnswerEncoder(NinjaJSONEncoder):
    """The values of an answer as JSON."""

    def default(self, o: Any) -> Any:
        if isinstance(o, datetime):
            written = o.isoformat()
            return f"{written[:-6]}Z" if written.endswith("+00:00") else written
        if isinstance(o, Decimal):
            return format(o, "f")
        return super().default(o)


class AnswerRenderer(JSONRenderer):
    """Writes an answer so."""

    encoder_class = AnswerEncoder
