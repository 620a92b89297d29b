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

    @property
    def ok(self) -> bool:
        """Whether ours lies within the tolerance; a NaN never does."""
        return abs(self.ours - self.published) <= self.tolerance


@dataclass(frozen=True)
class Skipped:
    """A known answer that could not be tried, and why."""

    case: str
    reason: str
