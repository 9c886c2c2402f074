"""Studies with quantiles and tables of value tiers, from the command line to the auditor. About ten seconds."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from privacy.catalogue.measures import Measure
from privacy.catalogue.quantiles import CANDIDATES
from privacy.studies.study import find
from tests.node.cli.run import Node, initialised, sales_file

AS_OF = ("--as-of", "2025-12-31", "--json")


@dataclass(frozen=True)
class Released:
    """A node with a release of each study, by the entries that booked them."""

    node: Node
    portfolio: int
    bounds: int


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Released:
    folder = tmp_path_factory.mktemp("quantiles")
    node = initialised(folder / "home")
    node.good("import", sales_file(folder))
    entries = []
    for study in ("portfolio-year", "bounds-year"):
        node.good("policy", "allow", study)
        entries.append(node.good("release", study, *AS_OF).json["entry"])
    return Released(node, *entries)


def test_every_number_is_shown(released: Released) -> None:
    study = find("portfolio-year")
    shown = released.node.good("outbox", "show", str(released.portfolio), "--json").json["cells"]
    assert len(shown) == study.figures + 3
    quantiles = [cell for cell in shown if cell["table"] == "revenue_quantiles"]
    assert [cell["category"] for cell in quantiles] == ["0.95", "0.8", "0.3"]
    values = [cell["value"] for cell in quantiles]
    assert values == sorted(values, reverse=True)
    assert set(values) <= set(CANDIDATES[Measure.REVENUE])
    before = [cell for cell in shown if cell["table"] == "thresholds_before"]
    assert [cell["value"] for cell in before] == values  # no release over the year before has told any
    said = released.node.good("outbox", "show", str(released.portfolio)).out
    assert "revenue_quantiles" in said
    assert f": {study.figures} figures, signature good" in said
    assert "thresholds_before are no further figures" in said


def test_a_study_of_quantiles_alone_has_just_these(released: Released) -> None:
    shown = released.node.good("outbox", "show", str(released.bounds), "--json").json["cells"]
    assert [(cell["table"], cell["measure"]) for cell in shown] == [
        (part.table, str(part.measure)) for part in find("bounds-year").quantiles
    ]


def test_the_budget_and_the_policy_know_them(released: Released) -> None:
    said = {each["study"]: each for each in released.node.good("policy", "check", "--json").json["studies"]}
    assert said["portfolio-year"]["status"] == said["bounds-year"]["status"] == "ok"
    allowed = released.node.good("policy", "show", "--json").json["allowed"]
    assert "revenue_quantiles" in next(each for each in allowed if each["study"] == "portfolio-year")["tables"]
    spent = {each["entry"]: each["rho"] for each in released.node.good("budget", "--json").json["by_release"]}
    assert set(spent) == {released.portfolio, released.bounds}


def test_an_auditor_finds_nothing_wrong(released: Released, tmp_path: Path) -> None:
    from privacy.audit.network import audit_network
    from privacy.audit.reading import open_bundle

    released.node.good("ledger", "export", "--restricted", "--out", tmp_path / "bundle")
    with open_bundle(tmp_path / "bundle") as bundle:
        report = audit_network(bundle)
    assert {each.code for each in report.findings} <= {
        "NO_CHECKPOINT", "NODE_ALONE", "COORDINATOR_KEY_UNKNOWN", "AUTHORITY_MISSING"
    }  # fmt: skip
    assert report.accounts[0].years


def test_review_warns_of_quantiles_that_noise_may_take_to_the_end(released: Released) -> None:
    """Of two customers none is far enough from the end."""
    said = released.node.good("review", "bounds-year", *AS_OF[:2]).out
    assert "within noise of the largest candidate: orders 0.995, 0.98, 0.95, 0.8, 0.5; tickets" in " ".join(
        said.split()
    )
    told = released.node.good("review", "bounds-year", *AS_OF).json["quantiles"]
    assert {each["within_noise_of_last"] for each in told} == {True}
