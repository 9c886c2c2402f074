"""From noisy integers to published figures, the same for the coordinator and the auditor.

Pure: nothing here reads a file, a clock or chance. The arithmetic is exact integers, `math.fsum`, and
the operations that IEEE 754 rounds correctly (+, -, *, /, square root), so that two machines agree to the
last bit. Two exceptions: `tail` takes logarithms and exponentials, in whose last digits C libraries differ,
and rounds each to 12 digits; `cross_use` has a solver, and says itself how coarsely its figures are rounded.
"""
