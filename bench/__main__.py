"""Every benchmark in one run: `python -m bench`."""

from bench import energy, gravity, model, routes

for part in (gravity, routes, energy, model):
    part.main()
