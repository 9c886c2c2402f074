"""Age, gender, county and culture segment come from what an export says of them, and from nothing else."""

from pathlib import Path

import pytest

from node.ingest import profile, values
from node.ingest.propose import headers
from node.ingest.propose.columns import mapping
from node.ingest.propose.draft import Answers, draft
from node.ingest.propose.look import looks
from node.ingest.readers.table import open_table
from tests.node.ingest.harmonised import harmonised, some
from tests.node.ingest.house import csv

ATTRIBUTES = ("birth_year", "gender", "county", "segment", "customer_type")


def test_a_name_makes_no_gender_and_an_address_no_age(tmp_path: Path) -> None:
    rows = harmonised(csv(tmp_path, "k.csv", "customer_key,email,gender,birth_year\nK1,kari1971@example.no,,\n"))
    assert some(rows.profiles, *ATTRIBUTES) == [(None, None, None, None, None)]


@pytest.mark.parametrize("said", ["Kari", "Fru Hansen", "Herr Hansen", "hun", "?", "-"])
def test_a_gender_that_is_no_word_for_one_stays_unknown(tmp_path: Path, said: str) -> None:
    rows = harmonised(csv(tmp_path, "k.csv", f"customer_key,email,gender\nK1,a@example.no,{said}\n"))
    assert some(rows.profiles, "gender") == [(None,)]


@pytest.mark.parametrize(
    "said", ["", "54", "54 år", "50-59", "12.05.71", "1900-01-01", "0000-00-00", "2999-01-01", "12057112345", "voksen"]
)
def test_a_birth_year_that_is_not_told_stays_unknown(tmp_path: Path, said: str) -> None:
    rows = harmonised(csv(tmp_path, "k.csv", f"customer_key,email,birth_year\nK1,a@example.no,{said}\n"))
    assert some(rows.profiles, "birth_year") == [(None,)]


@pytest.mark.parametrize(
    ("said", "year"), [("1971", 1971), ("12.05.1971", 1971), ("1971-05-12", 1971), ("05/12/1971", 1971)]
)
def test_a_year_or_a_date_with_one_tells_it(said: str, year: int) -> None:
    assert values.birth_year(said) == year


@pytest.mark.parametrize(("postcode", "country"), [("", "NO"), ("99999", ""), ("Bergen", ""), ("0000", "NO")])
def test_a_county_is_of_a_postcode_that_norway_has_and_of_nothing_else(
    tmp_path: Path, postcode: str, country: str
) -> None:
    text = f"customer_key,phone,postcode,country\nK1,55123456,{postcode},{country}\n"
    assert some(harmonised(csv(tmp_path, "k.csv", text.replace("key,phone", "key,email,phone").replace("K1,", "K1,,"))
                           ).profiles, "county") == [(None,)]  # fmt: skip


@pytest.mark.parametrize(("said", "segment"), [("Enrichment", "enrichment"), ("berikelse?", None), ("", None)])
def test_a_segment_is_one_of_the_eight_or_unknown(tmp_path: Path, said: str, segment: str | None) -> None:
    rows = harmonised(csv(tmp_path, "k.csv", f"customer_key,email,segment\nK1,a@example.no,{said}\n"))
    assert some(rows.profiles, "segment") == [(segment,)]


def test_no_shipped_profile_reads_an_attribute_from_a_column_of_something_else() -> None:
    for each in profile.shipped().values():
        for layout in each.layouts:
            for field in ("birth_year", "gender", "segment"):
                for way in layout.columns_of(field):
                    for column in way.names:
                        words = headers.words_of(column.rpartition(".")[0] or column)
                        assert headers.never(words) is None, (each.name, column)
                        named = ("birth", "født", "gender", "kjønn", "segment")
                        assert any(word in column.casefold() for word in named), (each.name, column)


NEVER = {
    "Fødselsnummer": "12057112345",
    "Personnummer": "19710512-1234",
    "CPR-nr": "120571-1234",
    "Fornavn": "Kari",
    "Alder": "54",
    "Strekkode": "9001",
    "Nyhetsbrev": "ja",
}


def test_no_proposal_makes_an_attribute_of_a_name_an_age_or_an_identity_number(tmp_path: Path) -> None:
    text = ";".join(["Ordrenr", "Dato", "Beløp", *NEVER]) + "\n"
    text += ";".join(["1001", "03.02.2025", "100,00", *NEVER.values()]) + "\n"
    table = open_table(csv(tmp_path, "s.csv", text), lambda _: False)
    made = draft(table, looks(table), Answers(), None)
    assert {column.header: column.field for column in made.matched.columns if column.header in NEVER} == dict.fromkeys(
        NEVER
    )
    for resource in ("order_lines", "customers", "events"):
        found = mapping(looks(table), resource, {})
        assert not {column.header for column in found.columns if column.field} & set(NEVER)
