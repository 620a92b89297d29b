"""A quarter of a year that counts like a whole number and prints like ``2026Q1``."""

from sim.laws.numerics.calendar import format_quarter, parse_quarter


class Quarter(int):
    """Quarter index ``4 * year + (q - 1)`` with a text form.

    Arithmetic gives plain whole numbers, so durations stay durations.

    Examples
    --------
    >>> start = Quarter.parse("2022Q4")
    >>> print(start, start + 0 == 4 * 2022 + 3)
    2022Q4 True
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """Quarter written as ``2026Q1``; ValueError if it is not."""
        return cls(parse_quarter(text))

    def __str__(self) -> str:
        return format_quarter(self)

    def __repr__(self) -> str:
        return f"Quarter({format_quarter(self)!r})"
