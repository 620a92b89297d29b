"""Inputs spoilt at random, the same ones for the same seed: cells, lines and bytes of text."""

import csv
import io
import random
import re

NASTY = (
    "", " ", "0", "-1", "1e18", "-1e308", "1e400", "nan", "inf", "NaN", "n/a", "..", "1_000",
    "0,5", "1.203,5", "50%", "$5", "9" * 400, "1e-320", "٣", "true", "null", "AAA", "ZZZ", "all",
    "[/x]", "=1+1", "a\x1b[31m", "\ufffe", "\u00a0", "x" * 6_000, "a;b", "a;a", ";", "3015",
    "0000", "2012-02-30", "2099-12-31", "1850", '"', "'", "\\", "{}", "[1, 2]", "&a", "é", "中",
)  # fmt: skip
"""What people, programs and enemies write into a cell."""

YAML_SCALARS = (
    "", "~", "null", "true", "NO", "-1", "0", "1e999", ".nan", "-.inf", "1:30", "0x1F", "007",
    "2026Q9", "2026-02-30", "[]", "{}", "[[]]", "{a: {b: c}}", "&x [*x]", "*nobody", "!!str 5",
    "'", '"', "|", ">", "%", "@", "`", "? x", "- y", "<<: {}", "\t", "\u2028", "\x85", "'\ud7ff'",
    "9" * 5000, "1e-400", "..", "---", "...", "#", "extends: question.yaml", "*", "all",
    '"\\U00110000"', "%YAML 9.9", "{? : }", "[,]", "\ufeff", "2026Q1", "PAK", "fixed",
)  # fmt: skip
"""What YAML reads as something else than it looks, or not at all."""


def spoilt_table(text: str, dice: random.Random) -> str:
    """A table of comma-separated values with one to three things wrong."""
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        _SPOIL[dice.randrange(len(_SPOIL))](rows, dice)
        rows = rows or [[""]]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return spoilt_text(out.getvalue(), dice) if dice.random() < 0.1 else out.getvalue()


def spoilt_text(text: str, dice: random.Random) -> str:
    """A text with a character, a word or a line put in, left out or put elsewhere."""
    place = dice.randrange(len(text) + 1)
    route = dice.randrange(5)
    if route == 0:
        return text[:place] + text[place + dice.randrange(1, 9) :]
    if route == 1:
        return text[:place] + dice.choice(NASTY)[:60] + text[place:]
    lines = text.split("\n")
    k = dice.randrange(len(lines))
    if route == 2:
        lines.insert(k, lines[dice.randrange(len(lines))])
    elif route == 3:
        del lines[k]
    else:
        lines[k] = f"{' ' * dice.randrange(4)}{lines[k].strip()}"
    return "\n".join(lines)


def spoilt_scenario(text: str, dice: random.Random) -> str:
    """A scenario with one to three values changed, or its text spoilt."""
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        if dice.random() < 0.4:
            text = spoilt_text(text, dice)
            continue
        places = [match.span() for match in _VALUE.finditer(text)]
        if not places:
            return text
        first, last = dice.choice(places)
        text = text[:first] + _other_value(text[first:last], dice) + text[last:]
    return text


_VALUE = re.compile(r"(?<=[:\[,{ ])[A-Za-z0-9_.+-]+(?=[,\]}\n])")


def _other_value(value: str, dice: random.Random) -> str:
    """Another value in the place of one: a slip of its kind, or something nasty."""
    if dice.random() < 0.3:
        return dice.choice((*NASTY, *YAML_SCALARS))[:60]
    if (date := _redated(value, dice)) is not None:
        return date
    number = _scaled(value, dice)
    return number if number is not None else dice.choice((*NASTY, *YAML_SCALARS))[:60]


def _redated(value: str, dice: random.Random) -> str | None:
    """A date or quarter with another year: digits exchanged, lost, or years away."""
    if not re.fullmatch(r"[0-9]{4}(Q[1-4]|(-[0-9]{2}){0,2})", value) or int(value[:4]) <= 1800:
        return None
    year = int(value[:4])
    other = dice.choice((year + 1000, year - 100, year + 10, year - 10, year + 1, year - 1,
                         year + 100, year - 1800, year - 30, 1900, 2199))  # fmt: skip
    return f"{other:04d}{value[4:]}"


def _cell(rows, dice):
    row = dice.choice(rows)
    if row:
        row[dice.randrange(len(row))] = dice.choice(NASTY)


def _number(rows, dice):
    places = [(i, j) for i, row in enumerate(rows) for j, cell in enumerate(row)
              if _scaled(cell, dice) is not None]  # fmt: skip
    if places:
        i, j = dice.choice(places)
        rows[i][j] = str(_scaled(rows[i][j], dice))


def _date(rows, dice):
    places = [(i, j) for i, row in enumerate(rows) for j, cell in enumerate(row)
              if _redated(cell, dice) is not None]  # fmt: skip
    if places:
        i, j = dice.choice(places)
        rows[i][j] = str(_redated(rows[i][j], dice))


def _scaled(cell: str, dice: random.Random) -> str | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return f"{value * dice.choice((-1, 0, 1e-6, 1e-3, 0.01, 0.5, 2, 10, 100, 1e3, 1e6, 1e12)):.12g}"


def _leave_out(rows, dice):
    del rows[dice.randrange(len(rows))]


def _twice(rows, dice):
    rows.insert(dice.randrange(len(rows) + 1), list(dice.choice(rows)))


def _column(rows, dice):
    k = dice.randrange(max(len(rows[0]), 1))
    route = dice.randrange(3)
    for row in rows:
        if k < len(row):
            if route == 0:
                del row[k]
            elif route == 1:
                row.insert(k, row[k])
            else:
                row.append(row.pop(k))


def _exchange(rows, dice):
    one, other = dice.choice(rows), dice.choice(rows)
    if one and other:
        i, j = dice.randrange(len(one)), dice.randrange(len(other))
        one[i], other[j] = other[j], one[i]


_SPOIL = (_cell, _cell, _cell, _number, _number, _date, _leave_out, _twice, _column, _exchange)
