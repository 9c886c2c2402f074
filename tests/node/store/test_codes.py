"""Words of an order line are kept as places: of what is stored, none may ever mean another word."""

import pyarrow as pa
import pytest

from node.store.codes import CANCELLED, RESERVED, RETURNED, WORDS, coded
from node.store.derive import CHANNELS

KEPT = {
    "ticket_category": "ordinary child youth student senior group school subscription member discount complimentary "
    "other",
    "channel": "web box_office phone app partner other",
    "state": "paid returned cancelled reserved",
}


def lines(state: pa.DictionaryArray) -> pa.Table:
    """Order lines of some states."""
    same = pa.DictionaryArray.from_arrays(pa.array([0] * len(state), pa.int64()), ["other"])
    return pa.table({"ticket_category": same, "state": state, "channel": same, "quantity": [1] * len(state)})


@pytest.mark.parametrize("column", KEPT)
def test_no_word_has_moved(column: str) -> None:
    kept = KEPT[column].split()
    assert list(WORDS[column][: len(kept)]) == kept


def test_words_become_places_whatever_their_dictionary() -> None:
    words = pa.DictionaryArray.from_arrays(
        pa.array([1, 0, 2, 1, 3]), ["reserved", "cancelled", "returned", "cancelled"]
    )
    made = coded(lines(words))
    assert made.column("state").to_pylist() == [CANCELLED, RESERVED, RETURNED, CANCELLED, CANCELLED]
    assert made.column("state").type == pa.uint8()
    assert made.column_names == ["ticket_category", "state", "channel", "quantity"]
    assert coded(lines(words).slice(0, 0)).num_rows == 0


def test_a_word_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="tuple"):
        coded(lines(pa.DictionaryArray.from_arrays(pa.array([0]), ["sold"])))


def test_a_channel_fits_beside_a_rank() -> None:
    """`derive` packs the place of an order's channel into the bits that a rank leaves."""
    assert len(WORDS["channel"]) <= CHANNELS == 1 << (64 - 61)
