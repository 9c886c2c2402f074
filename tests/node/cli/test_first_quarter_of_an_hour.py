"""A box office's first quarter of an hour, command by command, with the outputs that stay stable for programs."""

from pathlib import Path

import pytest

from privacy.studies import study
from tests.node.cli.run import Node, initialised, not_good, sales_file


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Node:
    folder = tmp_path_factory.mktemp("first")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    return node


def test_init_makes_a_folder_that_its_owner_alone_can_read(node: Node) -> None:
    readable = [path for path in [node.home, *node.home.rglob("*")] if path.stat().st_mode & 0o077]
    assert readable == []
    assert node("init", "--standalone", "--name", "X", "--industry", "other", "--county", "03").status == 1


def test_import_counts_every_row_once(node: Node, tmp_path: Path) -> None:
    again = node.good("import", sales_file(tmp_path), "--json").json
    (file,) = again["files"]
    assert {name: file[name] for name in ("system", "rows", "lines_new", "lines_updated", "rejected", "skipped")} == {
        "system": "kudos",
        "rows": 8,
        "lines_new": 0,
        "lines_updated": 0,
        "rejected": 0,
        "skipped": 1,
    }
    assert file["lines_unchanged"] == 7
    assert file["path"].endswith("sales.csv")
    assert again["customers"] == 3
    assert again["reject_file"] is None


def test_kpi_is_exact(node: Node) -> None:
    kpi = node.good("kpi", "--as-of", "2025-12-31", "--json").json
    assert kpi["window"] == {"first": "2025-01-01", "last": "2025-12-31"}
    assert (kpi["customers"], kpi["orders"], kpi["tickets"], kpi["revenue_ore"]) == (2, 4, 8, 170_000)
    assert kpi["anonymous_orders"] == 1
    assert kpi["flows"] == {"new": 2, "continuing": 0, "recovered": 0, "lost": 1}
    assert kpi["retention"] == 0.0
    assert kpi["duration_years"] == 1.0
    assert kpi["frequency_bands"] == {"1": 1, "2-4": 1, "5-7": 0, "8+": 0}
    assert kpi["complimentary_tickets"] == 1
    shown = node.good("kpi", "--as-of", "2025-12-31").out
    assert "1 700 kr" in shown
    assert "Fjordteatret" in shown


def test_review_shows_cost_and_clipping_before_anything_is_spent(node: Node) -> None:
    review = node.good("review", "benchmark", "--as-of", "2025-12-31", "--json").json
    assert review["cost"]["rho"] == "0.029982"
    assert review["total_epsilon"]["spent"] == "0"
    totals = {part["measure"]: part["own_bounded"] for part in review["tables"] if part["table"] == "totals"}
    assert totals == {"customers": [2], "orders": [4], "tickets": [8], "revenue": [170_000]}
    assert review["cut"]["customers"] == 0
    assert node.good("budget", "--json").json["total_epsilon"]["spent"] == "0"
    next_step = f"kudos-node --home {node.home} review benchmark --cells"
    assert next_step in node.good("review", "benchmark", "--as-of", "2025-12-31").out
    assert "county" in node.good("review", "benchmark", "--as-of", "2025-12-31", "--cells").out


def test_release_is_denied_allowed_booked_once_and_shown(node: Node, tmp_path: Path) -> None:
    denied = node("release", "benchmark", "--as-of", "2025-12-31", "--json")
    assert denied.status == 3
    assert denied.json["error"]["reason"] == "POLICY_REFUSED"
    assert f"kudos-node --home {node.home} policy allow benchmark" in denied.err

    node.good("policy", "allow", "benchmark")
    assert node.good("policy", "check", "--json").json["studies"][0]["status"] == "ok"
    first = node.good("release", "benchmark", "--as-of", "2025-12-31", "--to-file", tmp_path / "a", "--json").json
    second = node.good("release", "benchmark", "--as-of", "2025-12-31", "--to-file", tmp_path / "b", "--json").json
    assert (first["already"], second["already"]) == (False, True)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert len((tmp_path / "a").read_bytes()) == first["bytes"]

    listed = node.good("outbox", "list", "--json").json
    assert [entry["entry"] for entry in listed] == [first["entry"]]
    shown = node.good("outbox", "show", str(first["entry"]), "--json").json
    assert len(shown["cells"]) == 282
    assert all(isinstance(cell["value"], int) for cell in shown["cells"])
    budget = node.good("budget", "--json").json
    assert budget["spent"] == {"epsilon": "0", "rho": "0.029982"}
    assert budget["remaining"]["rho"] == "0.050018"

    other = node("release", "benchmark", "--as-of", "2025-11-30")
    assert other.status == 0
    exhausted = node("release", "benchmark", "--as-of", "2025-10-31", "--json")
    assert exhausted.status == 3
    assert exhausted.json["error"]["reason"] == "BUDGET_EXHAUSTED"
    for figure in ("0.029982", "0.020036", "cap.rho"):
        assert figure in exhausted.err


def test_default_file_name(node: Node, tmp_path: Path) -> None:
    node.good("policy", "allow", "benchmark")
    node.good("release", "benchmark", "--as-of", "2025-12-31", "--to-file", cwd=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["benchmark-2025-12-31.kudos"]


def test_everything_that_lists_prints_json(node: Node) -> None:
    assert {"kudos", "pretix", "ticketco", "tixly"} <= {each["name"] for each in node.good("systems", "--json").json}
    assert node.good("standard", "--json").json["name"] == "kudos-transactions"
    assert node.good("policy", "show", "--json").json["cap"]["rho"] == "0.08"
    assert not_good(node.good("doctor", "--json").json) == []


def test_the_log_holds_commands_and_nothing_else(node: Node) -> None:
    node("import", "kari@example.no")
    log = (node.home / "logs" / "node.log").read_text(encoding="utf-8")
    assert '"command": "import"' in log
    assert "example" not in log


def test_a_release_of_ones_own_study_can_be_looked_at(node: Node, tmp_path: Path) -> None:
    shipped = Path(study.__file__).with_name("benchmark.toml").read_text(encoding="utf-8")
    file = tmp_path / "small.toml"
    file.write_text(
        shipped.replace('name = "benchmark"', 'name = "small"').replace('"0.03"', '"0.001"'), encoding="utf-8"
    )
    other = initialised(tmp_path / "home")
    other.good("policy", "allow", file)
    entry = other.good("release", file, "--as-of", "2025-12-31", "--json").json["entry"]
    file.unlink()
    assert len(other.good("outbox", "show", str(entry), "--json").json["cells"]) == 282
