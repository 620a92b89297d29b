"""The kinds of value a scenario is written with, each with its own plain-word refusal.

Every reader takes what stood in the file (text, number, boolean, list, mapping) and either
returns the value or says what came and what is wanted. Names are looked up in the vocabulary
handed over as validation context; without one they are taken as they are.
"""

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from unicodedata import category

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    PlainValidator,
    Tag,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from sim.laws.numerics.calendar import FIRST_YEAR, LAST_YEAR
from sim.laws.numerics.similar_words import nearest
from sim.scenario.blocks.quarters import Quarter
from sim.scenario.text.problems import quoted
from sim.scenario.text.schema_notes import SchemaNote
from sim.scenario.text.suggestions import suggestion_for

REFUSAL = "refusal"
"""Type of every error raised by the readers here."""

UNION_TAGS = frozenset(
    {
        "every-good",
        "some-goods",
        "dates",
        "negotiation",
        "some-values",
        "a-range",
    }
)
"""Steps that pydantic puts into the path of a union's errors and that no file contains."""


class ScenarioBlock(BaseModel):
    """A piece of a scenario: never changed once made, and open to no unknown key."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


MAX_MUSD = 1e8
"""Largest plausible yearly trade [million USD]: about the output of the whole world."""

_DIGITS = re.compile(r"[-+]?[0-9][0-9 ,_']*(\.[0-9_]*)?(e[-+]?[0-9]+)?", re.IGNORECASE | re.ASCII)
_COMMA = re.compile(r"([-+]?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)),([0-9]+)", re.ASCII)
_QUARTER_LIKE = re.compile(r"([0-9]{4})[\s\-/_.]*[qQ]\s*0?([1-4])", re.ASCII)
_QUARTER_TURNED = re.compile(r"[qQ]([1-4])[\s\-/_.]*([0-9]{4})", re.ASCII)
_MONTH_LIKE = re.compile(r"([0-9]{4})[-/.](0[1-9]|1[0-2])([-/.][0-9]{1,2})?", re.ASCII)
_DAY_LIKE = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})", re.ASCII)


def refuse(what: str, wanted: str = "", near: str | None = None) -> PydanticCustomError:
    """Error that carries what is wrong, what is wanted and the nearest valid name."""
    return PydanticCustomError(
        REFUSAL, "{what}", {"what": what, "wanted": wanted, "nearest": near or ""}
    )


def described(value: object) -> str:
    """Description of the value that was given, with its kind, for the middle of a sentence."""
    if isinstance(value, bool):
        return quoted(value)
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, int | float):
        return f"the number {quoted(value)}"
    return "empty" if value is None else quoted(value)


@dataclass(frozen=True)
class Number:
    """Reader of a finite number within bounds, both ends included unless said otherwise."""

    wanted: str
    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False
    whole: bool = False
    share: bool = False
    million: bool = False
    if_negative: str = ""
    """What is meant, probably, by a number below 0."""

    def __call__(self, value: object) -> float:
        """The number, or a refusal."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            if (point := _decimal_comma(value)) is not None:
                wanted = f"{self.wanted} (decimal comma: write {point})"
                raise refuse(f"is {described(value)}", wanted)
            raise refuse(f"is {described(value)}", self._hinted(_digits_in(value)))
        if not math.isfinite(value):
            raise refuse(f"is {value}, not a finite number", self.wanted)
        if self.whole and value != int(value):
            raise refuse(f"is {value!r}, not a whole number", self.wanted)
        too_low = value <= self.low if self.above_low else value < self.low
        if too_low or value > self.high:
            raise refuse(f"is {quoted(value)}", self._hinted(value))
        return int(value) if self.whole else float(value)

    def _hinted(self, value: float | None) -> str:
        """Description of the wanted value, with the likely slip if the number gives one away."""
        if value is None:
            return self.wanted
        if self.if_negative and value < 0:
            return f"{self.wanted}; {self.if_negative}"
        most = max(self.high, 1.0)
        if self.share and most < value <= 100 * most:
            return f"{self.wanted}: is this percent? write {value / 100:g}"
        if self.million and self.high < value <= 1e6 * self.high:
            return f"{self.wanted}: is this in USD? write {value / 1e6:g}"
        is_within = self.low <= value <= self.high and not (self.above_low and value == self.low)
        return f"{self.wanted}: write {value:g}" if is_within else self.wanted


def _decimal_comma(value: object) -> str | None:
    """A number with a decimal comma as it is written with a point; None if it may be grouped."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    match = _COMMA.fullmatch(value.strip())
    if match is None:
        return None
    whole, part = match[1], match[2]
    if len(part) == 3 and whole.lstrip("+-0") and "." not in whole:
        return None  # 1,500 is one and a half thousand to some
    return f"{whole.replace('.', '')}.{part}"


def _digits_in(value: object) -> float | None:
    """The number meant by a text such as ``50%`` or ``1,000``, or None."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip().removesuffix("%").strip()
    if _DIGITS.fullmatch(text) is None:
        return None
    number = float(re.sub(r"[ ,_']", "", text))
    return number if math.isfinite(number) else None


@dataclass(frozen=True)
class KnownName:
    """Reader of a name that the world must know."""

    vocabulary: str
    kind: str

    def __call__(self, value: object, info: ValidationInfo) -> str:
        """The name, or a refusal with the nearest one."""
        if not isinstance(value, str):
            raise refuse(f"is {described(value)}", f"wanted the name of a {self.kind}, as text")
        if info.context is None:
            return value
        known = tuple(getattr(info.context, self.vocabulary))
        if value in known:
            return value
        raise refuse(*suggestion_for(value, self.vocabulary, self.kind, info.context))


@dataclass(frozen=True)
class OneOf:
    """Reader of one word out of a few."""

    words: tuple[str, ...]

    def __call__(self, value: object) -> str:
        """The word, or a refusal with the nearest one."""
        wanted = f"wanted one of {', '.join(self.words)}"
        if not isinstance(value, str):
            raise refuse(f"is {described(value)}", wanted)
        if value in self.words:
            return value
        raise refuse(f"is {quoted(value)}", wanted, nearest(value, self.words))


def read_text(value: object) -> str:
    """A sentence or a word."""
    if not isinstance(value, str):
        hint = "" if isinstance(value, dict | list | tuple) or value is None else ", in quotes"
        raise refuse(f"is {described(value)}", f"wanted text{hint}")
    if not value.strip():
        raise refuse("is empty", "wanted some text")
    if (odd := first_control(value)) is not None:
        what = f"holds the control character U+{ord(odd):04X}"
        raise refuse(what, "wanted text that can be shown")
    return value


def first_control(text: str) -> str | None:
    """The first character that a terminal or a drawing would obey instead of showing, if any."""
    for char in text:
        is_control = category(char) in ("Cc", "Cs") and char not in "\n\t"
        if is_control or ord(char) & 0xFFFE == 0xFFFE:
            return char
    return None


def read_flag(value: object) -> bool:
    """A boolean; the words that other tools take for one are named, not guessed."""
    if isinstance(value, bool):
        return value
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false", "y": "true", "n": "false"}
    near = meant.get(value.casefold()) if isinstance(value, str) else None
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        near = value.casefold()
    raise refuse(f"is {described(value)}", "wanted true or false", near)


def read_quarter(value: object) -> Quarter:
    """A quarter such as 2026Q1."""
    if isinstance(value, Quarter):
        return value
    wanted = "wanted a year and quarter such as 2026Q1"
    if not isinstance(value, str):
        near = f"{value}Q1" if isinstance(value, int) and 1900 <= value <= 2200 else None
        raise refuse(f"is {described(value)}", wanted, near)
    try:
        return Quarter.parse(value)
    except ValueError:
        pass
    if re.fullmatch(r"[0-9]{4}Q[1-4]", value, re.ASCII):
        raise refuse(f"is {quoted(value)}", f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}")
    raise refuse(f"is {quoted(value)}, not a quarter", wanted, _meant_quarter(value))


def _meant_quarter(text: str) -> str | None:
    """The quarter meant by another way of writing one, by a month or by a date."""
    text = text.strip()
    if match := _QUARTER_LIKE.fullmatch(text):
        return f"{match[1]}Q{match[2]}"
    if match := _QUARTER_TURNED.fullmatch(text):
        return f"{match[2]}Q{match[1]}"
    if match := _MONTH_LIKE.fullmatch(text):
        return f"{match[1]}Q{(int(match[2]) + 2) // 3}"
    return None


def read_day(value: object) -> date:
    """A calendar day such as 2025-10-11."""
    if type(value) is date:
        return value
    wanted = "wanted a date such as 2025-10-11 (year-month-day)"
    if not isinstance(value, str):
        raise refuse(f"is {described(value)}", wanted)
    match = _DAY_LIKE.fullmatch(value.strip())
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        raise refuse(f"is {quoted(value)}, a day that does not exist", wanted) from None
    if day is None or day.isoformat() != value:
        raise refuse(f"is {quoted(value)}, not a date", wanted, day.isoformat() if day else None)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise refuse(f"is {quoted(value)}", f"wanted a year from {FIRST_YEAR} to {LAST_YEAR}")
    return day


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", re.ASCII)


def read_name(value: object) -> str:
    """A name given by the author to an agreement or target; it must fit into a dotted path."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    wanted = "wanted a name of at most 60 letters, digits, - and _"
    plain = re.sub(r"[^A-Za-z0-9_]+", "-", str(value)).strip("-_")[:60].lower()
    raise refuse(f"{quoted(value)} is not a name that a path can hold", wanted, plain or None)


ONCE = AfterValidator(lambda names: tuple(dict.fromkeys(names)))
"""Reader behind every list of names."""


def _goods_form(value: object) -> str:
    """Form in which goods are given, one of two: the word `all`, or a list."""
    return "every-good" if isinstance(value, str) else "some-goods"


def _read_every_good(value: object, info: ValidationInfo) -> str:
    if value == "all":
        return "all"
    known = tuple(info.context.goods) if info.context is not None else ()
    near = nearest(str(value), ("all", *known))
    form = near if near in (None, "all") else f"[{near}]"
    raise refuse(f"is {described(value)}", "wanted all, or a list of goods in brackets", form)


_SHARE = Number("wanted a share from 0 to 1", low=0, high=1, share=True)
_CUT = Number(
    "wanted a share from 0 to 1",
    low=0,
    high=1,
    share=True,
    if_negative="a duty that goes up stands under duties:",
)
_PART = Number("wanted a share from 0 to 0.95", low=0, high=0.95, share=True)
_RATE = Number("wanted a rate from 0 to 1 (0.2 is 20 %)", low=0, high=1, share=True)
_YEARS = Number("wanted years from 0 to 50", low=0, high=50)
_MUSD = Number(
    "wanted million USD, above 0 and at most 1e8",
    low=0,
    high=MAX_MUSD,
    above_low=True,
    million=True,
)
_RUNS = Number("wanted a whole number from 1 to 1000000", low=1, high=1_000_000, whole=True)
_COUNT = Number("wanted a whole number from 1 to 10000", low=1, high=10_000, whole=True)
_SEED = Number("wanted a whole number from 0 to 2^53", low=0, high=2**53, whole=True)
_QUARTER_SCHEMA = WithJsonSchema(
    {"type": "string", "pattern": "^[0-9]{4}Q[1-4]$", "examples": ["2026Q1"]}
)

_PERCENT = SchemaNote(unit="share", step=0.01)
_YEARS_NOTE = SchemaNote(unit="years", step=1, slider=[0, 15])
_MUSD_NOTE = SchemaNote(unit="million USD", step=10)

Text = Annotated[str, BeforeValidator(read_text)]
Flag = Annotated[bool, BeforeValidator(read_flag)]
Share = Annotated[float, Field(ge=0, le=1), BeforeValidator(_SHARE), _PERCENT]
Cut = Annotated[float, Field(ge=0, le=1), BeforeValidator(_CUT), _PERCENT]
PartShare = Annotated[float, Field(ge=0, le=0.95), BeforeValidator(_PART), _PERCENT]
Rate = Annotated[float, Field(ge=0, le=1), BeforeValidator(_RATE), _PERCENT]
Years = Annotated[float, Field(ge=0, le=50), BeforeValidator(_YEARS), _YEARS_NOTE]
MillionUsd = Annotated[float, Field(gt=0, le=MAX_MUSD), BeforeValidator(_MUSD), _MUSD_NOTE]
Runs = Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_RUNS)]
Count = Annotated[int, Field(ge=1, le=10_000), BeforeValidator(_COUNT)]
Seed = Annotated[int, Field(ge=0, le=2**53), BeforeValidator(_SEED)]
Finite = Annotated[float, BeforeValidator(Number("wanted a number"))]
Name = Annotated[str, BeforeValidator(read_name)]
QuarterField = Annotated[
    Quarter,
    PlainValidator(read_quarter),
    PlainSerializer(str, return_type=str, when_used="json"),
    _QUARTER_SCHEMA,
]
Day = Annotated[date, BeforeValidator(read_day)]
LAST = "last"


def read_as_of(value: object) -> Quarter | str:
    """A quarter, or the word for the last one of which anything is on record."""
    if value == LAST:
        return LAST
    if isinstance(value, Quarter):
        return value
    if isinstance(value, str) and not value[:1].isdigit():
        wanted = f"wanted a quarter such as 2025Q4, or {LAST}"
        raise refuse(f"is {described(value)}", wanted, nearest(value, (LAST,)))
    return read_quarter(value)


AsOf = Annotated[
    Quarter | str,
    PlainValidator(read_as_of),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": "^[0-9]{4}Q[1-4]$", "examples": ["2025Q4"]},
                {"enum": [LAST]},
            ]
        }
    ),
]

Region = Annotated[str, BeforeValidator(KnownName("regions", "state")), SchemaNote(names="regions")]
Good = Annotated[str, BeforeValidator(KnownName("goods", "good")), SchemaNote(names="goods")]
Layer = Annotated[
    str, BeforeValidator(KnownName("layers", "kind of duty")), SchemaNote(names="layers")
]
Ledger = Annotated[
    str, BeforeValidator(KnownName("ledgers", "ledger")), SchemaNote(names="ledgers")
]
Gate = Annotated[str, BeforeValidator(KnownName("gates", "gate")), SchemaNote(names="gates")]
Port = Annotated[str, BeforeValidator(KnownName("ports", "port")), SchemaNote(names="ports")]
Route = Annotated[str, BeforeValidator(KnownName("routes", "route")), SchemaNote(names="routes")]
ParameterName = Annotated[
    str, BeforeValidator(KnownName("parameters", "parameter")), SchemaNote(names="parameters")
]

Goods = Annotated[
    Annotated[Literal["all"], BeforeValidator(_read_every_good), Tag("every-good")]
    | Annotated[tuple[Good, ...], Field(min_length=1), ONCE, Tag("some-goods")],
    Discriminator(_goods_form),
]
