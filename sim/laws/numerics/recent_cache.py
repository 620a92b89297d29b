"""Cache of the few things made last, for who asks for the same again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class RecentCache(Generic[T]):
    """Cache of a few things by what they are made of.

    Parameters
    ----------
    most : int
        Things kept; what was asked for longest ago goes first.

    Examples
    --------
    >>> squares = RecentCache(most=1)
    >>> squares.of(3, lambda: 9), squares.of(3, lambda: 0), squares.of(2, lambda: 4)
    (9, 9, 4)
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._made: OrderedDict[Hashable, T] = OrderedDict()

    def of(self, key: Hashable, make: Callable[[], T]) -> T:
        """The thing made of `key`, made now unless it is at hand."""
        found = self.at_hand(key)
        return self.keep(key, make()) if found is None else found

    def at_hand(self, key: Hashable) -> T | None:
        """The thing made of `key`; None if it is not kept."""
        # Taken out and put back: threads that ask at once at worst make the same thing twice.
        found = self._made.pop(key, None)
        return None if found is None else self.keep(key, found)

    def keep(self, key: Hashable, made: T) -> T:
        """Keep a thing; what was asked for longest ago goes if there are too many."""
        self._made[key] = made
        while len(self._made) > self.most:
            self._made.popitem(last=False)
        return made
