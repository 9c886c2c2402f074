"""What a person who decides reads first: what is noise, what tills hide, and how it stands on a small terminal."""

import re
from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised, on_terminal, sales_file

AS_OF = ("--as-of", "2025-12-31")
HEAD = "order_id,line_id,ordered_at,quantity,amount,state,email\n"


def sale(order: str, email: str = "", quantity: int = 1, amount: int = 100) -> str:
    return f"{order},1,2025-03-01T18:00:00Z,{quantity},{amount}.00,paid,{email}\n"


def words_of(node: Node, *words: str) -> str:
    """What a command says, wherever its lines are broken."""
    return " ".join(node.good(*words).out.split())


def node_with(folder: Path, *sales: str) -> Node:
    node = initialised(folder / "home")
    node.good("import", sales_file(folder, HEAD + "".join(sales)))
    return node


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("small")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    return node


def test_a_small_house_is_told_that_it_would_buy_noise(small: Node) -> None:
    """The largest figure is 1 700 kr and the noise of every table 1 750 times as much: all 282 figures are lost."""
    found = small.good("review", "benchmark", *AS_OF, "--json").json
    assert found["below_noise"]["figures"] == found["below_noise"]["lost"] == 282
    empty = sum(part["own_bounded"].count(0) for part in found["tables"])
    assert found["below_noise"]["empty"] == empty < 282
    said = words_of(small, "review", "benchmark", *AS_OF)
    assert f"282 of 282 figures are no larger than their noise ({empty} of them are 0)" in said
    assert "Most of what ρ 0.029982 of your budget buys would be noise." in said
    assert "> 100 %" in said
    assert "101 %" not in said


def test_lost_figures_are_counted_table_by_table(tmp_path: Path) -> None:
    """300 customers once each are more than the noise of ±81, and fewer than that of their orders, ±321."""
    node = node_with(tmp_path, *(sale(f"A{number}", f"p{number}@example.no") for number in range(300)))
    found = node.good("review", "benchmark", *AS_OF, "--json").json
    totals = {part["measure"]: part["below_noise"] for part in found["tables"] if part["table"] == "totals"}
    assert totals == {"customers": 0, "orders": 1, "tickets": 1, "revenue": 1}
    assert sum(part["below_noise"] for part in found["tables"]) == found["below_noise"]["lost"] < 282
    row = next(line for line in node.good("review", "benchmark", *AS_OF).out.splitlines() if line.startswith("totals"))
    assert row.split()[1] == "4"
    assert row.split()[-1] == "3"


def test_an_empty_store_is_told_that_a_release_is_noise_alone_and_can_release_all_the_same(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    said = words_of(node, "review", "benchmark", *AS_OF)
    assert "a release would spend ρ 0.029982 of your budget on noise alone" in said
    assert "Import first" in said
    node.good("policy", "allow", "benchmark")
    assert "noise alone" not in node.good("release", "benchmark", *AS_OF).out


def test_a_study_of_quantiles_alone_is_empty_only_where_nobody_bought(small: Node, tmp_path: Path) -> None:
    said = words_of(small, "review", "bounds-year", *AS_OF)
    assert "It tells quantiles alone" in said
    assert "noise alone" not in said
    assert "Import first" not in said
    nothing = words_of(initialised(tmp_path / "home"), "review", "bounds-year", *AS_OF)
    assert (
        "no sales to known customers in this window: a release would spend ρ 0.006 of your budget on noise" in nothing
    )
    assert "Import first" in nothing
    assert "It tells quantiles alone" not in nothing


@pytest.mark.parametrize("words", [("review", "benchmark", *AS_OF), ("budget",)])
def test_on_80_columns_nothing_is_broken_inside_a_word(small: Node, words: tuple[str, ...]) -> None:
    """Commands to copy are never broken by us, and may be longer."""
    wide = {word for line in small.good(*words).out.splitlines() for word in line.split()}
    shown = on_terminal(small, *words)
    assert shown.status == 0
    lines = [line for line in shown.out.splitlines() if "kudos-node" not in line]
    assert max(map(len, lines)) <= 80
    assert {word for line in lines for word in line.split()} <= wide
    rows = [line for line in lines if line.startswith(("county", "frequency_band"))]
    assert all(line.count("±") == 4 for line in rows)


def test_sales_of_tills_are_named(tmp_path: Path) -> None:
    """Two orders of a function, 501 of one address in a year; 3 of people, one of nobody."""
    node = node_with(
        tmp_path,
        sale("T1", "billett@theatre.no", 4, 800),
        sale("T2", "billett@theatre.no", 1, 200),
        *(sale(f"B{number}", "agency@example.no") for number in range(501)),
        *(sale(f"A{number}", f"p{number}@example.no") for number in range(3)),
        sale("N1"),
    )
    found = node.good("review", "benchmark", *AS_OF, "--json").json["placeholders"]
    assert found == {"addresses": 2, "busy": 1, "orders": 503, "tickets": 506, "revenue_ore": 100_000 + 5_010_000}
    said = words_of(node, "review", "benchmark", *AS_OF)
    assert "Sold under 2 addresses of no person" in said
    assert "1 with more than 500 orders in a year" in said
    assert "503 orders, 506 tickets, 51 100 kr; 99.2 % of your orders" in said


def test_where_no_till_has_an_address_nothing_is_said_of_it(small: Node) -> None:
    assert "of no person" not in words_of(small, "review", "benchmark", *AS_OF)


def test_the_next_steps_come_in_the_order_of_a_careful_person(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path))
    said = words_of(node, "review", "benchmark", *AS_OF)
    assert said.index("policy allow benchmark") < said.index("release benchmark --to-file")
    helped = node.good("--help").out
    for words in (
        ("review benchmark", "policy allow", "release benchmark"),
        ("\n  review ", "\n  policy ", "\n  release "),
    ):
        places = [helped.index(each) for each in words]
        assert places == sorted(places)


def test_on_a_terminal_a_release_says_what_is_noise_before_it_asks_and_no_means_no(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path))
    node.good("policy", "allow", "benchmark")
    asked = on_terminal(node, "release", "benchmark", *AS_OF, answer="n", columns=200)
    assert asked.status == 1
    assert "282 of 282 figures are no larger than their noise" in asked.out
    assert node.good("outbox", "list", "--json").json == []
    agreed = on_terminal(node, "release", "benchmark", *AS_OF, answer="y", columns=200)
    assert agreed.status == 0
    assert len(node.good("outbox", "list", "--json").json) == 1


def test_off_a_terminal_a_release_says_the_same_whatever_the_data(tmp_path: Path) -> None:
    """Privacy contract, section 4: no word, status or size tells of the data."""
    said = []
    for name, sales in (("empty", ""), ("full", HEAD + sale("A", "a@example.no"))):
        (tmp_path / name).mkdir()
        node = initialised(tmp_path / name / "home")
        if sales:
            node.good("import", sales_file(tmp_path / name, sales))
        node.good("policy", "allow", "benchmark")
        ended = node.good("release", "benchmark", *AS_OF, "--to-file", "out.kudos", cwd=tmp_path / name)
        said.append((ended.out.replace(name, ""), (tmp_path / name / "out.kudos").stat().st_size))
    assert said[0] == said[1]


def test_who_could_not_pay_is_told_so_and_not_invited(small: Node) -> None:
    policy = small.home / "policy.toml"
    before = policy.read_text()
    assert "policy allow benchmark" in words_of(small, "review", "benchmark", *AS_OF)
    policy.write_text(re.sub(r'(?m)^rho = "[0-9.]+"', 'rho = "0.01"', before))
    try:
        said = words_of(small, "review", "benchmark", *AS_OF)
    finally:
        policy.write_text(before)
    assert "As it stands, a yes is refused." in said
    assert "0.029982" in said.partition("As it stands")[2]
    assert "policy allow benchmark" not in said
    assert "release benchmark" not in said
