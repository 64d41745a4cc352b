"""What minigrad costs, measured beside its peers in one run: `python -m benchmarks`.

`workloads` has the programs, `tape` the bare arithmetic of each, `peers` who runs them, `measure` the
check that all agree and the rounds, `scale` the chain of a million nodes, `report` the tables.
`checks.py` and `proofs.py` are scripts of their own, for the costs of `check_gradient` and of the proofs.
"""
