"""Words of the standard as the store keeps them of an order line: by their place in a list.

A place is one byte, and a word takes as long to store as a name does. The lists are only ever added to, at their ends:
what is stored keeps its meaning.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from node.ingest import standard
from privacy.catalogue import dimensions

WORDS: Mapping[str, Sequence[str]] = {
    "ticket_category": dimensions.TICKET_TYPE.categories,
    "channel": dimensions.CHANNEL.categories,
    "state": standard.STATES,
}
"""The columns of `order_lines` that have such words, each with its list."""

CANCELLED, RESERVED, RETURNED = map(standard.STATES.index, ("cancelled", "reserved", "returned"))


def coded(lines: pa.Table) -> pa.Table:
    """Order lines with places, uint8, for words, which stand there as a dictionary. Raises ValueError for others."""
    for column, words in WORDS.items():
        told = lines.column(column).combine_chunks()
        places = np.array([words.index(word) for word in told.dictionary.to_pylist()], dtype=np.uint8)
        found = pa.array(places[told.indices.to_numpy()])
        lines = lines.set_column(lines.schema.get_field_index(column), column, found)
    return lines
