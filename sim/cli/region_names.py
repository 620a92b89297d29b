"""Regions typed after a command: codes of the world, or a word on what else a name is."""

from typing import Any

import typer


def regions_of(pair: tuple[str, str], names: Any) -> tuple[str, str]:
    """Two different regions as the world spells them.

    A code is taken in capitals or not, and a region by its whole name too; an institution is told
    with its members, a state that is part of a larger region with that.

    Raises
    ------
    typer.BadParameter
        If one is no region, or both are the same.
    """
    a, b = (_region(word, names) for word in pair)
    if a == b:
        raise typer.BadParameter(f"{a!r} twice; wanted two regions")
    return a, b


def _region(word: str, names: Any) -> str:
    from sim.scenario.text.suggestions import meant

    code = word.strip().upper()
    if code in names.regions:
        return code
    titles = getattr(names, "region_names", ())
    by_title = dict(zip((title.casefold() for title in titles), names.regions, strict=False))
    if word.strip().casefold() in by_title:
        return str(by_title[word.strip().casefold()])
    told = meant(code, "regions", "region", names)
    near = f"; did you mean {told.near!r}?" if told.near else ""
    raise typer.BadParameter(f"{told.what}; {told.wanted}{near}")
