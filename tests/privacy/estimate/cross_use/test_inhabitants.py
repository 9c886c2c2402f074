"""The counties and who lives there."""

from privacy.catalogue.dimensions import COUNTY_CODES
from privacy.estimate.cross_use.inhabitants import PARTITION, load
from privacy.studies.cross_use import PARTITIONS


def test_every_county_is_there_and_together_they_are_the_country() -> None:
    found = load()
    assert tuple(found) == COUNTY_CODES
    assert sum(found.values()) == 5_550_203


def test_it_is_by_the_partition_of_the_studies() -> None:
    assert set(load()) <= set(PARTITIONS[PARTITION].categories)
