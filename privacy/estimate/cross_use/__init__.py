"""From members' noisy counts against each other's sketches to overlaps, reach and multiplicity.

Pure, as all of `privacy.estimate`: no file, no clock, and no chance; where an error
is found by simulation, the draws are always the same. docs/cross-use-errors.md has the variances and what was measured.

Unlike sums of releases, these figures need logarithms and a solver, whose last bits may differ between two machines.
So what is published is rounded far coarser than that: `privacy.estimate.cross_use.figures` has the rule.
"""
