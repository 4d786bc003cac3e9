"""How a step is taken.

A method is told where the lanes are, asks there or elsewhere for f, its gradient or its Hessian,
and writes the next iterates. Everything else (which lanes descend, when they stop) is the business
of `gdlab.core`. All arrays have the lanes last; a method works on each lane by itself, or a lane's
result would depend on its neighbours.
"""

from gdlab.methods.adaptive import Adagrad as Adagrad
from gdlab.methods.adaptive import Adam as Adam
from gdlab.methods.adaptive import RMSProp as RMSProp
from gdlab.methods.barzilai_borwein import BarzilaiBorwein as BarzilaiBorwein
from gdlab.methods.base import Method as Method
from gdlab.methods.base import evaluations_a_step as evaluations_a_step
from gdlab.methods.base import name_of as name_of
from gdlab.methods.gradient_descent import GradientDescent as GradientDescent
from gdlab.methods.iterates import Iterates as Iterates
from gdlab.methods.line_search import Armijo as Armijo
from gdlab.methods.line_search import ExactLineSearch as ExactLineSearch
from gdlab.methods.momentum import Momentum as Momentum
from gdlab.methods.momentum import Nesterov as Nesterov
from gdlab.methods.newton import Newton as Newton
from gdlab.methods.sign import Sign as Sign
