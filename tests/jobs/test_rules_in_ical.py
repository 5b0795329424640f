"""What iCalendar can say of a series: also "the last of the month", and "the 30th, or the last of a shorter month".

Source: RFC 5545, 3.3.10 (BYMONTHDAY, BYSETPOS), read by python-dateutil. See docs/decisions/0021-series.md.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from dateutil.rrule import rrulestr

from jobs.recurrence import dates_of

FIRST = date(2026, 11, 23)
LAST = FIRST + timedelta(days=4 * 366)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ({"kind": "day", "every": 3}, "FREQ=DAILY;INTERVAL=3"),
        ({"kind": "weekday"}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ({"kind": "week", "every": 2, "on": ["mo", "th"]}, "FREQ=WEEKLY;INTERVAL=2;WKST=MO;BYDAY=MO,TH"),
        ({"kind": "month", "every": 1, "day": 15}, "FREQ=MONTHLY;BYMONTHDAY=15"),
        ({"kind": "month", "every": 1, "day": -1}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ({"kind": "month", "every": 2, "day": -1}, "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1"),
        ({"kind": "month", "every": 1, "day": 29}, "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1"),
        ({"kind": "month", "every": 1, "day": 30}, "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
        ({"kind": "month", "every": 1, "day": 31}, "FREQ=MONTHLY;BYMONTHDAY=28,29,30,31;BYSETPOS=-1"),
        ({"kind": "month", "every": 1, "day": 31}, "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ],
)
def test_each_rule_has_a_text_that_gives_the_same_days(rule, text):
    read = rrulestr(text, dtstart=datetime.combine(FIRST, time.min))
    end = datetime.combine(LAST, time.min)
    assert list(dates_of([rule], FIRST, last=LAST)) == [moment.date() for moment in read.between(
        datetime.combine(FIRST, time.min), end, inc=True
    )]  # fmt: skip
