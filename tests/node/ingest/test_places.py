"""Where a customer lives, from what ticketing systems have in the fields postcode and country."""

import subprocess
import sys

import pytest
from countrystatecity_postal_codes import get_postcodes_of_country
from hypothesis import given, settings
from hypothesis import strategies as st

from node.ingest.places import county_of, normalise_postcode
from privacy.catalogue.dimensions import COUNTY, COUNTY_CODES
from privacy.catalogue.institutions import COUNTIES


def test_the_counties_are_those_of_the_catalogue_and_hold_the_whole_population() -> None:
    assert tuple(COUNTIES) == COUNTY_CODES
    assert all(code == county.code for code, county in COUNTIES.items())
    assert sum(county.inhabitants for county in COUNTIES.values()) == 5_550_203


POSTCODES = {entry.code: str(entry.stateCode) for entry in get_postcodes_of_country("NO")}


def test_every_norwegian_postcode_lies_in_a_county_or_on_svalbard() -> None:
    assert len(POSTCODES) == 5122
    found = {code: county_of(code, "NO") for code in POSTCODES}
    assert set(found.values()) == {*COUNTIES, "svalbard"} <= set(COUNTY.categories)
    beyond = {code for code, county in found.items() if county == "svalbard"}
    assert {POSTCODES[code] for code in beyond} == {"21", "22"}
    assert all(found[code] == county for code, county in POSTCODES.items() if code not in beyond)


def test_svalbard_and_jan_mayen_are_no_county() -> None:
    beyond = {code for code in POSTCODES if county_of(code, "NO") == "svalbard"}
    assert beyond == {"8099", "9170", "9171", "9173", "9174", "9175", "9176", "9178"}


@pytest.mark.parametrize(
    ("postcode", "county"),
    [
        ("0150", "03"),
        ("4006", "11"),
        ("6002", "15"),
        ("8006", "18"),
        ("1606", "31"),
        ("1337", "32"),
        ("3015", "33"),
        ("2317", "34"),
        ("3110", "39"),
        ("3717", "40"),
        ("4611", "42"),
        ("5003", "46"),
        ("7010", "50"),
        ("9008", "55"),
        ("9510", "56"),
        ("9170", "svalbard"),
    ],
)
def test_a_town_of_each_county(postcode: str, county: str) -> None:
    assert county_of(postcode, None) == county


@pytest.mark.parametrize(
    "written",
    [
        "0150",
        "150",
        "N-0150",
        "NO-0150",
        "no 0150",
        "N0150",
        " 0150 ",
        "0150 Oslo",
        "0150, OSLO",
        "150.0",
        "N-150",
    ],
)
def test_the_spellings_of_one_postcode(written: str) -> None:
    assert normalise_postcode(written) == "0150"
    assert county_of(written, "") == "03"


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "50",
        "15",
        "01500",
        "123 45",
        "SE-123 45",
        "1012 AB",
        "1000-001",
        "SW1A 1AA",
        "0150Oslo",
        "Oslo",
        "-150",
        "٠١٥٠",
        "150 Oslo",
    ],
)
def test_what_is_no_norwegian_postcode_is_not_forced_to_be_one(written: str) -> None:
    assert normalise_postcode(written) is None
    assert county_of(written, None) == "unknown"


def test_a_post_town_of_two_letters_is_no_dutch_postcode() -> None:
    assert county_of("1430 Ås", None) == "32"
    assert county_of("5200 OS", None) == "46"


def test_codes_that_norway_does_not_have_are_unknown() -> None:
    unused = {f"{number:04d}" for number in range(10_000)} - set(POSTCODES)
    assert len(unused) == 10_000 - 5122
    assert {county_of(postcode, "Norge") for postcode in unused} == {"unknown"}


@pytest.mark.parametrize("country", ["NO", "no ", "NOR", "Norge", "NORWAY", "Noreg", None, "", "ukjent"])
def test_norway_or_no_country_reads_the_postcode(country: str | None) -> None:
    assert county_of("5003", country) == "46"
    assert county_of(None, country) == "unknown"


@pytest.mark.parametrize("country", ["SE", "Sverige", "Denmark", "DE", "USA", "Nordirland"])
def test_a_foreign_country_is_abroad_whatever_the_postcode(country: str) -> None:
    assert county_of("5003", country) == county_of(None, country) == county_of("12345", country) == "abroad"


def test_svalbard_as_a_country() -> None:
    assert county_of(None, "Svalbard") == county_of("9170", "SJ") == county_of("9170", "NO") == "svalbard"
    assert county_of("9008", "SJ") == "55"


@settings(deadline=None)
@given(st.text(max_size=12) | st.none(), st.text(max_size=12) | st.none())
def test_everything_falls_into_a_category(postcode: str | None, country: str | None) -> None:
    assert county_of(postcode, country) in COUNTY.categories


def test_only_norways_file_is_read_and_not_before_it_is_needed() -> None:
    program = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from node.ingest.places import county_of
assert not any("countrystatecity" in name for name in sys.modules)
assert county_of("0150", None) == "03"
print(*(path.replace("\\\\", "/") for path in opened if path.endswith(".json")), sep="\\n")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    read = done.stdout.split("\n")[:-1]
    assert len(read) == 1
    assert read[0].endswith("/by-country/NO/postcodes.json")
