"""Energy: spatial price equilibrium with losses, capacities, tolls and contracts."""

from sim.laws.energy.arcs import Arcs, Contracts
from sim.laws.energy.equilibrium import equilibrium
from sim.laws.energy.outcome import EnergyEquilibrium
from sim.laws.energy.supply_demand import Demand, Supply

__all__ = ["Arcs", "Contracts", "Demand", "EnergyEquilibrium", "Supply", "equilibrium"]
