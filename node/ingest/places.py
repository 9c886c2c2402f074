"""From a postcode to a county: the reference data of the dimension "where the customer lives".

Postcodes and counties come from the package `countrystatecity-postal-codes` (Open Database License),
whose Norwegian file carries the counties of 2024. Other countries' files are never read.
"""

import re
from functools import cache
from typing import Final

SVALBARD: Final = "svalbard"
ABROAD: Final = "abroad"
UNKNOWN: Final = "unknown"


_OUTSIDE_THE_COUNTIES: Final = {"21": SVALBARD, "22": SVALBARD}
"""Svalbard and Jan Mayen, which ISO 3166 counts as one (SJ); Jan Mayen has one postcode and no permanent
residents."""

_NORWAY: Final = frozenset(
    {"n", "no", "nor", "578", "norge", "noreg", "norway", "norga", "norwegen", "kongeriket norge"}
)
_SVALBARD: Final = frozenset({"sj", "sjm", "744", "svalbard", "svalbard og jan mayen", "svalbard and jan mayen"})
_NOT_STATED: Final = frozenset({"", "-", "0", "n/a", "nan", "none", "null", "ukjent", "unknown", "ikke oppgitt"})

_POSTCODE: Final = re.compile(
    r"(?:NO?[-\s]?)?"
    r"(?:([0-9]{3,4})(?:\.0)?"
    # A place may follow; two capitals are the end of a Dutch postcode, unless they are the post town Os.
    r"|([0-9]{4})[\s,]+(?!(?!OS)[A-Z]{2}\Z)[^\W\d_].*)",
    re.IGNORECASE | re.DOTALL,
)


def normalise_postcode(text: str) -> str | None:
    """The four digits of a Norwegian postcode, or None where the text has not the form of one.

    Accepts a prefix (`N-0150`, `NO-0150`), a place behind it (`0150 Oslo`), and what spreadsheets make
    of it: three digits have lost their leading zero, and `.0` is a number that was stored as a fraction.
    """
    found = _POSTCODE.fullmatch(text.strip())
    return None if found is None else (found[1] or found[2]).zfill(4)


def county_of(postcode: str | None, country: str | None) -> str:
    """Where a customer lives: a county's official code, "svalbard", "abroad" or "unknown".

    `country` is a name or an ISO 3166 code; where none is stated, Norway is assumed, as ticketing
    systems do. A foreign country is abroad whatever the postcode; a postcode that Norway does not have
    is unknown.
    """
    stated = (country or "").strip().casefold()
    if stated not in _NOT_STATED and stated not in _NORWAY and stated not in _SVALBARD:
        return ABROAD
    digits = normalise_postcode(postcode) if postcode else None
    elsewhere = SVALBARD if stated in _SVALBARD else UNKNOWN
    return elsewhere if digits is None else _county_by_postcode().get(digits, elsewhere)


@cache
def _county_by_postcode() -> dict[str, str]:
    # Imported here, for imports of data alone need it; the package's objects would take ten times as long.
    from countrystatecity_postal_codes.loaders import DataLoader

    places = [(entry["code"], entry.get("stateCode")) for entry in DataLoader.load_postcodes("NO")]
    return {code: _OUTSIDE_THE_COUNTIES.get(state, state) for code, state in places if state is not None}
