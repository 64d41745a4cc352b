"""NumPy's arrays, functions and module with Scalars in them: see `minigrad.arrays`, the way in.

Whoever imports this imports NumPy.
"""

from minigrad.exact_numpy.ndarray import Array, of_function, of_ufunc

__all__ = ["Array", "of_function", "of_ufunc"]
