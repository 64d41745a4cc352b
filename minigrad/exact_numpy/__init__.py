"""NumPy's arrays, functions and module with Scalars in them: see `minigrad.arrays`, the way in."""
