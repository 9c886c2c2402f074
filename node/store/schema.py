"""Tables of the store.

What is imported (`imports`, `profiles`, `order_lines`, `events`) is kept as it came, harmonised. What follows from it
(`customers`, `orders`, `sales`) is made anew after every import by `node.store.derive`.

Keyed hashes look random: trying to compress them takes longer than writing them. So do names that hardly repeat.
"""

VERSION = 2

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

-- One row per line as sold. `ordered_on` is the institution's local day; the ranks are the keyed order.
CREATE TABLE order_lines (
    source VARCHAR NOT NULL,
    order_id VARCHAR NOT NULL USING COMPRESSION zstd,
    line_id VARCHAR NOT NULL USING COMPRESSION zstd,
    summary BOOLEAN NOT NULL,
    ordered_at TIMESTAMP NOT NULL,
    ordered_on DATE NOT NULL,
    changed_at TIMESTAMP,
    event_id VARCHAR,
    ticket_type VARCHAR,
    ticket_category VARCHAR NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price_ore BIGINT,
    amount_ore BIGINT NOT NULL,
    channel VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    price_zone VARCHAR,
    ticket_id VARCHAR,
    original_order_id VARCHAR,
    original_line_id VARCHAR,
    customer_key VARCHAR USING COMPRESSION zstd,
    order_rank BIGINT NOT NULL USING COMPRESSION uncompressed,
    line_rank BIGINT NOT NULL USING COMPRESSION uncompressed
);

CREATE TABLE events (
    source VARCHAR NOT NULL,
    event_id VARCHAR NOT NULL,
    event_title VARCHAR,
    production VARCHAR,
    genre VARCHAR,
    event_start TIMESTAMP,
    venue VARCHAR,
    capacity BIGINT,
    cancelled BOOLEAN
);
"""

_NOTES = """
-- What was left out and rejected in an import, counted by reason: no row and no value of one.
CREATE TABLE import_notes (
    import_no BIGINT NOT NULL,
    kind VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rows BIGINT NOT NULL
);

-- The data quality as it was after each import, as JSON: what the next one is compared with.
CREATE TABLE qualities (import_no BIGINT NOT NULL, content VARCHAR NOT NULL);
"""

IMPORTED += _NOTES

STEPS = {
    2: f"""
    ALTER TABLE profiles ADD COLUMN by_phone BOOLEAN;
    ALTER TABLE profiles ADD COLUMN consents BOOLEAN;
    ALTER TABLE profiles ADD COLUMN first_on DATE;
    {_NOTES}
    """
}
"""How a store of the version before becomes one of each version."""

DERIVED = """
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
    revenue_ore BIGINT NOT NULL
);
"""
