"""Layouts are told by headers; what fits none is refused in words that help and that hold nobody's data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import ImportRefused
from node.ingest import profile
from node.ingest.recognise import index_of, plain, recognise

SHIPPED = list(profile.shipped().values())


@given(st.lists(st.sampled_from(["Pris", "pris", " PRIS ", "Produkt", "Pris#2", "", "produkt#2", "\ufeffProdukt"])))
def test_every_column_has_one_name_and_the_first_of_equal_ones_the_plain_one(headers: list[str]) -> None:
    index = index_of(headers)
    for name, position in index.items():
        base, _, number = name.rpartition("#")
        if name == plain(headers[position]):
            assert position == next(place for place, header in enumerate(headers) if plain(header) == name)
        else:
            equal = [place for place, header in enumerate(headers) if plain(header) == base]
            assert equal[int(number) - 1] == position
    assert {plain(header) for header in headers} <= set(index)


def test_headers_are_compared_without_case_marks_and_spaces() -> None:
    headers = ["\ufeffORDER_ID", " ordered_at", "Amount", "Quantity"]
    found = recognise(headers, SHIPPED, "x.csv")
    assert (found.profile.name, found.layout.name) == ("kudos", "order_lines")
    assert found.index == {"order_id": 0, "ordered_at": 1, "amount": 2, "quantity": 3}


def test_of_two_layouts_that_fit_the_one_that_names_more_is_taken() -> None:
    headers = ["Ordrekode", "Ordre beløp", "Ordredato", "Ordre tid", "Posisjon", "Gebyrer", "Status", "E-post"]
    assert recognise(headers, SHIPPED, "x.csv").layout.name == "orders, Norwegian"


def test_a_missing_column_is_named_with_the_nearest_layout() -> None:
    headers = ["SaleTicketId", "OrderId", "TicketCount", "Created"]
    with pytest.raises(ImportRefused, match=r"salg\.csv, line 1: nearest to Tixly .*without the column 'Price'"):
        recognise(headers, SHIPPED, "salg.csv")


def test_an_unknown_system_is_told_what_to_do() -> None:
    with pytest.raises(ImportRefused, match=r"no system that I know writes .*kudos-node profile new salg.csv"):
        recognise(["Kvittering", "Dag", "Sum"], SHIPPED, "salg.csv")
    with pytest.raises(ImportRefused, match=r"Tixly .* does not write"):
        recognise(["Kvittering", "Dag", "Sum"], [profile.shipped()["tixly"]], "salg.csv")


@pytest.mark.parametrize(
    "cells",
    [
        ["100", "2025-01-01", "250,00", "Kari Nordmann", "kari@example.no"],
        ["Kari Nordmann", "kari@example.no", "A", "B"],
        ["Kari Nordmann", "912 34 567", "A", "B"],
        ["0b8a9d6e-1c2d-4b3a-9e8f-112233445566", "Kari Nordmann"],
    ],
)
def test_a_first_line_of_data_is_refused_and_not_shown(cells: list[str]) -> None:
    with pytest.raises(ImportRefused, match="data and not the names of") as refused:
        recognise(cells, SHIPPED, "salg.csv")
    for secret in ("Kari", "Nordmann", "kari@", "912"):
        assert secret not in str(refused.value)


def test_a_system_is_near_only_where_no_more_than_half_of_its_columns_are_missing() -> None:
    half = ["Ordrekode", "Ordredato", "Ordre tid", "Kunde"]
    with pytest.raises(ImportRefused, match=r"nearest to pretix .*'Posisjons ID', 'Produkt', 'Pris'"):
        recognise(half, SHIPPED, "salg.csv")
    for headers in (["Ordrekode", "Dato", "Kunde"], ["Ordrekode", "Ordredato", "Dag", "Kunde"], ["E-post", "Ordrenr"]):
        with pytest.raises(ImportRefused, match=r"no system that I know writes .*kudos-node profile new salg.csv"):
            recognise(headers, SHIPPED, "salg.csv")


def test_of_a_system_that_was_asked_for_every_missing_column_is_named() -> None:
    with pytest.raises(ImportRefused, match=r"nearest to pretix .*'Posisjons ID', 'Ordredato', 'Ordre tid'"):
        recognise(["Ordrekode", "Dato", "Kunde"], [profile.shipped()["pretix"]], "salg.csv")


def test_a_column_that_ones_own_files_lack_is_named_though_the_profile_names_but_two() -> None:
    text = (
        'name = "kassa"\ntitle = "Kassa"\nbasis = "own"\nrests_on = "Ours."\n[[layout]]\nname = "customers"\n'
        'resource = "customers"\nrecognise = ["E-post", "Kundenr"]\ncolumns = {email = "E-post"}\n'
    )
    with pytest.raises(ImportRefused, match=r"nearest to Kassa \(customers\), but without the column 'Kundenr'"):
        recognise(["E-post", "Medlem"], [*SHIPPED, profile.parse(text, "kassa.toml")], "kunder.csv")
