"""Speed, shown as ratios against a named peer or limit in the same run (`make bench`); never an assertion."""
