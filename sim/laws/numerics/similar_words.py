"""Similarity of words, by which a mistyped name is answered with the one that was meant.

The ratio is that of Ratcliff and Obershelp as in `difflib`; a few usual slips count as close
whatever their ratio: a name that begins the word, a unit left out, letters in another order.
"""

from collections.abc import Iterable
from difflib import SequenceMatcher

CLOSE_ENOUGH = 0.55
"""Similarity from which a name is suggested [1]."""
USUAL_SLIP = 0.9
"""Similarity at least of a word with a usual slip [1]."""
MAX_LENGTH = 80
"""Characters of a word that are compared."""


def nearest(word: str, choices: Iterable[str], least: float = CLOSE_ENOUGH) -> str | None:
    """The choice most like a word, or None if none is close.

    Parameters
    ----------
    word : str
        Word as it was typed; case and blanks around it are ignored.
    choices : iterable of str
        Names it may stand for.
    least : float
        Similarity from which a choice is named, 0 to 1 [1].

    Examples
    --------
    >>> nearest("food ", ["food", "metals"])
    'food'
    >>> nearest("phase_in", ["phase_in_years", "excluded_share"])
    'phase_in_years'
    >>> nearest("xyz", ["food", "metals"]) is None
    True
    """
    found = ranked(word, choices, least)
    return found[0][1] if found else None


def ranked(word: str, choices: Iterable[str], least: float = 0.0) -> list[tuple[float, str]]:
    """Choices of at least some similarity to a word with theirs, the most similar first."""
    plain = word.strip().casefold()[:MAX_LENGTH]
    found = ((_similarity(plain, choice.casefold(), least), choice) for choice in choices)
    return sorted((one for one in found if one[0] >= least), key=lambda one: (-one[0], one[1]))


def _similarity(word: str, choice: str, least: float) -> float:
    matcher = SequenceMatcher(None, word, choice, autojunk=False)
    # Bounds from above first: they are cheap, and most choices are far off.
    is_far = matcher.real_quick_ratio() < least or matcher.quick_ratio() < least
    ratio = 0.0 if is_far else matcher.ratio()
    begins = len(choice) >= 3 and word.startswith(choice)
    unit_left_out = len(word) >= 2 and choice.startswith(f"{word}_")
    letters_swapped = len(word) >= 3 and sorted(word) == sorted(choice)
    return max(ratio, USUAL_SLIP) if begins or unit_left_out or letters_swapped else ratio
