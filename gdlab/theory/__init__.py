"""What is known about descent without descending: limits, rates, and counts of iterations.

On a quadratic the error along each eigenvector of the Hessian goes its own way, and a method that
takes the gradient linearly makes a linear recurrence of it: e_k = a e_{k-1} + b e_{k-2}. That says
which step sizes converge, how fast, and after how many iterations from any start. Near a minimiser
of another function it says the first two.
"""

from gdlab.theory.bounds import bounded_step_sizes as bounded_step_sizes
from gdlab.theory.bounds import gap_bound as gap_bound
from gdlab.theory.bounds import smoothness as smoothness
from gdlab.theory.limits import best_step_size as best_step_size
from gdlab.theory.limits import exact_limit as exact_limit
from gdlab.theory.limits import stability_limits as stability_limits
from gdlab.theory.limits import symbols_of as symbols_of
from gdlab.theory.models import predict_near as predict_near
from gdlab.theory.parameters import Parameters as Parameters
from gdlab.theory.parameters import best_parameters as best_parameters
from gdlab.theory.prediction import Prediction as Prediction
from gdlab.theory.prediction import predict as predict
from gdlab.theory.quadratics import Quadratic as Quadratic
from gdlab.theory.rates import decades as decades
from gdlab.theory.rates import local_rates as local_rates
from gdlab.theory.rates import rates as rates
