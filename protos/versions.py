"""Which version of the protocol is spoken here, and which older one still is.

A version is a number that grows when a peer of the version before could misunderstand what is said. Each side takes the
other where it is one version older at the most: so a coordinator is upgraded first, and nodes have until the next
version to follow. What says no number spoke before there were numbers: version 1.
"""

SPOKEN = 2
OLDEST = SPOKEN - 1
UNNUMBERED = 1


def told(number: int) -> int:
    """The version that a peer means by a number of its greeting."""
    return number or UNNUMBERED
