"""Alarms and dashboard ask for metrics that there are."""

import json
import re
from pathlib import Path

import pytest
import yaml
from prometheus_client import CollectorRegistry, generate_latest

from coordinator.office import opened
from coordinator.service.metrics import CALLS, SECONDS, STEPS, _Office
from tests.coordinator.house import a_round, joined, make_home

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring"
RULES = [rule["expr"] for rule in yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"][0]["rules"]]
PANELS = json.loads((FOLDER / "dashboard.json").read_text())["panels"]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all metrics."""
    registry = CollectorRegistry()
    with opened(make_home(tmp_path_factory.mktemp("home"))) as office:
        from datetime import UTC, datetime

        joined(office, "museum")
        a_round(office, "one")
        office.server_identity(datetime.now(UTC))
        CALLS.labels("Hello", "").inc()
        SECONDS.labels("Hello").observe(1)
        STEPS.labels("closed").inc()
        for each in (CALLS, SECONDS, STEPS, _Office(office)):
            registry.register(each)
        text = generate_latest(registry).decode()
    return set(re.findall(r"^(kudos_\w+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("expression", [*RULES, *(target["expr"] for panel in PANELS for target in panel["targets"])])
def test_what_is_asked_for_is_served(served: set[str], expression: str) -> None:
    names = set(re.findall(r"\bkudos_\w+", expression))
    assert names or expression.startswith("up{")
    assert names <= served
