"""Stores of older versions, and how to make one of a store of today."""

from node.store.codes import WORDS

WITH_WORDS = "".join(
    f"ALTER TABLE order_lines ALTER COLUMN {column} SET DATA TYPE VARCHAR USING {list(words)}[{column} + 1];"
    for column, words in WORDS.items()
)
"""SQL that puts words where version 4 has places."""
