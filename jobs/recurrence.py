"""Repeating rules: a list of plain dictionaries, what they say in words, and the dates they give. No database.

A series has one to three rules; its dates are those of all of them together. Each rule is one of

    {"kind": "day", "every": 3}                          every third day
    {"kind": "weekday"}                                  Monday to Friday
    {"kind": "week", "every": 2, "on": ["mo", "th"]}     every other week on Monday and Thursday
    {"kind": "month", "every": 1, "day": 31}             on day 31, or the last one of a shorter month; -1: the last

Every N days and weeks are counted from the first day of the series. Source: PRODUCT.md section 5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from dateutil import rrule
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.excerpts import excerpt

Rule = dict[str, Any]
MAX_RULES = 3
MAX_EVERY = 366
DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
KINDS: dict[str, str | Promise] = {
    "day": gettext_lazy("every day, or every few days"),
    "weekday": gettext_lazy("on weekdays, Monday to Friday"),
    "week": gettext_lazy("on certain days of the week"),
    "month": gettext_lazy("on a day of the month"),
}
_FACTS = {"day": {"every"}, "weekday": set(), "week": {"every", "on"}, "month": {"every", "day"}}


def clean_rules(raw: object) -> list[Rule]:
    """The rules in their plain form. Raises ValidationError with a sentence that says what is wrong."""
    if not isinstance(raw, list) or not raw:
        raise ValidationError(_("Say how often it repeats."))
    if len(raw) > MAX_RULES:
        raise ValidationError(_("A series has %d rules at most.") % MAX_RULES)
    rules = [_clean_rule(rule) for rule in raw]
    return [rule for number, rule in enumerate(rules) if rule not in rules[:number]]


def _clean_rule(raw: object) -> Rule:
    if not isinstance(raw, dict) or raw.get("kind") not in KINDS:
        raise ValidationError(_("A rule is one of: %s.") % ", ".join(KINDS))
    kind = raw["kind"]
    if unknown := set(raw) - {"kind"} - _FACTS[kind]:
        raise ValidationError(_("A rule of that kind has no “%s”.") % excerpt(min(map(str, unknown))))
    rule: Rule = {"kind": kind}
    if "every" in _FACTS[kind]:
        every = raw.get("every", 1)
        if not isinstance(every, int) or isinstance(every, bool) or not 1 <= every <= MAX_EVERY:
            raise ValidationError(_("“Every” is a whole number from 1 to %d.") % MAX_EVERY)
        rule["every"] = every
    if kind == "week":
        on = raw.get("on")
        if not isinstance(on, list) or not on or any(day not in DAYS for day in on):
            raise ValidationError(_("Tick at least one day of the week."))
        rule["on"] = [day for day in DAYS if day in on]
    if kind == "month":
        day = raw.get("day")
        if not isinstance(day, int) or isinstance(day, bool) or not (1 <= day <= 31 or day == -1):
            raise ValidationError(_("Choose a day of the month, 1 to 31 or the last."))
        rule["day"] = day
    return rule


def _as_rrule(rule: Rule, first: date) -> rrule.rrule:
    common: dict[str, Any] = {"dtstart": datetime.combine(first, time.min), "wkst": rrule.MO}
    match rule["kind"]:
        case "day":
            return rrule.rrule(rrule.DAILY, interval=rule["every"], **common)
        case "weekday":
            return rrule.rrule(rrule.WEEKLY, byweekday=range(5), **common)
        case "week":
            days = [DAYS.index(day) for day in rule["on"]]
            return rrule.rrule(rrule.WEEKLY, interval=rule["every"], byweekday=days, **common)
    day = rule["day"]
    # Of the days up to the one asked for, the last that the month has.
    days = [day] if day <= 28 else list(range(28, day + 1))
    return rrule.rrule(rrule.MONTHLY, interval=rule["every"], bymonthday=days, bysetpos=-1, **common)


def dates_of(
    rules: Sequence[Rule], first: date, *, last: date | None = None, count: int | None = None
) -> Iterator[date]:
    """Every date the rules give, in order and each once: from ``first`` on, up to ``last``, ``count`` at most."""
    together = rrule.rruleset()
    for rule in rules:
        together.rrule(_as_rrule(rule, first))
    for moment in islice(together, count):
        day = moment.date()
        if last is not None and day > last:
            return
        yield day


def rules_in_words(rules: Sequence[Rule]) -> str:
    """The rules as one sentence without its full stop: “Every 2 weeks on Monday and Thursday”."""
    said = [_rule_in_words(rule) for rule in rules]
    sentence = _(", and ").join(said)
    return sentence[:1].upper() + sentence[1:]


def _rule_in_words(rule: Rule) -> str:
    every = rule.get("every", 1)
    match rule["kind"]:
        case "day":
            return _("every day") if every == 1 else _("every %d days") % every
        case "weekday":
            return _("every weekday, Monday to Friday")
        case "week":
            names = [str(WEEKDAYS[DAYS.index(day)]) for day in rule["on"]]
            days = names[0] if len(names) == 1 else _("%s and %s") % (", ".join(names[:-1]), names[-1])
            if every == 1:
                return _("every %s") % days
            if every == 2:
                return _("every other week on %s") % days
            return _("every %(every)d weeks on %(days)s") % {"every": every, "days": days}
    day = _("the last day") if rule["day"] == -1 else _("day %d") % rule["day"]
    if every == 1:
        return _("on %s of every month") % day
    return _("on %(day)s of every %(every)d months") % {"day": day, "every": every}
