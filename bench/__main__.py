"""Every benchmark in one run: `python -m bench`."""

from bench import agents, energy, energy_world, exporters, gravity, model, routes, studies

for part in (gravity, routes, energy, energy_world, exporters, agents, model, studies):
    part.main()
