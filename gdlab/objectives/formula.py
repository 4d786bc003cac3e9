"""An objective given by a formula: data, not code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from gdlab.objectives.base import Array
from gdlab.objectives.domain import (
    checked_domain,
    checked_minimum,
    checked_names,
    checked_parameters,
    checked_points,
    checked_smoothness,
    checked_symbol,
    checked_title,
)
from gdlab.objectives.indexed import Indexed
from gdlab.objectives.inplace import Writer, in_place
from gdlab.objectives.known import Known
from gdlab.objectives.refusals import refusing_depth, short
from gdlab.terminal.notebook import several

LONGEST_SHOWN = 1000
"""Characters of a formula up to which a notebook shows it as mathematics."""
NEARBY = (1e-6, 1e-3)
"""How far from a minimiser without a gradient f is compared."""


class Formula:
    """The objective that a formula describes; its gradient and Hessian come from SymPy.

    Parameters
    ----------
    expr : the formula: numbers, variables, + - * / **, parentheses, pi, and the functions sin, cos,
        tan, asin, acos, atan, sinh, cosh, tanh, exp, log, sqrt, abs and atan2 (of y and x).
    variables : names of the coordinates in their order; by default those found in `expr`, sorted
        (x2 before x10).
    dimension : the number d of variables of a formula for any of them: x[i] in it is the i-th,
        sum(…) adds up for i = 1 to d, sum(…, m, n) for i = m to n, and prod multiplies alike, as in
        "sum(100*(x[i+1] - x[i]**2)**2 + (1 - x[i])**2, 1, d - 1)". Numbers as `minimisers`, or
        formulas in i and d, are then values of the i-th coordinate, and every combination of them
        is a minimiser (of more than 256 the lowest of those that take one for all coordinates).
    parameters : values for further names in `expr`; where there is a dimension, also lists of d
        numbers, or formulas in i and d, for a name with an index such as c[i].
    name : what to call the objective in titles.
    minimisers : (m, d) the points of local minima, or (m,) for one variable. By default they are
        derived for quadratics and for polynomials in one variable (up to degree 40), and else not
        known.
    minimum : the least value f*. By default derived along with the minimisers, or else the least
        value at those stated.
    domain : (low, high), or one such pair a variable: where a picture of f is worth drawing.
    smoothness : L, where f is convex and its gradient changes by at most L for a unit; the curves
        then show how slowly gradient descent converges at worst. Of quadratics it is known.

    A decimal counts as it is written (0.1 is a tenth), whole powers are computed as products.

    Raises
    ------
    ValueError if `expr` is not such a formula, if it uses names that are not declared, or if a
    stated minimiser is none.

    Examples
    --------
    >>> f = Formula("x**2 + 4*x + 4")
    >>> float(f(10.0)), f.minimisers.tolist(), f.minimum
    (144.0, [[-2.0]], 0.0)
    """

    check_gradient = False  # SymPy's is that of the formula

    minimisers: Array | None
    minimum: float | None

    def __init__(
        self,
        expr: str,
        variables: Sequence[str] | None = None,
        *,
        dimension: int | None = None,
        parameters: Mapping[str, Any] | None = None,
        name: str | None = None,
        minimisers: Sequence[float | str] | Sequence[Sequence[float]] | None = None,
        minimum: float | None = None,
        domain: Sequence[float] | Sequence[Sequence[float]] | None = None,
        smoothness: float | None = None,
    ) -> None:
        if dimension is not None:
            indexed = Indexed(dimension, variables, parameters or {})
            expr, variables, domain = indexed.text(expr), indexed.variables, indexed.domain(domain)
            parameters = indexed.parameters
        self.expr = expr
        self.parameters: dict[str, float] = checked_parameters(parameters or {})
        self.name: str | None = checked_title(name)
        self.smoothness: float | None = checked_smoothness(smoothness)
        declared = None if variables is None else checked_names(variables)
        for variable in declared or ():
            checked_symbol("variables", variable)
        self._known = Known(expr, self.parameters, declared)
        self.variables: tuple[str, ...] = tuple(self._known["variables"])
        self.domain: tuple[tuple[float, float], ...] = checked_domain(domain, self.dimension)
        with refusing_depth(expr):
            self.write_value: Writer = in_place(self.source("value"))
            self.write_gradient: Writer = in_place(self.source("gradient"))
        if dimension is not None:
            minimisers = indexed.points(minimisers, self)
        self.minimisers, self.minimum = self._minima(minimisers, checked_minimum(minimum))

    def __getstate__(self) -> dict[str, Any]:
        """What other processes are sent: no function that is made here."""
        return {name: own for name, own in vars(self).items() if not name.startswith("write_")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self.write_value = in_place(self.source("value"))
        self.write_gradient = in_place(self.source("gradient"))

    @property
    def identity(self) -> dict[str, object]:
        """All that decides a number; formulas that SymPy reads alike are the same."""
        return {
            "expression": self._known["expression"],
            "variables": list(self.variables),
            "minimisers": None if self.minimisers is None else self.minimisers.tolist(),
            "minimum": self.minimum,
        }

    @property
    def dimension(self) -> int:
        return len(self.variables)

    def __repr__(self) -> str:
        return f"Formula({self.expr!r}, variables={self.variables})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the formula as mathematics, and what is known of it."""
        from markupsafe import Markup

        from gdlab.terminal.notebook import facts

        name = f"f({', '.join(several(self.variables))})"
        known: dict[str, str] = {name: short(self.expr)}
        if len(self.expr) <= LONGEST_SHOWN:
            known[name] = Markup("<math>{}</math>").format(Markup(self._known["mathml"]))
        if self.parameters:
            known["parameters"] = ", ".join(f"{own} = {a}" for own, a in self.parameters.items())
        if self.minimisers is not None:
            points = (", ".join(several([f"{own:.6g}" for own in at])) for at in self.minimisers)
            texts = [point if self.dimension == 1 else f"({point})" for point in points]
            known["minimisers"] = ", ".join(several(texts)) or "none"
        if self.minimum is not None:
            known["minimum f*"] = f"{self.minimum:.6g}"
        return facts(self.name or "formula", known)

    def __call__(self, x: Array | float) -> Array:
        """Values (n,) at the points x of shape (d, n).

        A single point may be of shape (d,), or a number where d = 1.
        """
        x = self._points(x)
        values = np.empty(x.shape[1:])
        with np.errstate(all="ignore"):  # where f has no value, NaN says so
            self.write_value(x.reshape(self.dimension, -1), values.reshape(1, -1))
        return values

    def grad(self, x: Array | float, out: Array | None = None) -> Array:
        """Gradients (d, n) at the points x of shape (d, n), into `out` if that is given."""
        x = self._points(x)
        if out is None:
            out = np.empty_like(x)
        d = self.dimension
        with np.errstate(all="ignore"):
            self.write_gradient(x.reshape(d, -1), out.reshape(d, -1))
        return out

    def hessian(self, x: Array | float) -> Array:
        """Hessians (d, d, n) at the points x of shape (d, n)."""
        x = self._points(x)
        d = self.dimension
        out = np.empty((d * d, *x.shape[1:]))
        with np.errstate(all="ignore"):
            self.write_hessian(x.reshape(d, -1), out.reshape(d * d, -1))
        return out.reshape(d, d, *x.shape[1:])

    @cached_property
    def curvature(self) -> Array | None:
        """The Hessian (d, d) where it is the same everywhere (for a quadratic), else None."""
        matrix = self._known["curvature"]
        return None if matrix is None else np.array(matrix, dtype=float)

    @cached_property
    def formula(self) -> str:
        """The formula in LaTeX's mathematics, without dollar signs."""
        return str(self._known["latex"])

    def source(self, what: str) -> str:
        """The text of a function of the coordinates; see `gdlab.objectives.printing`.

        what : "value" (a list of one), "gradient" (of d) or "hessian" (of d * d, row by row).
        """
        return str(self._known[what])

    @cached_property
    def write_hessian(self) -> Writer:
        """Writes the Hessians at the rows x (d, n) row by row into out (d * d, n)."""
        with refusing_depth(self.expr):
            return in_place(self.source("hessian"))

    def _points(self, x: Array | float) -> Array:
        x = np.asarray(x, dtype=float)
        if x.ndim == 0:
            x = x[None]
        if len(x) != self.dimension:
            raise ValueError(
                f"points of shape {x.shape} do not have {self.dimension} coordinates in the first "
                f"place ({', '.join(self.variables)})"
            )
        return x

    def _minima(
        self,
        minimisers: Any,
        minimum: float | None,
    ) -> tuple[Array | None, float | None]:
        if minimisers is None:
            points, least = self._known["minima"]
            derived = None if points is None else np.array(points, dtype=float)
            return derived, least if minimum is None else minimum
        points = checked_points(minimisers, self.dimension)
        with np.errstate(all="ignore"):
            slopes = np.linalg.norm(self.grad(points.T), axis=0)
        smooth = np.isfinite(slopes)
        for point in points[~smooth]:
            self._require_tip(point)
        if smooth.any():  # else the Hessian, which may take long, need not be derived
            self._require_flat(points[smooth], slopes[smooth])
        if minimum is None and len(points):
            minimum = float(self(points.T).min())
        return points, minimum

    def _require_flat(self, points: Array, slopes: Array) -> None:
        """Raise ValueError for one of the points (m, d) that is no minimum of second order."""
        hessians = np.moveaxis(np.nan_to_num(self.hessian(points.T)), -1, 0)
        curvatures = np.linalg.eigvalsh(hessians)
        rounding = 1e-6 * (1 + np.abs(hessians).max(axis=(1, 2)))
        for point, slope, curvature, small in zip(
            points, slopes, curvatures, rounding, strict=True
        ):
            if not (slope <= small and curvature[0] >= -small):
                raise ValueError(
                    f"minimisers: {point.tolist()} is not a minimiser of {short(self.expr)}; the "
                    f"gradient's norm there is {slope:.3g}, the least curvature {curvature[0]:.3g}"
                )

    def _require_tip(self, point: Array) -> None:
        """Raise ValueError if f does not rise along every axis, as from the tip of a cone."""
        ways = np.concatenate([np.eye(self.dimension), -np.eye(self.dimension)])
        near = np.concatenate([point + length * ways for length in NEARBY])
        if not (self(near.T) > self(point)).all():
            raise ValueError(
                f"minimisers: {point.tolist()} is not a minimiser of {short(self.expr)}; there is "
                "no gradient there, and f does not rise from it on all sides"
            )
