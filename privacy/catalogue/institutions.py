"""What an institution is, for comparisons: its industry, its county and its size, each from a closed list."""

import re
from dataclasses import dataclass
from typing import Final

from privacy.errors import KudosError

INDUSTRIES: Final = (
    "performing-arts",
    "museum",
    "visual-art",
    "orchestra",
    "concert-hall",
    "festival",
    "opera-and-ballet",
    "culture-house",
    "heritage",
    "other",
)

SIZE_CLASSES: Final = ("small", "medium", "large")
"""As the coordinator and the member agree when the member is invited; never derived from its figures."""


@dataclass(frozen=True)
class CountyInfo:
    """A county of Norway as of 2024. `inhabitants`: on 1 January 2024 (Statistics Norway, table 07459)."""

    code: str
    name: str
    inhabitants: int


COUNTIES: Final[dict[str, CountyInfo]] = {
    county.code: county
    for county in (
        CountyInfo("03", "Oslo", 717_710),
        CountyInfo("11", "Rogaland", 499_417),
        CountyInfo("15", "Møre og Romsdal", 270_624),
        CountyInfo("18", "Nordland", 243_081),
        CountyInfo("31", "Østfold", 312_152),
        CountyInfo("32", "Akershus", 728_803),
        CountyInfo("33", "Buskerud", 269_819),
        CountyInfo("34", "Innlandet", 376_304),
        CountyInfo("39", "Vestfold", 256_432),
        CountyInfo("40", "Telemark", 177_093),
        CountyInfo("42", "Agder", 319_850),
        CountyInfo("46", "Vestland", 651_299),
        CountyInfo("50", "Trøndelag", 482_956),
        CountyInfo("55", "Troms", 169_610),
        CountyInfo("56", "Finnmark", 75_053),
    )
}
"""The fifteen counties by their official two-digit code, in the order of the codes."""


class UnknownCounty(KudosError):
    """A text that names no county of 2024."""

    reason = "USAGE"
    exit_status = 2


def county_code(text: str) -> str:
    """A county's official code from its code or its name. Raises UnknownCounty with the list."""
    wanted = text.strip().casefold()
    for code, county in COUNTIES.items():
        if wanted in (code, county.name.casefold()):
            return code
    names = ", ".join(f"{county.name} ({code})" for code, county in COUNTIES.items())
    raise UnknownCounty(f"{text!r} is no county of 2024. There is: {names}.")


def slug(name: str) -> str:
    """A name in the letters that identifiers may have: at most 40 of a-z, 0-9 and the hyphen."""
    letters = name.casefold().translate(str.maketrans("æøåäöü", "aoaaou"))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40].strip("-") or "member"
