"""How English pages write dates and times: so that nobody on either side of an ocean takes the day for the month."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y, H:i"
MONTH_DAY_FORMAT = "j F"
YEAR_MONTH_FORMAT = "F Y"
FIRST_DAY_OF_WEEK = 1
# No slashes: 3/4 is March here and April there.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d %b %Y", "%d %B %Y", "%d.%m.%Y"]
DATETIME_INPUT_FORMATS = [
    f"{date}{gap}{time}"
    for date in DATE_INPUT_FORMATS
    for gap, time in ((" ", "%H:%M:%S"), (" ", "%H:%M"), (", ", "%H:%M"), ("T", "%H:%M"), (" ", "%H:%M:%S.%f"))
]
TIME_INPUT_FORMATS = ["%H:%M:%S", "%H:%M", "%H:%M:%S.%f"]
