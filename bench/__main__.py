"""Every benchmark in one run: `python -m bench`."""

from bench import energy, energy_world, exporters, gravity, model, routes, studies

for part in (gravity, routes, energy, energy_world, exporters, model, studies):
    part.main()
