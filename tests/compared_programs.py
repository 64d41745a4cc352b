"""Two programs as they are compared: a function's, and that of a derivative."""

from __future__ import annotations

import math
from typing import Any

from minigrad.verify.arguments import of_point
from minigrad.verify.claims import Claim, Kind, sample
from minigrad.verify.program import Program
from minigrad.verify.symbolic import Rules


def programs(function: Any, derivative: Any, point: Any) -> tuple[Claim, Program, Program]:
    layout, values = of_point(function, point)
    claim = Claim(Kind.GRADIENT, function, derivative, layout)
    ran = sample(claim, values, math.inf)
    rules = Rules()
    ours = Program(ran.given, ran.own_leaves, rules)
    return claim, Program(ran.outputs, ran.leaves, rules), ours
