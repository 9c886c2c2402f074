"""What an institution does by itself: it imports, looks at its own figures, and says in its policy what may leave."""

from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from deploy.demo.cast import LAST, Part
from deploy.demo.compare import Compared, figure_by_figure
from deploy.demo.making import Made
from deploy.demo.network import Network
from deploy.demo.programs import Failed
from deploy.demo.stage import Stage, side_by_side
from deploy.demo.words import megabytes, spaced

STUDY = "benchmark"
CROSS_USE = "cross-use-year"
_ASKS_A_PERSON, _ASKS_NOBODY = "[approval]\nrequired = true", "[approval]\nrequired = false"


@dataclass(frozen=True)
class Own:
    """What a node counted, figure by figure beside what was invented."""

    customers: int
    compared: tuple[Compared, ...]


def import_all(stage: Stage, network: Network, made: dict[Part, Made], pool: Executor) -> dict[Part, Own]:
    """Every node reads its exports, the largest first; then its exact figures are compared with the truth."""
    example = next(iter(made))
    stage.prompt(network.node(example).typed(f"import {quote(str(made[example].files[0].parent))}/*"))
    stage.prompt(network.node(example).typed("kpi"))

    def work(part: Part) -> Own:
        node = network.node(part)
        node.runs("import", *made[part].files)
        kpi: dict[str, Any] = node.reads("kpi", "--as-of", str(LAST))
        return Own(kpi["customers"], tuple(figure_by_figure(made[part].truth, kpi)))

    def tell(part: Part, own: Own) -> None:
        wrong = [each.name for each in own.compared if not each.equal]
        verdict = f"WRONG: {', '.join(wrong)}" if wrong else f"all {len(own.compared)} figures as invented"
        done(
            f"{part.institution.name}: {megabytes(made[part].bytes)} from {part.system}, "
            f"{spaced(own.customers)} customers; {verdict}"
        )

    with stage.progress("importing", len(made)) as done:
        largest_first = sorted(made, key=lambda part: -made[part].bytes)
        found = side_by_side(pool, work, largest_first, tell)
    return {part: found[part] for part in made}


def allow_all(stage: Stage, network: Network, parts: tuple[Part, ...], pool: Executor) -> None:
    """Every policy allows the study as it stands; most say too that no person need approve a round."""
    for study in (STUDY, CROSS_USE):
        stage.prompt(network.node(parts[0]).typed(f"policy allow {study}"))

    def allow(part: Part) -> None:
        node = network.node(part)
        for study in (STUDY, CROSS_USE):
            node.runs("policy", "allow", study)
        if part.answers == "agent":
            _edit(node.home / "policy.toml", _ASKS_A_PERSON, _ASKS_NOBODY)

    with stage.progress("policies", len(parts)) as done:
        side_by_side(pool, allow, parts, lambda *_: done(""))
    agents = sum(part.answers == "agent" for part in parts)
    stage.says(f"  ✓ {len(parts)} policies allow both, each by the study's digest: were it changed, they would not")
    stage.says(
        f"  ✓ {agents} of them are edited too, `required = false` under `[approval]`: their agents may answer alone"
    )
    stage.says(f"  A policy is a file of the institution's own: {network.node(parts[0]).home / 'policy.toml'}")


def _edit(policy: Path, old: str, new: str) -> None:
    """Edits a policy as its owner would, in the file."""
    text = policy.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise Failed(f"{policy} does not say {old!r} as a fresh policy does.")
    policy.write_text(text.replace(old, new), encoding="utf-8")
