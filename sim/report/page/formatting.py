"""Numbers and lists as a reader wants them: rounded to what is known, with their units."""

from collections.abc import Callable, Sequence
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

from sim.laws.numerics.calendar import year_to as year_to
from sim.laws.numerics.number_format import MINUS as MINUS
from sim.laws.numerics.number_format import money, to_places
from sim.laws.numerics.number_format import rounded as rounded
from sim.laws.numerics.number_format import two_digits as two_digits

if TYPE_CHECKING:
    from sim.scenario.blocks.agreements import AnyTimeline

FINEST_MUSD = 1e-3
"""No sum is written more finely than this: a thousand USD [musd]."""
MIN_MUSD = FINEST_MUSD / 2
"""Sums below this are written as nothing [musd]."""
NOISE = 1e-6
"""Changes below this are written as nothing: a dollar, or what a search for prices leaves."""
MIN_PER_CENT = 5e-4
"""Shares below this are written as nothing [%]."""
NARROW = "\N{NO-BREAK SPACE}"
COMMON_NOUNS = frozenset(
    [
        "Union",
        "Community",
        "Emirates",
        "States",
        "Republic",
        "Kingdom",
        "Federation",
        "Islands",
        "Countries",
    ]
)
"""Last words of names of regions that stand with an article."""


def musd(value: float) -> str:
    """Million USD: three digits, no decimals from ten up, and to the thousand USD at most.

    Examples
    --------
    >>> musd(412.4), musd(65.3), musd(7.21), musd(12_345.0), musd(0.00124), musd(1e-30)
    ('412', '65', '7.2', '12,300', '0.001', '0')
    >>> musd(3805.12)
    '3,810'
    """
    if abs(value) < MIN_MUSD:
        return "0"
    if abs(value) >= 10:
        return _without_decimals(value)
    return rounded(_to_the_thousand(value), 2)


def signed(value: float, digits: int = 2) -> str:
    """Change with its sign.

    Examples
    --------
    >>> signed(0.0381), signed(-12.3), signed(9.0), signed(-3e-12)
    ('+0.038', '−12', '+9.0', '0')
    """
    if abs(value) < NOISE:
        return "0"
    text = rounded(value, digits, keep_zeros=True)
    return f"+{text}" if value > 0 and text != "0" else text


def signed_musd(value: float) -> str:
    """Change in million USD with its sign, to the thousand USD at most.

    Examples
    --------
    >>> signed_musd(0.0381), signed_musd(-12.3), signed_musd(-0.00124), signed_musd(1e-5)
    ('+0.038', '−12', '−0.001', '0')
    """
    if abs(value) < MIN_MUSD:
        return "0"
    if abs(value) < 10 * FINEST_MUSD:
        return signed(_to_the_thousand(value), 1)
    return signed(value)


def _to_the_thousand(value: float) -> float:
    return round(value / FINEST_MUSD) * FINEST_MUSD


def per_cent(share: float, digits: int = 2) -> str:
    r"""Share in per cent.

    Examples
    --------
    >>> per_cent(0.0812), per_cent(0.4567), per_cent(1.0), per_cent(2.9e-7)
    ('8.1\xa0%', '46\xa0%', '100\xa0%', '0\xa0%')
    """
    value = 100 * share
    if abs(value) < MIN_PER_CENT:
        return f"0{NARROW}%"
    text = _without_decimals(value) if abs(value) >= 10 else rounded(value, digits)
    return f"{text}{NARROW}%"


def _without_decimals(value: float) -> str:
    """Three digits at most and no decimals, rounded once."""
    return rounded(value, 3) if abs(value) >= 100 else to_places(value, 0)


def whole_per_cent(share: float) -> str:
    r"""Share of runs in whole per cent: their number does not tell more.

    Examples
    --------
    >>> whole_per_cent(0.0), whole_per_cent(1 / 256), whole_per_cent(0.0547)
    ('0\xa0%', 'under 1\xa0%', '5\xa0%')
    """
    some = 0.0 < share < 0.005
    return f"under 1{NARROW}%" if some else f"{100 * share:.0f}{NARROW}%"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Words as in a sentence.

    Examples
    --------
    >>> listed(["food"]), listed(["food", "metals", "other"])
    ('food', 'food, metals and other')
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def with_article(name: str) -> str:
    """A region's name as it stands within a sentence, with the article where it needs one.

    A name that ends with a common noun is used with it.

    Examples
    --------
    >>> with_article("Customs Union"), with_article("Rest of the world"), with_article("Avalon")
    ('the Customs Union', 'the rest of the world', 'Avalon')
    """
    first, _, rest = name.partition(" ")
    if rest and first.lower() == "rest":
        return f"the rest {rest}"
    return f"the {name}" if rest and name.split()[-1] in COMMON_NOUNS else name


def opening(sentence: str) -> str:
    """Words with a capital letter at the beginning.

    Examples
    --------
    >>> opening("the rest of the world"), opening("")
    ('The rest of the world', '')
    """
    return f"{sentence[:1].upper()}{sentence[1:]}"


def plural(number: int, word: str) -> str:
    """A number of things.

    Examples
    --------
    >>> plural(1, "run"), plural(3, "run")
    ('1 run', '3 runs')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def aligned(values: Sequence[float], digits: int = 3) -> list[str]:
    """Changes with the same number of decimals, so many digits in the largest.

    Examples
    --------
    >>> aligned([0.275, -0.0901, 0.0002])
    ['+0.275', '−0.090', '0.000']
    """
    largest = max((abs(value) for value in values), default=0.0)
    places = max(digits - 1 - floor(log10(largest)), 0) if largest > 0 else 0
    texts = []
    for value in values:
        text = f"{abs(value):,.{places}f}"
        sign = "" if float(text.replace(",", "")) == 0 else "+" if value > 0 else MINUS
        texts.append(sign + text)
    return texts


def change_with_interval(low: float, middle: float, high: float) -> str:
    """Change with its interval, with as many digits as tell the three apart, at most three.

    Examples
    --------
    >>> change_with_interval(12.0, 34.0, 71.0)
    '+34 (+12 to +71)'
    >>> change_with_interval(10.31, 10.36, 10.42)
    '+10.4 (+10.3 to +10.4)'
    >>> change_with_interval(-3.2e-12, 2.0, 65.0)
    '+2.0 (0 to +65)'
    """
    digits = 2 if len({signed(value) for value in (low, middle, high)}) == 3 else 3
    low_text, text, high_text = (signed(value, digits) for value in (low, middle, high))
    return f"{text} ({low_text} to {high_text})"


def with_error(
    value: float, low: float, high: float, write: Callable[[float], str] | None = None
) -> str:
    r"""A number with the error of the simulation: its longer arm behind a plus-minus sign.

    Both have the decimals of the error's first digit. One that is smaller than its error, and
    never below nothing, has both ends in words. Where no error is known the number stands alone.

    Examples
    --------
    >>> with_error(357.2, 268.4, 448.9), with_error(10.31, 10.28, 10.36), with_error(0.4, 0.1, 1.2)
    ('360 ± 90', '10.31 ± 0.05', '0.4, error 0.1 to 1.2')
    >>> with_error(0.813, 0.75, 0.88, whole_per_cent)
    '81 ± 7\xa0%'
    """
    half = max(high - value, value - low)
    places = -floor(log10(half)) if isfinite(half) and half > 0 else 0

    def rounded_to(each: float) -> str:
        return write(each) if write is not None else to_places(each, places)

    if not isfinite(half) or half <= 0:
        return write(value) if write else rounded(value)
    if low >= 0 and half >= value:
        return f"{rounded_to(value)}, error {rounded_to(low)} to {rounded_to(high)}"
    text = rounded_to(value)
    sign = f"{NARROW}%" if text.endswith(f"{NARROW}%") else ""
    return f"{text.removesuffix(sign)} ± {rounded_to(half).removesuffix(sign)}{sign}"


def in_brackets(
    low: float, high: float, digits: int = 2, *, write: Callable[[float], str] | None = None
) -> str:
    r"""An interval to stand behind its number; empty where it is not known.

    Examples
    --------
    >>> in_brackets(0.052, 1.7), in_brackets(0.1, 0.25, write=per_cent)
    (' (0.052\xa0to\xa01.7)', ' (10\xa0to\xa025\xa0%)')
    """
    if not (isfinite(low) and isfinite(high)):
        return ""
    first, last = (write(edge) if write else rounded(edge, digits) for edge in (low, high))
    per_cent_sign = f"{NARROW}%"
    if last.endswith(per_cent_sign):
        first = first.removesuffix(per_cent_sign)
    return f" ({first}{NARROW}to{NARROW}{last})"


def money_within(musd: float, low: float, high: float) -> str:
    r"""Million USD in words with the error of the simulation.

    Examples
    --------
    >>> money_within(357.2, 268.4, 448.9), money_within(900.0, 700.0, 1300.0)
    ('360 ± 90 million USD', '900 ± 400 million USD')
    """
    if not (isfinite(low) and isfinite(high)) or low == high:
        return money(musd)
    half = max(high - musd, musd - low)
    unit = money(musd).partition(" ")[2]
    scale = 1000.0 if unit.startswith("billion") else 1.0
    return f"{with_error(musd / scale, (musd - half) / scale, (musd + half) / scale)} {unit}"


def ledger_in_words(ledger: str) -> str:
    """A ledger's identifier as words.

    Examples
    --------
    >>> ledger_in_words("reconciled")
    'Reconciled statistics'
    """
    return f"{ledger.replace('-', ' ').replace('_', ' ').capitalize()} statistics"


def entry_in_words(timeline: "AnyTimeline") -> str:
    """From when an agreement is in force, in a few words."""
    return "negotiated" if timeline.in_force is None else f"from {timeline.in_force}"


def dates(timeline: "AnyTimeline") -> str:
    """Dates at which an agreement is signed and in force, as far as they are known."""
    signed_on = "" if timeline.signed is None else f"signed {timeline.signed}, "
    if timeline.in_force is None:
        since = timeline.negotiated.talks_since
        known = "" if since is None else f" (talks since {since})"
        return f"{signed_on}in force once the States have brought it about{known}"
    until = f" until {timeline.ends}" if timeline.ends is not None else ""
    return f"{signed_on}in force from {timeline.in_force}{until}"


def with_range(low: float, middle: float, high: float) -> str:
    r"""A parameter with its range in square brackets, with the decimals that two digits of it need.

    Examples
    --------
    >>> with_range(0.006902, 0.01381, 0.0203), with_range(-0.0124, -6e-05, 0.014)
    ('0.014 [0.007\xa0to\xa00.020]', '0.000 [−0.012\xa0to\xa00.014]')
    """
    places = max(1 - floor(log10(high - low)), 0) if high > low else 4

    def write(value: float) -> str:
        text = f"{abs(value):,.{places}f}"
        return MINUS + text if value < 0 and float(text.replace(",", "")) else text

    return f"{write(middle)} [{write(low)}{NARROW}to{NARROW}{write(high)}]"


def spread_of(low: float, middle: float, high: float, *, is_change: bool = False) -> str:
    r"""A median with the spread of futures in brackets, all three to the same place.

    The place is the finer of two digits of the spread and two of the median; three of the median
    where nothing is spread. An end of an amount has two digits of its own, as in sentences, but
    never more decimals than the others.

    Examples
    --------
    >>> spread_of(68.7, 249.3, 769.1), spread_of(0.068, 0.152, 0.275, is_change=True)
    ('250 (69 to 770)', '+0.15 (+0.07 to +0.28)')
    >>> spread_of(14_213.0, 15_204.0, 17_455.0), spread_of(-0.4, -0.0002, 0.3, is_change=True)
    ('15,200 (14,200 to 17,500)', '0.00 (−0.40 to +0.30)')
    """
    width = high - low
    if abs(middle) < MIN_MUSD and width < MIN_MUSD:
        return "0"
    places = 1 - floor(log10(width)) if width > 0 else -9
    if middle != 0 and abs(middle) > width / 1000:
        places = max(places, (2 if width == 0 else 1) - floor(log10(abs(middle))))

    def write(value: float) -> str:
        own = places
        if not is_change and value != 0:
            own = max(places, min(1 - floor(log10(abs(value))), 0))
        return to_places(value, own, signed=is_change)

    return f"{write(middle)} ({write(low)} to {write(high)})"
