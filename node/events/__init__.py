"""What happened at the institution and when, in its own words: for its own comparisons, and never for anybody else."""
