"""Suggestions for a wrong name, as far as a world and its names allow."""

from typing import Any, NamedTuple

from sim.laws.numerics.similar_words import nearest
from sim.scenario.text.known_names import listed
from sim.scenario.text.problems import NO_BREAK, quoted

MAX_COMPARED = 100
"""Wrong names of a file for which a near one is looked for: it takes long."""


class NameSuggestion(NamedTuple):
    """Error in a name, the value wanted, and the name that is meant."""

    what: str
    wanted: str
    near: str | None


class AskedNames:
    """The names of a world, with a count of the wrong ones that were asked for."""

    def __init__(self, names: object) -> None:
        self.names = names
        self.n_wrong = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.names, name)


def suggestion_for(word: str, vocabulary: str, kind: str, names: Any) -> NameSuggestion:
    """Reply to a word that is no name of a vocabulary.

    Parameters
    ----------
    word, vocabulary, kind : str
        What stands in the file, where it was looked for, and what such a name is called.
    names : AskedNames or Names
        What the world calls things.
    """
    known = tuple(getattr(names, vocabulary))
    what = f"{quoted(word)} is not a {kind}"
    if any(char in NO_BREAK for char in word):
        char = next(char for char in word if char in NO_BREAK)
        plain = "".join(" " if c in NO_BREAK else c for c in word).strip()
        near = plain if plain in known else None
        return NameSuggestion(f"{what}: it holds a no-break space (U+{ord(char):04X})",
                     f"wanted one of {listed(known, plain)}", near)  # fmt: skip
    if not known:
        return NameSuggestion(what, f"wanted none: this world has no {kind}", None)
    other = _other_name(word, vocabulary, names)
    if other is not None:
        return NameSuggestion(f"{what}: {other.what}", other.wanted, other.near)
    if isinstance(names, AskedNames):
        names.n_wrong += 1
        if names.n_wrong > MAX_COMPARED:
            return NameSuggestion(what, f"wanted one of {len(known)} names", None)
    return NameSuggestion(what, f"wanted one of {listed(known, word)}", nearest(word, known))


def _other_name(word: str, vocabulary: str, names: Any) -> NameSuggestion | None:
    """Information in a world itself about a word that is none of its names."""
    plain = word.strip().casefold()
    for other in getattr(names, "other_names", ()):
        known = (other.name.casefold(), other.title.casefold())
        if other.vocabulary == vocabulary and plain in known:
            return _told(other.title, other.relation, other.stands_for)
    if vocabulary != "regions":
        return None
    titles = getattr(names, "region_names", ())
    for code, title in zip(names.regions, titles, strict=False):
        if title.casefold() == plain:
            return NameSuggestion("it is the name of one", "wanted its code", code)
    for institution, members in getattr(names, "members", ()):
        if institution.casefold() == plain:
            here = ", ".join(members)
            who = f"its members here: {here}" if here else "none of its members is a state here"
            return NameSuggestion("it is an institution", f"wanted states; {who}", None)
    return None


def _told(title: str, relation: str, stands_for: tuple[str, ...]) -> NameSuggestion:
    here = ", ".join(stands_for)
    if relation == "same":
        return NameSuggestion(f"{title} goes by another name here", f"wanted {here}", stands_for[0])
    if relation == "part":
        return NameSuggestion(f"{title} is part of {here}", "wanted a name of this world; what is "
                     f"part of {here} has no trade of its own here", None)  # fmt: skip
    return NameSuggestion(f"{title} is more than one", f"wanted them one by one: {here}", None)
