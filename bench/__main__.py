"""Every benchmark in one run: `python -m bench`."""

from bench import energy, exporters, gravity, model, routes, studies

for part in (gravity, routes, energy, exporters, model, studies):
    part.main()
