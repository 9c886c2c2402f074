"""A study file is read whole or refused, and its digest is that of what it says."""

import tracemalloc
from collections.abc import Callable
from fractions import Fraction
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.budget.amounts import Rho
from privacy.catalogue.measures import Measure
from privacy.catalogue.tables import TABLES, Bounds, Needs
from privacy.studies import shelf
from privacy.studies.file import LONGEST_LINE, LONGEST_TEXT, MOST_DOTS, BadStudy, UnknownStudy
from privacy.studies.price import price
from privacy.studies.study import find, parse, shipped

SMALL = """
name = "small"
version = 1
title = "How many and how often"
window = "year"
rho = "0.01"
cohorts = ["network"]

[bounds]
max_orders = 8
max_lines = 20
max_tickets = 20
max_revenue_kr = 10000

[disclosure]
min_members = 5
dominance_percent = 60
unreliable_percent = 25

[[tables]]
name = "flow"
shares = { revenue = 2, customers = 1 }

[[tables]]
name = "totals"
shares = { orders = 3 }
"""


def test_a_study_says_what_its_file_says() -> None:
    study = parse(SMALL, "small.toml")
    assert (study.name, study.version, study.title) == ("small", 1, "How many and how often")
    assert study.rho == Rho.parse("0.01")
    assert study.bounds == Bounds(max_orders=8, max_lines=20, max_tickets=20, max_revenue_ore=1_000_000)
    assert study.cohorts == ("network",)
    assert study.disclosure.min_members == 5


def test_the_parts_stand_by_table_and_then_in_the_fixed_order_of_measures() -> None:
    study = parse(SMALL, "small.toml")
    assert [part.name for part in study.parts] == ["flow/customers", "flow/revenue", "totals/orders"]
    assert [part.rho.micro for part in study.parts] == [1_666, 3_333, 5_000]
    assert study.tables == (TABLES["flow"], TABLES["totals"])
    assert study.cells == 4 + 4 + 1


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("version = 1", "version = ", "not TOML"),
        ("version = 1", "version = 1\nversion = 2", "not TOML"),
        ("version = 1", "version = 1.0", "version"),
        ("version = 1", 'version = "1"', "version"),
        ("version = 1", "version = true", "version"),
        ("version = 1", "version = 0", "version"),
        ("version = 1", "", "version"),
        ("version = 1", "version = 1\nextra = 1", "extra"),
        ('name = "small"', 'name = "Small study"', "name"),
        ('title = "How many and how often"', 'title = ""', "title"),
        ("How many", "How \\u001b[31mmany", "title: it has a character that cannot be seen"),
        ("How many", "How \\u202emany", "title: it has a character that cannot be seen"),
        ("How many", "How \\nmany", "title: it has a character that cannot be seen"),
        ('window = "year"', 'window = "month"', "window"),
        ('cohorts = ["network"]', "cohorts = []", "cohorts"),
        ('cohorts = ["network"]', 'cohorts = ["everybody"]', "cohorts"),
        ('cohorts = ["network"]', 'cohorts = ["network", "network"]', "cohorts"),
        ("max_orders = 8", "max_orders = 0", "bounds.max_orders"),
        ("max_orders = 8", "max_orders = 8.5", "bounds.max_orders"),
        ("max_orders = 8", "max_orders = 1_000_000_001", "bounds.max_orders"),
        ("max_orders = 8", "max_orders = 10_001", "bounds.max_orders"),
        ("max_lines = 20", "max_lines = 10_001", "bounds.max_lines"),
        ("max_tickets = 20", "max_tickets = 10_001", "bounds.max_tickets"),
        ("max_revenue_kr = 10000", "max_revenue_kr = 500_001", "bounds.max_revenue_kr"),
        ("max_orders = 8", "", "bounds.max_orders"),
        ("max_orders = 8", "max_orders = 8\nmax_visits = 8", "bounds.max_visits"),
        ("min_members = 5", "min_members = 2", "disclosure.min_members"),
        ("dominance_percent = 60", "dominance_percent = 101", "disclosure.dominance_percent"),
        ('rho = "0.01"', "rho = 0.01", "rho"),
        ('rho = "0.01"', 'rho = "0.0000001"', "rho"),
        ('rho = "0.01"', 'rho = "-1"', "rho"),
        ('rho = "0.01"', 'rho = "inf"', "rho"),
        ('rho = "0.01"', 'rho = "nan"', "rho"),
        ('rho = "0.01"', 'rho = "0"', "too little"),
        ('rho = "0.01"', 'rho = "0.000005"', "too little"),
        ('name = "totals"', 'name = "postcode"', "no table 'postcode'"),
        ('name = "totals"', 'name = "flow"', "'flow' stands there twice"),
        ("{ orders = 3 }", "{ orders = 0 }", "tables.1.shares.orders"),
        ("{ orders = 3 }", "{ orders = -1 }", "tables.1.shares.orders"),
        ("{ orders = 3 }", "{ orders = 3.0 }", "tables.1.shares.orders"),
        ("{ orders = 3 }", "{}", "tables.1.shares"),
        ("{ orders = 3 }", "{ orders = 3, visits = 1 }", "no measure 'visits'"),
        ("{ orders = 3 }", "{ visits = 1 }", "no measure 'visits'"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(old: str, new: str, what: str) -> None:
    text = SMALL.replace(old, new, 1)
    assert text != SMALL
    with pytest.raises(BadStudy, match=what) as refused:
        parse(text, "small.toml")
    assert str(refused.value).startswith("small.toml: ")
    assert refused.value.reason == "BAD_STUDY"


def test_a_measure_that_a_table_does_not_carry_is_refused() -> None:
    text = SMALL.replace('name = "totals"', 'name = "identity"').replace("{ orders = 3 }", "{ customers = 3 }")
    with pytest.raises(BadStudy, match="'identity' has no measure 'customers'"):
        parse(text, "small.toml")


@pytest.mark.parametrize(
    "same",
    [
        lambda text: "# a comment\n" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("max_lines = 20\nmax_tickets = 20", "max_tickets = 20\n\nmax_lines = 2_0"),
        lambda text: text.replace("{ revenue = 2, customers = 1 }", "{ customers = 1, revenue = 2 }"),
    ],
)
def test_the_digest_does_not_depend_on_how_it_is_written(same: Callable[[str], str]) -> None:
    text = same(SMALL)
    assert text != SMALL
    assert parse(text, "small.toml").digest == parse(SMALL, "small.toml").digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version = 1", "version = 2"),
        ('name = "small"', 'name = "smaller"'),
        ('title = "How', 'title = "how'),
        ('rho = "0.01"', 'rho = "0.02"'),
        ('cohorts = ["network"]', 'cohorts = ["network", "county"]'),
        ("max_orders = 8", "max_orders = 9"),
        ("max_lines = 20", "max_lines = 21"),
        ("max_tickets = 20", "max_tickets = 21"),
        ("max_revenue_kr = 10000", "max_revenue_kr = 10001"),
        ("min_members = 5", "min_members = 6"),
        ("dominance_percent = 60", "dominance_percent = 61"),
        ("unreliable_percent = 25", "unreliable_percent = 26"),
        ("{ orders = 3 }", "{ orders = 4 }"),
        ("{ orders = 3 }", "{ tickets = 3 }"),
        ('name = "totals"', 'name = "identity"'),
    ],
)
def test_the_digest_changes_with_everything_that_is_said(old: str, new: str) -> None:
    changed = parse(SMALL.replace(old, new, 1), "small.toml")
    assert changed.digest != parse(SMALL, "small.toml").digest
    assert changed.digest.startswith("sha256:")
    assert len(changed.digest) == len("sha256:") + 64


def test_the_layout_digest_is_that_of_the_cells_alone() -> None:
    study = parse(SMALL, "small.toml")
    same_cells = parse(SMALL.replace('rho = "0.01"', 'rho = "0.02"').replace("version = 1", "version = 2"), "")
    other_measure = parse(SMALL.replace("{ orders = 3 }", "{ tickets = 3 }"), "")
    other_table = parse(SMALL.replace('name = "totals"', 'name = "identity"'), "")
    first, second = SMALL.split("[[tables]]")[1:]
    turned = SMALL.split("[[tables]]")[0] + f"[[tables]]{second}[[tables]]{first}"
    digests = {parsed.layout_digest for parsed in (study, other_measure, other_table, parse(turned, ""))}
    assert len(digests) == 4
    assert same_cells.layout_digest == study.layout_digest != study.digest


@given(
    rho=st.integers(10_000, 3_000_000),
    shares=st.dictionaries(
        st.sampled_from(sorted(name for name, table in TABLES.items() if Needs.TIERS not in table.needs)),
        st.dictionaries(st.sampled_from(["orders", "tickets", "revenue"]), st.integers(1, 100), min_size=1),
        min_size=1,
    ),
)
def test_the_parts_never_cost_more_than_the_study(rho: int, shares: dict[str, dict[str, int]]) -> None:
    head = SMALL.split("[[tables]]")[0].replace('rho = "0.01"', f'rho = "{Rho(rho)}"')
    tables = [
        f'[[tables]]\nname = "{name}"\nshares = {{ {", ".join(f"{key} = {value}" for key, value in own.items())} }}\n'
        for name, own in shares.items()
    ]
    study = parse(head + "".join(tables), "drawn.toml")
    assert sum(part.rho.micro for part in study.parts) <= study.rho.micro == rho
    whole = sum(share for own in shares.values() for share in own.values())
    for part in study.parts:
        exact = Fraction(rho * shares[part.table.name][part.measure], whole)
        assert 0 <= exact - part.rho.micro < 1


def test_the_shipped_studies_are_sound() -> None:
    studies = shipped()
    files = [file.name for file in resources.files("privacy.studies").iterdir() if file.name.endswith(".toml")]
    assert sorted(files) == sorted(f"{name}.toml" for name in shelf.shipped())
    for study in studies.values():
        assert price(study).spend.rho <= study.rho
        assert study.cells == sum(part.table.cells for part in study.parts)
        assert len(study.parts) + len(study.quantiles) <= 256  # as many as one entry of a ledger has


def test_a_year_of_the_shipped_studies_leaves_the_counts_their_share() -> None:
    """One of the year, one of its portfolio and four quarters: ρ 0.071 of the 0.08 that a policy has as delivered."""
    spent = sum(
        price(find(name)).spend.rho.micro * times
        for name, times in (("benchmark-year", 1), ("portfolio-year", 1), ("benchmark-quarter", 4))
    )
    assert spent <= Rho.parse("0.071").micro


def test_the_first_benchmark_carries_its_tables_with_all_their_measures() -> None:
    study = find("benchmark")
    names = ["totals", "identity", "month", "age_band", "gender", "county", "frequency_band", "flow"]
    names += ["ticket_type", "channel"]
    assert {(part.table.name, part.measure) for part in study.parts} == {
        (name, measure) for name in names for measure in TABLES[name].measures
    }
    assert ("identity", Measure.CUSTOMERS) not in {(part.table.name, part.measure) for part in study.parts}


def test_a_study_is_found_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    assert find(str(file)) == parse(SMALL, "small.toml")


@pytest.mark.parametrize("name", ["nothing", "", "../benchmark", "Benchmark", "nothing.toml", "study.py"])
def test_an_unknown_study_is_refused(name: str) -> None:
    with pytest.raises(UnknownStudy) as refused:
        find(name)
    assert refused.value.reason == "UNKNOWN_STUDY"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UnknownStudy):
        find(str(file))


SHAPES = {
    "a key of many parts": "a" + ".a" * (LONGEST_LINE // 2 - 3) + " = 1",
    "with spaces and quotation marks": "a" + ' . "a"' * (MOST_DOTS + 1) + " = 1",
    "hidden by quotation marks": '\'"\' = 1\n"\\"" . x' + ".a" * MOST_DOTS + " = '\"'",
    "a header": "[a" + ".a" * (MOST_DOTS + 1) + "]",
    "a header behind what other programs take for the end of a line": "[a" + ".a\u2028" * (MOST_DOTS + 1) + "]",
}


@pytest.mark.parametrize("line", SHAPES.values(), ids=list(SHAPES))
def test_a_line_that_would_take_much_memory_is_refused_with_its_number(line: str) -> None:
    at = SMALL.count("\n") + 1 + line.count("\n")
    with pytest.raises(BadStudy, match=f"line {at} has more than {MOST_DOTS} dots"):
        parse(f"{SMALL}{line}\n", "small.toml")


def test_a_line_and_a_file_that_are_too_long_are_refused() -> None:
    comment = "#" + "x" * (LONGEST_LINE - 1)
    filled = SMALL + f"{comment}\n" * ((LONGEST_TEXT - len(SMALL)) // (LONGEST_LINE + 1))
    filled += "#" * (LONGEST_TEXT - len(filled))
    assert len(filled) == LONGEST_TEXT
    assert parse(filled, "small.toml").digest == parse(SMALL, "small.toml").digest
    with pytest.raises(BadStudy, match=rf"{LONGEST_TEXT + 1} characters.* at most {LONGEST_TEXT}"):
        parse(filled + "#", "small.toml")
    with pytest.raises(BadStudy, match=f"line 2 has {LONGEST_LINE + 1} characters"):
        parse(f"\n{comment}x\n{SMALL}", "small.toml")


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"k{number}{'.a' * (MOST_DOTS - 1)} = 1\n" for number in range(1400)),
        "".join(f"[k{number}{'.a' * (MOST_DOTS - 1)}]\n" for number in range(1400)),
        f"[h{'.a' * MOST_DOTS}]\n" + "".join(f"k{number}{'.a' * (MOST_DOTS - 1)} = 1\n" for number in range(1400)),
        "x = " + ("[" * 390 + "\n") * 160,
        "[[a]]\n" * 10_000,
    ],
    ids=["keys", "headers", "keys below a header", "nested", "tables"],
)
def test_what_is_let_through_takes_little_memory(text: str) -> None:
    """A dotted key of 99 000 parts would take tens of gigabytes."""
    assert len(text[:LONGEST_TEXT]) > LONGEST_TEXT - 10_000
    tracemalloc.start()
    try:
        with pytest.raises(BadStudy):
            parse(text[:LONGEST_TEXT], "made.toml")
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_what_is_wrong_is_said_without_what_steers_a_terminal() -> None:
    for line in ('"\\u001b[31m" = 1', 'x = "\x1b"', "\x1b = 1"):
        with pytest.raises(BadStudy) as refused:
            parse(f"{line}\n{SMALL}", "small.toml")
        assert str(refused.value).isprintable()
