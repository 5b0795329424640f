"""How German pages write dates and times. What is not here, Django knows: commas, points, the first day of the week."""

DATE_FORMAT = "j. F Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j. M Y, H:i"
SHORT_DATE_FORMAT = "d.m.Y"
SHORT_DATETIME_FORMAT = "d.m.Y, H:i"
MONTH_DAY_FORMAT = "j. F"
YEAR_MONTH_FORMAT = "F Y"
DATE_INPUT_FORMATS = ["%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d. %B %Y", "%d. %b %Y"]
TIME_INPUT_FORMATS = ["%H:%M:%S", "%H:%M", "%H:%M:%S.%f"]
DATETIME_INPUT_FORMATS = [
    f"{date}{gap}{time}"
    for date in DATE_INPUT_FORMATS
    for gap, time in ((" ", "%H:%M:%S"), (" ", "%H:%M"), (", ", "%H:%M"), ("T", "%H:%M"), (" ", "%H:%M:%S.%f"))
]

# Pages ask for days and hours by the pattern that English writes them in ("D j M, H:i"). Django looks each pattern up
# here by its name before it takes it as it is: as a sentence is looked up in the catalogue.
globals().update(
    {
        f"{weekday}{gap}j {month}{year}{time}": f"{weekday}{', ' if weekday else ''}j. {month}{year}{time}"
        for weekday, gap in (("", ""), ("D", " "), ("D", ", "), ("l", " "), ("l", ", "))
        for month in ("M", "F")
        for year in ("", " Y")
        for time in ("", ", H:i", ", H:i:s", " H:i")
    }
)
