"""Structural gravity in general equilibrium, exact changes for one or many goods.

The laws, for goods s, exporters i and importers j, as ratios of new to baseline ("hats"):

    c[s,i]           = w[i]^v  prod_k P[k,i]^(g (1 - v)) / A[s,i]
    P[s,j]^(-theta)  = sum_i pi[s,i,j] (k[s,i,j] c[s,i] tau[s,i,j])^(-theta)
    pi'[s,i,j]       = pi[s,i,j] (k c tau / P)^(-theta)
    sales            = sum_j pi'[s,i,j] E'[s,j] / (1 + t')       income and spending close it

`equilibrium` solves them; `problem` checks the question, `accounts` reads the baseline,
`exchange` and `production` hold the equations without and with inputs, `newton` searches,
`settle` chooses by closure, `outcome` reports.

Sources: Anderson and van Wincoop (2003); Dekle, Eaton and Kortum (2008); Caliendo and Parro
(2015); Allen, Arkolakis and Takahashi (2020); Campos, Reggio and Timini (2025).
"""

from sim.laws.gravity.problem import CLOSURES, DEFICITS
from sim.laws.gravity.solution import Equilibrium
from sim.laws.gravity.solver import equilibrium
from sim.laws.solve_errors import SolveError

__all__ = ["CLOSURES", "DEFICITS", "Equilibrium", "SolveError", "equilibrium"]
