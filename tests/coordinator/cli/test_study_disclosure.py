"""The disclosure of every shipped study fits the schema of the OpenDP deployments registry.

The form below says what `schemas/deployments-schema.yaml` of opendp/deployments-registry-data said on 2026-07-15 of
names, kinds and words that may stand there, without its explanations.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from privacy.studies.shelf import shipped
from tests.coordinator.cli.run import Coordinator, initialised


def closed(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(required), "properties": properties}


def one_of(*words: Any) -> dict[str, Any]:
    return {"enum": list(words)}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1}
BASIC = closed(
    (
        "name",
        "data_curators",
        "description",
        "intended_use",
        "data_product_type",
        "data_product_region",
        "publication_date",
    ),
    name=TEXT,
    data_curators=TEXTS,
    intended_use=TEXT,
    data_product_region=TEXT,
    description=TEXT,
    data_product_type=one_of(
        "Summary statistics", "Machine learning model", "Dataset", "Synthetic data", "Interactive API", "SQL queries"
    ),
    publication_date={"type": "string", "format": "date"},
    data_product_sector=one_of("Technology", "Healthcare", "Education", "Government", "Energy", "Finance"),
)
MODEL = closed(
    model_name=one_of("Local", "Central", "Shuffle", "Federated", "Varies"),
    model_name_details=TEXT,
    actors=TEXT,
    release_type=one_of("One release", "Many releases"),
    release_type_details=TEXT,
    data_source_type=one_of("Static", "Dynamic"),
    data_source_type_details=TEXT,
    access_type=one_of("Interactive", "Non-interactive"),
    access_type_details=TEXT,
)
LOSS = closed(
    privacy_unit=TEXT,
    privacy_unit_details=TEXT,
    privacy_parameters_details=TEXT,
    privacy_parameters=closed(epsilon=NUMBER, delta={"type": ["number", "string"]}, rho=NUMBER),
)
VARIANT = closed(
    variant_name=one_of("Pure DP", "Approximate DP", "Zero-concentrated DP", "Renyi DP", "Custom"),
    data_domain=TEXT,
    unprotected_quantities=TEXT,
)
SCHEMA = closed(
    ("url_slug", "status", "tier", "deployment"),
    url_slug=TEXT,
    status=one_of(
        "Converted",
        "Draft",
        "Pending",
        "Changes Required",
        "Approved",
        "Approved (Update Requested)",
        "Approved (Pending)",
    ),
    tier={"type": "integer", "enum": [1, 2, 3]},
    deployment=closed(
        ("basic",),
        basic=BASIC,
        dp_variant=VARIANT,
        privacy_loss=LOSS,
        deployment_model=MODEL,
        accounting=closed(post_processing=TEXT, composition=TEXT),
        implementation=closed(preprocessing_and_hyperparameter_tuning=TEXT, mechanisms=TEXT, justification=TEXT),
        administrative=closed(("registry_authors",), sources=TEXT, notes=TEXT, registry_authors=TEXTS),
    ),
)
WORDS = ("--published", "2026-03-02", "--author", "Kari Nordmann", "--source", "docs/privacy.md")


@pytest.fixture(scope="module")
def coordinator(tmp_path_factory: pytest.TempPathFactory) -> Coordinator:
    return initialised(tmp_path_factory.mktemp("disclosure") / "home")


def problems(instance: Any) -> list[str]:
    validator = Draft7Validator(SCHEMA, format_checker=Draft7Validator.FORMAT_CHECKER)
    return [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(instance)]


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_study_fits_the_registrys_schema(coordinator: Coordinator, name: str) -> None:
    text = coordinator.good("study", "disclosure", name, *WORDS).out
    made = yaml.safe_load(text)
    assert problems(made) == []
    assert made["deployment"]["basic"]["data_curators"] == ["NPU"]
    styles = {token.style for token in yaml.scan(text) if isinstance(token, yaml.ScalarToken)}
    assert styles <= {None, "'", '"', "|"}  # as the registry's own check wants it
    assert coordinator.good("study", "disclosure", name, *WORDS, "--json").json == made


def test_the_amounts_are_those_of_the_study(coordinator: Coordinator) -> None:
    def loss(name: str) -> dict[str, Any]:
        made = coordinator.good("study", "disclosure", name, *WORDS, "--json").json
        return made["deployment"]["privacy_loss"]  # type: ignore[no-any-return]

    cost = coordinator.good("study", "check", "benchmark-year", "--json").json["rho"]
    assert loss("benchmark-year")["privacy_parameters"] == {"rho": float(cost)}
    crossed = loss("cross-use-year")["privacy_parameters"]
    assert 1.1 < crossed["epsilon"] < 3
    assert crossed["delta"] == 1e-6


def test_a_file_of_ones_own(coordinator: Coordinator, tmp_path: Path) -> None:
    file = tmp_path / "kudos_benchmark.yaml"
    coordinator.good("study", "disclosure", "benchmark", *WORDS, "-o", file)
    assert problems(yaml.safe_load(file.read_text(encoding="utf-8"))) == []


def test_the_schema_can_refuse(coordinator: Coordinator) -> None:
    made = coordinator.good("study", "disclosure", "benchmark", *WORDS, "--json").json
    assert problems(made | {"tier": 0})
    assert problems(made | {"surprise": 1})
    made["deployment"]["basic"]["publication_date"] = "1/1/2026"
    assert problems(made)
