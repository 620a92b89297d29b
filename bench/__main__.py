"""Every benchmark in one run: `python -m bench`."""

from bench import energy, gravity, model, routes, studies

for part in (gravity, routes, energy, model, studies):
    part.main()
