"""What a user does wrong: every refusal says what to do, and ends with the status that programs rely on."""

from pathlib import Path

import pytest

from tests.node.cli.run import Node, initialised, sales_file


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    return initialised(tmp_path_factory.mktemp("refusals") / "home")


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["kpi", "--as-of", "31.12.2025"], 2, "YYYY-MM-DD"),
        (["import"], 2, "FILES"),
        (["import", "nothing-here.csv"], 1, "nothing-here.csv cannot be read"),
        (["import", "nothing-here.csv", "--max-rejects", "many"], 2, "share of the rows"),
        (["import", "nothing-here.csv", "--system", "tixxly"], 1, "No system is called 'tixxly'"),
        (["review", "benchmrk"], 1, "There is: benchmark"),
        (["review", "benchmark", "--as-of", "2025-12-30"], 2, "not the last day"),
        (["release", "benchmark", "--as-of", "2999-12-31"], 2, "not over yet"),
        (["outbox", "show", "99"], 2, "outbox list"),
        (["frobnicate"], 2, "No such command"),
        (["init", "--name", "X", "--industry", "other", "--county", "03"], 2, "--standalone"),
    ],
)
def test_wrong_usage(node: Node, words: list[str], status: int, says: str) -> None:
    ended = node(*words)
    assert ended.status == status
    assert says in ended.err
    assert "Traceback" not in ended.err + ended.out
    assert "nanobind" not in ended.err


def test_no_node_yet(tmp_path: Path) -> None:
    for command in (["kpi"], ["budget"], ["doctor"], ["outbox", "list"], ["policy", "show"], ["import", "x.csv"]):
        ended = Node(tmp_path / "none")(*command)
        assert ended.status == 1
        assert " init --standalone" in ended.err
    assert not (tmp_path / "none").exists()


def test_unknown_county_lists_the_counties(tmp_path: Path) -> None:
    ended = Node(tmp_path)("init", "--standalone", "--name", "X", "--industry", "other", "--county", "Hordaland")
    assert ended.status == 2
    assert "Vestland (46)" in ended.err


def test_a_policy_that_is_no_policy(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path))
    policy = node.home / "policy.toml"
    policy.write_text(policy.read_text(encoding="utf-8").replace('"0.08"', "0.08"), encoding="utf-8")
    ended = node("release", "benchmark", "--as-of", "2025-12-31")
    assert ended.status == 1
    assert "cap.rho" in ended.err


def test_a_damaged_ledger_stops_releases_and_says_how_to_recover(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    ledger = node.home / "ledger.sqlite"
    content = bytearray(ledger.read_bytes())
    at = content.index(b'"type"')
    content[at + 2] ^= 1
    ledger.write_bytes(content)
    for command in (["budget"], ["release", "benchmark"], ["outbox", "list"], ["doctor"]):
        ended = node(*command)
        assert ended.status == 1
        assert "backup" in ended.err + ended.out
    assert ledger.read_bytes() == bytes(content)


def test_an_empty_store_still_has_a_release_of_the_same_size(tmp_path: Path) -> None:
    empty, full = initialised(tmp_path / "empty"), initialised(tmp_path / "full")
    full.good("import", sales_file(tmp_path))
    sizes = []
    for number, node in enumerate((empty, full)):
        node.good("policy", "allow", "benchmark")
        file = tmp_path / str(number)
        node.good("release", "benchmark", "--as-of", "2025-12-31", "--to-file", file)
        sizes.append(file.stat().st_size)
    assert sizes[0] == sizes[1]


def test_another_users_eyes_are_a_fault(node: Node) -> None:
    node.home.chmod(0o755)
    try:
        ended = node("doctor")
        assert ended.status == 1
        assert "chmod" in ended.out
    finally:
        node.home.chmod(0o700)


def test_a_node_that_has_worked_is_never_made_anew(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    node.good("import", sales_file(tmp_path))
    (node.home / "settings.toml").unlink()
    ended = node("init", "--standalone", "--name", "Fjordteatret", "--industry", "other", "--county", "03")
    assert ended.status == 1
    assert "backup" in ended.err
    assert not (node.home / "settings.toml").exists()


def test_a_profile_that_names_a_column_wrongly_is_told_so(tmp_path: Path) -> None:
    node = initialised(tmp_path / "home")
    profile = tmp_path / "mine.toml"
    profile.write_text(
        'name = "mine"\ntitle = "Mine"\nbasis = "own"\nrests_on = "our export"\n[[layout]]\nname = "sales"\n'
        'resource = "order_lines"\nrecognise = ["order_id"]\n[layout.columns]\norder_id = "order_id"\n'
        'ordered_at = "ordered_at"\namount = "amount"\nquantity = "antal"\n',
        encoding="utf-8",
    )
    ended = node("import", sales_file(tmp_path), "--system", profile)
    assert ended.status == 1
    assert "quantity (antal)" in ended.err
    assert "quantity" in ended.err.partition("Its columns are")[2]
