"""Publication: a closed round's releases become a signed benchmark, which never changes afterwards."""
