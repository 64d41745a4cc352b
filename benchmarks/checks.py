"""What checking a hand-written gradient costs, as a ratio to finite differences in the same run.

    python benchmarks/checks.py

SciPy's Rosenbrock function and gradient, with 25 to 200 variables, checked for all inputs; and one call
of `scipy.optimize.check_grad` at one point, which answers within a tolerance.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np
from scipy.optimize import check_grad, rosen, rosen_der

from minigrad.verify import check_gradient

SIZES = (25, 50, 100, 200)
ROUNDS = 3


def seconds(call: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Print a line for each size: seconds of both, their ratio, and the growth since the size before."""
    print(f"{'variables':>9}  {'minigrad':>9}  {'check_grad':>10}  {'ratio':>7}  growth")
    before = None
    for n in SIZES:
        point = np.linspace(0.5, 2, n)
        pairs = [
            (
                seconds(lambda n=n: check_gradient(rosen, rosen_der, shape=[n], budget=600)),
                seconds(lambda point=point: check_grad(rosen, rosen_der, point)),
            )
            for _ in range(ROUNDS)
        ]
        exact, approximate = (median(side) for side in zip(*pairs, strict=True))
        growth = "" if before is None else f"{exact / before:.1f}"
        print(
            f"{n:>9}  {exact:>7.2f} s  {approximate:>8.4f} s  {exact / approximate:>7,.0f}  {growth}"
        )
        before = exact


if __name__ == "__main__":
    main()
