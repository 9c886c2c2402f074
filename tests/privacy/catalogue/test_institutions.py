"""What an institution is comes from closed lists, which people may write in their own way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.catalogue.dimensions import COUNTY_CODES
from privacy.catalogue.institutions import COUNTIES, UnknownCounty, county_code, slug


def test_the_counties_are_those_of_the_tables() -> None:
    assert tuple(COUNTIES) == COUNTY_CODES


@pytest.mark.parametrize("code", COUNTIES)
def test_a_county_is_found_by_its_code_and_its_name(code: str) -> None:
    name = COUNTIES[code].name
    assert {county_code(text) for text in (code, name, name.upper(), f" {name.lower()} ")} == {code}


@pytest.mark.parametrize("text", ["", "Skåne", "99", "4", "Vest"])
def test_another_county_is_refused_with_the_list(text: str) -> None:
    with pytest.raises(UnknownCounty, match=r"Vestland \(46\)"):
        county_code(text)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Fjordteatret", "fjordteatret"), ("Museum Ås & Omegn", "museum-as-omegn"), ("—", "member"), ("æøå", "aoa")],
)
def test_a_slug_reads_like_its_name(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text(max_size=100))
def test_a_slug_is_short_and_has_no_hyphen_at_its_ends(name: str) -> None:
    found = slug(name)
    assert 1 <= len(found) <= 40
    assert found == slug(found) == found.strip("-")
