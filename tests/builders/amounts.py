"""Numbers in an answer for machines."""


def amounts_in(value):
    """Everything in JSON that is a number with a unit."""
    if isinstance(value, dict):
        if {"value", "unit"} <= set(value):
            yield value
        else:
            for inner in value.values():
                yield from amounts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from amounts_in(inner)
