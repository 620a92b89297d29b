"""Options that a stored result may ask to be run again with.

A result may come from anybody, and anybody can renew its checksums. So nothing that its record says
is obeyed but a fixed list of options that bear on numbers alone, each with a value of its kind.
"""

import re
from collections.abc import Mapping, Sequence

from sim.cli.studies.study_options import MAX_RUNS

_WHOLE = re.compile("[0-9]{1,7}", re.ASCII)
_SHARE = re.compile("0?\\.[0-9]{1,20}", re.ASCII)
_POINTS = re.compile("[0-9]{1,2}(\\.[0-9]{1,6})?", re.ASCII)
_DESIGN = re.compile("grid|latin|sobol")
_METHOD = re.compile("morris|sobol")

REPLAYED: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "run": {},
    "compare": {"--runs": _WHOLE, "--precision": _POINTS},
    "sweep": {"--runs": _WHOLE, "--precision": _POINTS, "--design": _DESIGN, "--points": _WHOLE},
    "explain": {"--runs": _WHOLE, "--precision": _POINTS, "--orders": _WHOLE},
    "reach": {"--runs": _WHOLE, "--precision": _POINTS, "--probability": _SHARE},
    "sensitivity": {"--method": _METHOD, "--size": _WHOLE},
    "discover": {"--runs": _WHOLE, "--points": _WHOLE},
}
"""Commands that leave results, and their options that `sim verify` repeats, with their values."""


def replayed(arguments: Sequence[str]) -> list[str]:
    """The command and options of a record, once each is known to be harmless.

    Parameters
    ----------
    arguments : sequence of str
        Command, then options and values by turns.

    Raises
    ------
    ValueError
        If there is anything else.

    Examples
    --------
    >>> replayed(["sweep", "--runs", "64"])
    ['sweep', '--runs', '64']
    >>> replayed(["sweep", "--cluster", "tcp://host:8786"])
    Traceback (most recent call last):
    ...
    ValueError: its run.json asks for '--cluster', which `sim verify` does not repeat
    """
    command, *rest = arguments
    if command not in REPLAYED:
        raise ValueError("its run.json names a command that leaves no result")
    options, values = rest[::2], rest[1::2]
    known = REPLAYED[command]
    for option in options:
        if option not in known:
            raise ValueError(
                f"its run.json asks for {option[:60]!r}, which `sim verify` does not repeat"
            )
    if len(values) < len(options) or len(set(options)) < len(options):
        raise ValueError("its run.json has an option without a value, or twice")
    for option, value in zip(options, values, strict=True):
        is_most = option == "--runs" and value.isdigit() and int(value) > MAX_RUNS
        if known[option].fullmatch(value) is None or is_most:
            raise ValueError(f"its run.json asks for {option} {value[:60]!r}, which cannot be")
    return [command, *rest]
