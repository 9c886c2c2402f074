"""How many people live in each county: what a reach by county is measured against."""

from privacy.catalogue.dimensions import COUNTY
from privacy.catalogue.institutions import COUNTIES

PARTITION = COUNTY.name
"""The partition whose groups have inhabitants."""


def load() -> dict[str, int]:
    """Inhabitants by the official code of the county, in the order of codes (`privacy.catalogue.institutions`)."""
    return {code: county.inhabitants for code, county in COUNTIES.items()}
