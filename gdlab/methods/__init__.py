"""How a step is taken.

A method is told the point, the gradient there, the step size and its own memory, and writes the
step p of the update x_k = x_{k-1} - p. Everything else (which lanes descend, when they stop) is
the business of `gdlab.core`. All arrays have the lanes last; a method works on each lane by
itself, or a lane's result would depend on its neighbours.
"""

from gdlab.methods.base import Method as Method
from gdlab.methods.gradient_descent import GradientDescent as GradientDescent
