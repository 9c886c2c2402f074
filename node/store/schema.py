"""Tables of the store.

What is imported (`imports`, `profiles`, `order_lines`, `events`) is kept as it came, harmonised. What follows from it
(`performances`, `customers`, `orders`, `sales`) is made anew after every import by `node.store.derive`. What stands in
the sketch of a year (`freezes`, `frozen`) was true when it was made, and no import changes it: `node.store.frozen`.

Keyed hashes look random: trying to compress them takes longer than writing them. So do names that hardly repeat, and
moments. Words of the standard are kept as places in a list: `node.store.codes`.
"""

from collections.abc import Sequence

from node.store.codes import WORDS

VERSION = 4
"""Raised where `DERIVED` changes too: a store of an older version is derived anew when it is opened."""

IMPORTED = """
CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

-- One row per file of every import. The path is not kept: only the file's own name and its digest.
CREATE TABLE imports (
    import_no BIGINT NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    source VARCHAR NOT NULL,
    system VARCHAR NOT NULL,
    layout VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    file_sha256 VARCHAR NOT NULL,
    rows BIGINT NOT NULL,
    lines_new BIGINT NOT NULL,
    lines_updated BIGINT NOT NULL,
    lines_unchanged BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    skipped BIGINT NOT NULL
);

-- A customer profile of one source. `match_id` is a keyed hash, `placeholder` a box office's own address, `by_phone`
-- an id made of a telephone number; `first_on` is the first day of what retention has taken out.
CREATE TABLE profiles (
    source VARCHAR NOT NULL,
    customer_key VARCHAR NOT NULL USING COMPRESSION zstd,
    match_id BLOB USING COMPRESSION uncompressed,
    placeholder BOOLEAN NOT NULL,
    by_phone BOOLEAN,
    birth_year SMALLINT,
    gender VARCHAR,
    county VARCHAR,
    segment VARCHAR,
    customer_type VARCHAR,
    objects BOOLEAN,
    consents BOOLEAN,
    first_on DATE,
    import_no BIGINT NOT NULL
);

-- One row per line as sold. `ordered_on` is the institution's local day; the ranks are the keyed order. The category,
-- the channel and the state are places in lists of words.
CREATE TABLE order_lines (
    source VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL USING COMPRESSION zstd,
    line_id VARCHAR NOT NULL USING COMPRESSION zstd,
    summary BOOLEAN NOT NULL,
    ordered_at TIMESTAMP NOT NULL USING COMPRESSION uncompressed,
    ordered_on DATE NOT NULL,
    changed_at TIMESTAMP USING COMPRESSION uncompressed,
    event_id VARCHAR,
    ticket_type VARCHAR,
    ticket_category UTINYINT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price_ore BIGINT,
    amount_ore BIGINT NOT NULL,
    channel UTINYINT NOT NULL,
    state UTINYINT NOT NULL,
    price_zone VARCHAR,
    ticket_id VARCHAR,
    original_order_id VARCHAR,
    original_line_id VARCHAR,
    customer_key VARCHAR USING COMPRESSION zstd,
    order_rank BIGINT NOT NULL USING COMPRESSION uncompressed,
    line_rank BIGINT NOT NULL USING COMPRESSION uncompressed,
    event_start TIMESTAMP
);

-- What is known of an event. `event_start` is what the latest row of any file says, of whoever's sale it is, and is for
-- the institution's own eyes; `listed_start` is what a file of events says, where no customer has a say.
CREATE TABLE events (
    source VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    event_title VARCHAR,
    production VARCHAR,
    genre VARCHAR,
    event_start TIMESTAMP,
    venue VARCHAR,
    capacity BIGINT,
    cancelled BOOLEAN,
    listed_start TIMESTAMP
);
"""

_NOTES = """
-- What was left out and rejected in an import, counted by reason: no row and no value of one.
CREATE TABLE IF NOT EXISTS import_notes (
    import_no BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rows BIGINT NOT NULL
);

-- The data quality as it was after each import, as JSON: what the next one is compared with.
CREATE TABLE IF NOT EXISTS qualities (import_no BIGINT NOT NULL, content VARCHAR NOT NULL);
"""

IMPORTED += _NOTES

FROZEN = """
-- One row per year of sketches. `ids_commitment` is that of the identity key's chain that the match ids of its list are
-- made with now; the other commitment and epoch are those that its buckets were made with, and stay. `sketch_digest` is
-- that of the sketch that was drawn of the list, as the ledger writes it; without one none was.
CREATE TABLE IF NOT EXISTS freezes (
    epoch VARCHAR NOT NULL,
    window_first DATE NOT NULL,
    window_last DATE NOT NULL,
    buckets BIGINT NOT NULL,
    identity_commitment BLOB NOT NULL,
    identity_epoch BIGINT NOT NULL,
    ids_commitment BLOB NOT NULL,
    sketch_digest VARCHAR
);

-- The customers of a sketch: where each fell, and what each was then, as indices of the catalogue.
CREATE TABLE IF NOT EXISTS frozen (
    epoch VARCHAR NOT NULL,
    match_id BLOB NOT NULL USING COMPRESSION uncompressed,
    bucket BIGINT NOT NULL,
    age_band BIGINT NOT NULL,
    county BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    frequency_band BIGINT NOT NULL
);
"""

OLDER = ("1", "2", "3")
"""Versions of a store that `LACKED` makes one of this version, once `DERIVED` is made anew."""


def _coded(column: str, words: Sequence[str]) -> str:
    """SQL that makes places of the words of a column.

    It stands in the log of what is not yet in the store's file, and is read back from there after a kill: before that,
    DuckDB has loaded no functions, and can do nothing but compare.
    """
    places = " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(words))
    return f"ALTER TABLE order_lines ALTER COLUMN {column} SET DATA TYPE UTINYINT USING CASE {column} {places} END;\n"


_CODED = "".join(_coded(column, words) for column, words in WORDS.items())

LACKED = f"""
ALTER TABLE profiles ADD COLUMN IF NOT EXISTS by_phone BOOLEAN;
ALTER TABLE profiles ADD COLUMN IF NOT EXISTS consents BOOLEAN;
ALTER TABLE profiles ADD COLUMN IF NOT EXISTS first_on DATE;
ALTER TABLE order_lines ADD COLUMN IF NOT EXISTS event_start TIMESTAMP;
ALTER TABLE events ADD COLUMN IF NOT EXISTS listed_start TIMESTAMP;
{_CODED}
{_NOTES}
{FROZEN}
"""
"""What a store of any older version may lack: what was imported stays as it is, and what is there already too."""

DERIVED = """
-- The events, numbered as they come. `event_start` is in UTC.
CREATE OR REPLACE TABLE performances (
    event_no BIGINT NOT NULL,
    source VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    genre VARCHAR,
    event_start TIMESTAMP,
    listed_start TIMESTAMP,
    capacity BIGINT,
    cancelled BOOLEAN NOT NULL
);
CREATE OR REPLACE TABLE customers (
    unit BIGINT NOT NULL,
    match_id BLOB USING COMPRESSION uncompressed,
    identified BOOLEAN NOT NULL,
    released BOOLEAN NOT NULL,
    birth_year BIGINT,
    gender BIGINT NOT NULL,
    county BIGINT NOT NULL,
    segment VARCHAR,
    customer_type VARCHAR
);
CREATE OR REPLACE TABLE orders (
    order_no BIGINT NOT NULL,
    unit BIGINT NOT NULL,
    ordered_on DATE NOT NULL,
    order_rank BIGINT NOT NULL USING COMPRESSION uncompressed,
    channel BIGINT NOT NULL
);
CREATE OR REPLACE TABLE sales (
    unit BIGINT NOT NULL,
    order_no BIGINT NOT NULL,
    ordered_on DATE NOT NULL,
    order_rank BIGINT NOT NULL USING COMPRESSION uncompressed,
    line_rank BIGINT NOT NULL USING COMPRESSION uncompressed,
    ticket_type BIGINT NOT NULL,
    channel BIGINT NOT NULL,
    tickets BIGINT NOT NULL,
    revenue_ore BIGINT NOT NULL,
    event_no BIGINT,
    event_start TIMESTAMP
);
"""
