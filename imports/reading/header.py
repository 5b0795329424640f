"""Where the names of the columns stand, what they are, and where the table ends."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from audit.expressions import Expression
from imports.reading.shape import MAX_COLUMNS, MOST_HEADER_LINES, Recognise, Row, is_blank

# Rows from the top in which the names may stand, when they are looked for by what they say.
ROWS_FOR_NAMES = 25
# Between the lines of a name that stands in several.
LINE_BREAK = " / "
LONGEST_NAME = 120
# The last rows of a file that are looked at for notes and sums.
LAST_ROWS = 60
_DIGITS = Expression(r"[0-9]+", longest=200)
_LETTERS = Expression(r"[^\W\d_]+", longest=200)
# How a row begins that sums up those above it.
TOTALS = frozenset(
    "total totals subtotal sum sums grandtotal gesamt summe gesamtsumme zwischensumme endsumme insgesamt "
    "gesamtbetrag somme totaal totale suma celkem Σ ∑".casefold().split()
)
# Words that may stand behind it; with any other it is somebody's name.
_WITH_TOTALS = frozenset(
    [
        "net",
        "netto",
        "gross",
        "brutto",
        "amount",
        "betrag",
        "jobs",
        "orders",
        "rows",
        "hours",
        "stunden",
        "eur",
        "usd",
        "gbp",
        "chf",
        "of",
    ]
)
_WORD = Expression(r"[^\W\d_]+|[Σ∑]", longest=200)


@dataclass(frozen=True)
class HeaderNames:
    """Where the names of the columns stand: the last of ``lines`` rows; row 0 for nowhere."""

    row: int
    lines: int = 1


@dataclass
class Body:
    """What the rows of a table look like. ``digits``: columns whose cells hold digits, as a rule. ``shapes``: what is
    seen in each column, digits as 9 and letters as a. ``usual``: how many cells of a row are filled, as a rule.
    ``always``: columns that nearly every row fills; ``rows``: how many there are."""

    digits: set[int] = field(default_factory=set)
    shapes: dict[int, set[str]] = field(default_factory=dict)
    usual: int = 0
    always: set[int] = field(default_factory=set)
    rows: int = 0

    def knows(self, place: int, cell: str) -> bool:
        """Has the column cells of that shape, with digits in it?"""
        shape = shape_of(cell)
        return "9" in shape and shape in self.shapes.get(place, ())


def shape_of(cell: str) -> str:
    """A cell with its digits as 9 and its words as a: A-1001 is a-9."""
    return _LETTERS.sub("a", _DIGITS.sub("9", cell.strip()[:60]))


def body_of(rows: Iterable[Row]) -> Body:
    """What these rows look like; titles and names among them change little."""
    body = Body()
    filled: Counter[int] = Counter()
    with_digit: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    for _number, cells in rows:
        count = 0
        for place, cell in enumerate(cells):
            if not cell or not cell.strip():
                continue
            count += 1
            filled[place] += 1
            shape = shape_of(cell)
            with_digit[place] += "9" in shape
            body.shapes.setdefault(place, set()).add(shape)
        if count:
            counts[count] += 1
    body.digits = {place for place, count in filled.items() if with_digit[place] >= 0.7 * count}
    body.rows = sum(counts.values())
    body.always = {place for place, count in filled.items() if count >= 0.8 * body.rows}
    if counts:
        body.usual = max(counts.items(), key=lambda item: (item[1], item[0]))[0]
    return body


def header_row_of(rows: Sequence[Row]) -> int:
    """The first row as full as most are; above it stand titles and notes."""
    filled = [(number, sum(1 for cell in cells if cell.strip())) for number, cells in rows]
    usual = Counter(count for _number, count in filled if count).most_common()
    most = max((count for count, times in usual if times >= max(1, usual[0][1] // 3)), default=1)
    return next((number for number, count in filled if count >= max(1, most * 0.6)), 1)


def find_names(rows: Sequence[Row], recognise: Recognise | None) -> HeaderNames:
    """Where the names stand: where most of them are known, else where the rows begin to look like a table."""
    there = [(number, cells) for number, cells in rows if not is_blank(cells)]
    known, found = _where_known(there[:ROWS_FOR_NAMES], recognise)
    first = found or HeaderNames(header_row_of(rows))
    place = next((index for index, row in enumerate(there) if row[0] == first.row), 0)
    below = there[place + 1 :]
    if not known:
        body = body_of(below[1:] or below)
        if _is_data(there[place][1] if there else [], body, alone=not below):
            return HeaderNames(0)
    return _with_lines_below(first, below, known)


def _where_known(there: Sequence[Row], recognise: Recognise | None) -> tuple[int, HeaderNames | None]:
    """How many names are known at best, and where; (0, None) if that says nothing."""
    if recognise is None:
        return 0, None
    best, where = 0, None
    for index, (number, _cells) in enumerate(there):
        single = 0
        for lines in range(1, MOST_HEADER_LINES + 1):
            block = there[index : index + lines]
            if len(block) < lines or block[-1][0] - number != lines - 1 or (_is_title(block[0][1]) and lines > 1):
                break
            count = _known_names(names_in([cells for _number, cells in block]), recognise)
            single = max(single, _known_names(block[-1][1], recognise))
            if count > best and (lines == 1 or count > single):
                best, where = count, HeaderNames(block[-1][0], lines)
    width = max((sum(1 for cell in cells if cell.strip()) for _number, cells in there), default=0)
    return (best, where) if best >= 2 or (best and width <= 2) else (best, None)


def _known_names(names: Iterable[str], recognise: Recognise) -> int:
    return len({" ".join(name.casefold().split()) for name in names if name.strip() and recognise(name)})


def recognised_in(rows: Sequence[Row], recognise: Recognise | None) -> int:
    """How many names of columns are known in the row, or the rows, where most of them are."""
    return _where_known([(number, cells) for number, cells in rows if not is_blank(cells)], recognise)[0]


def _is_title(cells: Sequence[str]) -> bool:
    return sum(1 for cell in cells if cell.strip()) < 2


def _is_data(cells: Sequence[str], body: Body, *, alone: bool) -> bool:
    """Does the row that stands where the names are looked for look like those below it?"""
    if alone:
        return sum(1 for cell in cells if any(sign.isdigit() for sign in cell)) > 1
    filled = [place for place in sorted(body.digits) if place < len(cells) and cells[place].strip()]
    return bool(filled) and all(body.knows(place, cells[place]) for place in filled)


def _with_lines_below(names: HeaderNames, below: Sequence[Row], known: int) -> HeaderNames:
    """The lines under the names that belong to them: units, and second halves of names. They hold words where the
    table holds numbers."""
    row, lines = names.row, names.lines
    while lines < MOST_HEADER_LINES and len(below) > 2 and below[0][0] == row + 1:
        body = body_of(below[1:])
        cells = below[0][1]
        filled = [place for place in body.digits if place < len(cells) and cells[place].strip()]
        words = not any(sign.isdigit() for cell in cells for sign in cell)
        if len(body.digits) < 2 or len(filled) < 2 or not words or any("@" in cell for cell in cells):
            break
        row, lines, below = row + 1, lines + 1, below[1:]
    return HeaderNames(row, lines)


def names_in(lines: Sequence[Sequence[str]], merged: Sequence[tuple[int, int, int]] = ()) -> list[str]:
    """The names that stand in these lines, one under the other. ``merged``: (line, first place, last place) of a name
    that stands over several columns."""
    width = max((len(cells) for cells in lines), default=0)
    full = [list(cells) + [""] * (width - len(cells)) for cells in lines]
    for above, first, last in merged:
        if above < len(full) - 1 and first < width:
            for place in range(first + 1, min(last + 1, width)):
                full[above][place] = full[above][place] or full[above][first]
    names = _joined(full)
    given = [name.casefold() for name in names if name]
    if len(full) > 1 and not merged and len(set(given)) < len(given):
        # The same names again: those above them are of groups, and stand over the first of their columns.
        for line in full[:-1]:
            for place in range(1, width):
                if not line[place].strip() and full[-1][place].strip():
                    line[place] = line[place - 1]
        names = _joined(full)
    return names


def _joined(lines: Sequence[Sequence[str]]) -> list[str]:
    names = []
    for parts in zip(*lines, strict=True):
        said = list(dict.fromkeys(part for part in (" ".join(one.split()) for one in parts) if part))
        names.append(LINE_BREAK.join(said))
    return names


def header_of(
    rows: Sequence[Row], names: HeaderNames, merged: Sequence[tuple[int, int, int, int]] = (), *, trimmed: bool = False
) -> list[str]:
    """The names of the columns, each different from the others, blank ones named after their letter.

    ``merged``: areas of merged cells. ``trimmed``: rows end with their last filled cell, so that columns right of the
    last name are columns too.
    """
    first = names.row - names.lines + 1
    lines = [cells for number, cells in rows if names.row and first <= number <= names.row]
    over = [(top - first, left - 1, right - 1) for top, left, _bottom, right in merged if right > left and top >= first]
    given = names_in(lines, [area for area in over if area[0] < names.lines])
    below = [cells for number, cells in rows if number > names.row and not is_blank(cells)]
    widest = max((len(cells) for cells in below), default=0)
    width = widest if names.row == 0 or (trimmed and widest > len(given)) else len(given)
    header: list[str] = []
    taken: set[str] = set()
    copies: Counter[str] = Counter()
    for index in range(min(width, MAX_COLUMNS * 50)):
        said = (given[index] if index < len(given) else "").replace("\x00", "").strip()[:LONGEST_NAME]
        name = base = said or _("Column %s") % letter_of(index)
        while name.casefold() in taken:
            copies[base.casefold()] += 1
            name = f"{base} ({copies[base.casefold()] + 1})"
        taken.add(name.casefold())
        header.append(name)
    while len(header) > 1 and names.row and not (given[len(header) - 1 : len(header)] or [""])[0].strip():
        if any(len(cells) >= len(header) and cells[len(header) - 1].strip() for cells in below):
            break
        header.pop()
    return header


def width_of(rows: Sequence[Row], names: HeaderNames, header: Sequence[str]) -> int:
    """How many cells a row of a text file has that is as wide as its header.

    As many as there are names, or blank ones behind them; one more where every row ends with a delimiter.
    """
    first = names.row - names.lines + 1
    named = max((len(cells) for number, cells in rows if first <= number <= names.row), default=0)
    widths = Counter(len(cells) for number, cells in rows if number > names.row and not is_blank(cells))
    if not widths:
        return max(named, len(header))
    width, count = widths.most_common(1)[0]
    surplus = [cells[named:] for number, cells in rows if number > names.row and len(cells) == width > named]
    if count >= max(3, 0.8 * sum(widths.values())) and all(map(is_blank, surplus)):
        return max(named, width)
    return max(named, len(header))


@dataclass
class End:
    """Where the table ends before its file does: its last row, and what stands below ("notes" or "table")."""

    row: int = 0
    below: str = ""


def end_of_table(
    rows: Iterable[Row], sample: Sequence[Row], header: Sequence[str], recognise: Recognise | None = None
) -> End:
    """Looks for notes, sums and a second table below these rows; those of ``sample`` show how they look.

    Goes through the rows once and remembers the last few.
    """
    body = body_of(_up_to_gap(sample))
    if body.usual < 2 or body.rows < 2:
        return End()
    last: deque[Row] = deque(maxlen=LAST_ROWS)
    after_gap, end = False, 0
    expected = 0
    for number, cells in rows:
        if is_blank(cells):
            after_gap = True
            continue
        after_gap = after_gap or (bool(expected) and number > expected)
        expected = number + 1
        if after_gap and end and _begins_another_table(cells, header, body, recognise):
            return End(end, "table")
        last.append((number, cells))
        if not _is_note(cells, body) and not is_total(cells, body):
            end, after_gap = number, False
    return End(end, "notes") if end and last and last[-1][0] != end else End()


def _up_to_gap(rows: Sequence[Row]) -> Sequence[Row]:
    """The rows above the first blank one, if they are enough to show how a table looks."""
    for place, (number, cells) in enumerate(rows):
        if is_blank(cells) or (place and number > rows[place - 1][0] + 1):
            return rows[:place] if place > 1 else rows
    return rows


def _begins_another_table(cells: Sequence[str], header: Sequence[str], body: Body, recognise: Recognise | None) -> bool:
    filled = {place: cell for place, cell in enumerate(cells) if cell.strip()}
    if len(filled) < 2 or repeats_names(cells, header):
        return False
    if any(sign.isdigit() for cell in filled.values() for sign in cell):
        return False
    return bool(body.digits & filled.keys()) or (recognise is not None and _known_names(cells, recognise) > 1)


def repeats_names(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Are these the names of the columns once more, as on the next page of a list that was printed?"""
    said = [" ".join(cell.split()) for cell in cells[: len(header)]]
    return len(said) > 1 and said[0] == header[0] and said == list(header[: len(said)]) and len(said) == len(header)


def _is_note(cells: Sequence[str], body: Body) -> bool:
    """A single cell where others are filled, and not one of its column."""
    filled = [(place, cell) for place, cell in enumerate(cells) if cell.strip()]
    return len(filled) == 1 and body.usual > 2 and not body.knows(*filled[0])


def is_total(cells: Sequence[str], body: Body) -> bool:
    """A row that sums up those above it: it begins with a word for it, or has nothing but numbers at its end."""
    filled = [(place, cell) for place, cell in enumerate(cells) if cell.strip()]
    if not filled or len(filled) >= body.usual:
        return False
    if says_total(filled[0][1]):
        return True
    if body.rows < 4 or 0 not in body.always or filled[0][0] == 0 or 2 * len(filled) > body.usual:
        return False
    return all(not shape_of(cell).strip("9.,-€$£ a") and body.knows(place, cell) for place, cell in filled)


def says_total(cell: str) -> bool:
    """Does it begin with a word for a sum?"""
    words = [found[0].casefold() for found in _WORD.finditer(cell[:200])]
    if words[:1] == ["grand"] or words[:1] == ["sub"]:
        del words[0]
    return bool(words) and words[0] in TOTALS and _WITH_TOTALS.issuperset(words[1:])


def letter_of(index: int) -> str:
    """The name a spreadsheet gives the column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
