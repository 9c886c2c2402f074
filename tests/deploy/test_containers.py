"""Container file, compose and Kubernetes manifests: well formed, and as narrow as they say. Nothing is fetched."""

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
CONTAINERFILE = (ROOT / "deploy" / "containers" / "Containerfile").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "containers" / "compose.yaml").read_text())
MANIFESTS: list[dict[str, Any]] = list(
    yaml.safe_load_all((ROOT / "deploy" / "kubernetes" / "coordinator.yaml").read_text())
)
VERSIONS = ("1.29", "1.37")
"""The oldest that we say it works on, and the newest whose schema is here."""


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda manifest: manifest["kind"])
def test_a_manifest_is_what_its_schema_says(manifest: dict[str, Any], version: str) -> None:
    kubernetes_validate.validate(manifest, version, strict=True)


def test_the_schema_can_refuse() -> None:
    wrong = next(each for each in MANIFESTS if each["kind"] == "Service") | {"spec": {"prots": []}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_a_pod_may_do_nothing_but_its_work() -> None:
    (pod,) = [each["spec"]["template"]["spec"] for each in MANIFESTS if each["kind"] == "Deployment"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    for container in (*pod["initContainers"], *pod["containers"]):
        allowed = container["securityContext"]
        assert allowed["readOnlyRootFilesystem"] is True
        assert allowed["allowPrivilegeEscalation"] is False
        assert allowed["capabilities"] == {"drop": ["ALL"]}
        assert not container["image"].endswith(":latest")
    names = {volume["name"] for volume in pod["volumes"]}
    assert {
        mount["name"] for each in (*pod["initContainers"], *pod["containers"]) for mount in each["volumeMounts"]
    } == names


def test_the_manifests_agree_on_ports_and_labels() -> None:
    by_kind = {each["kind"]: each for each in MANIFESTS}
    deployment, service = by_kind["Deployment"]["spec"], by_kind["Service"]["spec"]
    assert service["selector"] == deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"]
    ports = {port["name"]: port["containerPort"] for port in deployment["template"]["spec"]["containers"][0]["ports"]}
    assert {port["targetPort"]: port["port"] for port in service["ports"]} == {
        name: ports[name] for name in ("federation", "enrolment")
    }
    assert by_kind["PodDisruptionBudget"]["spec"]["selector"] == deployment["selector"]
    assert by_kind["NetworkPolicy"]["spec"]["podSelector"] == deployment["selector"]


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_a_service_of_compose_cannot_write_but_where_it_must(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert set(service["secrets"]) <= set(COMPOSE["secrets"])
    assert {volume.split(":")[0] for volume in service["volumes"]} <= set(COMPOSE["volumes"])
    assert set(service["networks"]) <= set(COMPOSE["networks"])


def test_nobody_reaches_the_database_from_outside() -> None:
    assert COMPOSE["services"]["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert "ports" not in COMPOSE["services"]["database"]


def test_the_container_file_leaves_its_build_behind_and_runs_as_nobody() -> None:
    stages = re.split(r"^FROM ", CONTAINERFILE, flags=re.MULTILINE)[1:]
    names = [stage.split("\n", 1)[0].split(" AS ")[1] for stage in stages]
    assert names == ["build", "program", "node", "coordinator"]
    assert "--require-hashes" in stages[0]
    assert "pip" not in "".join(stages[1:])
    assert "USER 10001:10001" in stages[1]
    for name in re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINERFILE, flags=re.MULTILINE):
        for each in name.split():
            assert (ROOT / each).exists(), each
            assert f"!{each}\n" in (ROOT / ".dockerignore").read_text()
    assert set(COMPOSE["services"]["coordinator"]["build"]["target"].split()) <= set(names)
