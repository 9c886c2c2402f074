"""Studies: what a round measures, as files under version control that a policy names by their digest."""
