"""What the methods cost: beside gradient descent, and beside others who take the same steps.

A step of each method is held against one of gradient descent, with NumPy and compiled; Armijo's
rule, which asks as often as it needs to, against what it asks for. These have one thread each, and
it is the processor's time that counts. Peers get the same lanes as gdlab and all threads, and must
agree with it.
"""

from __future__ import annotations

from benchmarks.bounds import Limit, Pair, at_most

OWN = ("momentum", "nesterov", "schedule", "newton")
ALONE = ("core", "compiled-1", *OWN, *(f"{key}-1" for key in OWN), "armijo", "armijo-asked")
BESIDE = ("momentum", "momentum-all", "optax-momentum", "adam", "adam-all", "optax-adam")
NEWTON = ("newton", "newton-all", "optimistix-newton", "scipy-newton")
COMPARISONS = (("line", ALONE, 10), ("plane", ALONE, 10), ("line", BESIDE, 1), ("well", NEWTON, 1))
"""Problems, who is on them, and which part of the lanes they get, since a step costs the same on
fewer."""

SLOWEST = {("newton", "line"): 2.0, ("newton", "plane"): 4.0}
"""How many times as long as one of gradient descent a step may take, if not `USUAL` times."""
USUAL = 1.6

PAIRS = (
    *(
        Pair(
            problem,
            key + way,
            gradient_descent,
            at_most(SLOWEST.get((key, problem), USUAL)),
            worked=True,
        )
        for problem in ("line", "plane")
        for way, gradient_descent in (("", "core"), ("-1", "compiled-1"))
        for key in OWN
    ),
    *(
        Pair(problem, "armijo", "armijo-asked", at_most(1.3), worked=True)
        for problem in ("line", "plane")
    ),
    Pair("line", "optax-momentum", "momentum-all", Limit(5)),
    Pair("line", "optax-adam", "adam-all", Limit(5)),
    Pair("well", "optimistix-newton", "newton-all", Limit(5)),
    Pair("well", "scipy-newton", "newton-all", Limit(5)),
)
"""Beside peers gdlab is compiled, as `engine=auto` has it on so many lanes."""
