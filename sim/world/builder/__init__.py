"""From downloaded files to the tables of a world, with where each figure comes from."""

from sim.world.builder.build import BuiltWorld, build_world
from sim.world.builder.network_spec import read_world_spec as read_spec
from sim.world.builder.spec.faults import Fault, UnfitError
from sim.world.builder.spec.spec import Spec, template_text

__all__ = ["BuiltWorld", "Fault", "Spec", "UnfitError", "build_world", "read_spec", "template_text"]
