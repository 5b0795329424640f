#!/usr/bin/env bash
# One crontab line, three plans: "0 6 1 * 1" in croniter, Celery and APScheduler
#
# Packages:  croniter 7.0.0, celery 5.7.0, APScheduler 3.11.3
# Expected:  61 runs in 2027: on the 1st of a month AND on every Monday. POSIX, crontab, "EXTENDED DESCRIPTION": if both
#            the day of the month and the day of the week are given, a day that matches either is meant; weekday 0 is
#            Sunday, 1 is Monday. Both Celery and APScheduler call their readers after crontab (crontab.from_string,
#            CronTrigger.from_crontab).
# Happens:   croniter does that. Celery runs on Mondays that are the 1st (3 days of 2027). APScheduler also wants both,
#            and counts the weekday from Monday = 0, so it runs on Tuesdays that are the 1st (1 day). Nothing is raised.
# Means:     a plan moved from the system's crontab to either scheduler goes from weekly to a few times a year, or to
#            another weekday: routes that are not planned, invoices that are not written. Write weekdays as names, one
#            line for each of the two fields, and print the next five runs beside a plan that somebody types in.
# Portico:   its Celery plans name hours and minutes only; work that repeats has rules of its own in words
#            (jobs/recurrence.py), never a crontab line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -qq --disable-pip-version-check croniter==7.0.0 celery==5.7.0 APScheduler==3.11.3 tzdata==2026.6

"$work/venv/bin/python" - <<'PY'
import sys
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from itertools import takewhile

from apscheduler.triggers.cron import CronTrigger
from celery import Celery
from celery.schedules import crontab
from croniter import croniter

LINE = "0 6 1 * 1"
START = datetime(2026, 12, 31, 23, tzinfo=timezone.utc)
END = datetime(2028, 1, 1, tzinfo=timezone.utc)


def by_croniter():
    runs = croniter(LINE, START)
    while True:
        yield runs.get_next(datetime)


def by_celery():
    app = Celery(set_as_current=False)
    app.conf.timezone = "UTC"
    now = START
    while True:
        plan = crontab.from_string(LINE)
        plan.app, plan.nowfun = app, lambda: now
        now += plan.remaining_estimate(now)
        yield now


def by_apscheduler():
    plan = CronTrigger.from_crontab(LINE, timezone=timezone.utc)
    last, now = None, START
    while True:
        last = plan.get_next_fire_time(last, now)
        now = last + timedelta(seconds=1)
        yield last


def runs(plan):
    return list(takewhile(lambda moment: moment < END, plan))


print(f"croniter {version('croniter')}, celery {version('celery')}, APScheduler {version('APScheduler')}")
print(f'The line "{LINE}", runs in 2027. Expected by POSIX: 61, every Monday and every 1st.')
seen = {}
for name, plan in (("croniter", by_croniter()), ("Celery", by_celery()), ("APScheduler", by_apscheduler())):
    days = runs(plan)
    seen[name] = (len(days), days[-1].strftime("%A"))
    print(f"  {name:12} {len(days):3} runs: " + ", ".join(day.strftime("%a %d %b") for day in days[:4]))

if seen != {"croniter": (61, "Monday"), "Celery": (3, "Monday"), "APScheduler": (1, "Tuesday")}:
    sys.exit("This has changed: read the finding again.")
PY
