"""A published number beside ours: the row that `sim validate` prints."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One known answer and ours."""

    case: str
    quantity: str
    published: float
    ours: float
    tolerance: float
    """Largest difference that still counts as reproduced, in `unit`."""
    unit: str
    source: str
    is_known_miss: bool = False
    """Whether it is on record that ours lies beyond the tolerance; shown, and no failure."""

    @property
    def ok(self) -> bool:
        """True if our value lies within the tolerance; a NaN never does."""
        return abs(self.ours - self.published) <= self.tolerance

    @property
    def verdict(self) -> str:
        """Word for the row: ok, MISS where it is known not to be, FAILED where that is new.

        A known miss that comes out fails as well, so that no mark outlives its reason.
        """
        if self.is_known_miss:
            return "FAILED" if self.ok else "MISS"
        return "ok" if self.ok else "FAILED"


@dataclass(frozen=True)
class SkippedCheck:
    """A known answer that could not be tried, and why."""

    case: str
    reason: str
