"""Proof of gradients: the same graph in SymPy, and equality at every node."""

from minigrad.verify.cases import case

__all__ = ["case"]
