"""A coordinator is made and serves; twelve nodes join it, and get the network's identity key."""

import socket
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from deploy.demo.cast import Part
from deploy.demo.programs import Beside, Failed, Program, beside
from deploy.demo.stage import Stage, side_by_side
from privacy.catalogue.institutions import COUNTIES

POLL_S = 2
"""How often agents ask, in seconds. In earnest it is five minutes."""

_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Network:
    """The demo's folder, by whose part lies where."""

    folder: Path

    @property
    def coordinator(self) -> Program:
        """The coordinator's program and folder."""
        return Program("kudos-coordinator", self.folder / "coordinator")

    def node(self, part: Part) -> Program:
        """A member's program and folder."""
        return Program("kudos-node", self.folder / "nodes" / part.id)

    @property
    def auditor(self) -> Program:
        """The auditor's program, and the folder where it would keep what it saw."""
        return Program("kudos-audit", self.folder / "auditor")

    @property
    def bundle(self) -> Path:
        """What NPU exports for the auditor."""
        return self.folder / "bundle"

    def log(self, name: str) -> Path:
        """What a program said that worked beside the demo."""
        return self.folder / "logs" / f"{name}.log"


@contextmanager
def serving(stage: Stage, network: Network) -> Iterator[Beside]:
    """Makes the coordinator and lets it serve until the block ends."""
    federation, enrolment = _free_ports()
    words = (
        f"init --trust-domain npu.example --name NPU --federation localhost:{federation} "
        f"--enrolment localhost:{enrolment}"
    )
    stage.prompt(network.coordinator.typed(words))
    here = "--listen-federation", f"127.0.0.1:{federation}", "--listen-enrolment", f"127.0.0.1:{enrolment}"
    network.coordinator.runs(*words.split(), *here)
    stage.prompt(network.coordinator.typed("serve"))
    with beside(network.coordinator, network.log("coordinator"), "serve", "--poll", str(POLL_S)) as server:
        server.await_words("newcomers join at", _PATIENCE_S)
        stage.says(f"  It listens on ports {federation} (members, with certificates) and {enrolment} (newcomers).")
        yield server


def _free_ports() -> tuple[int, int]:
    """Two ports of this machine that nobody listens on just now."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def invite_all(stage: Stage, network: Network, parts: tuple[Part, ...], pool: Executor) -> dict[Part, str]:
    """An invitation for every institution."""
    example = parts[0].institution
    county = COUNTIES[example.county].name
    stage.prompt(
        network.coordinator.typed(
            f"member invite --name {quote(example.name)} --industry {example.industry} --county {county} "
            f"--size {parts[0].size_class}"
        )
    )

    def invite(part: Part) -> str:
        who = part.institution
        words = ("--name", who.name, "--industry", who.industry, "--county", who.county, "--size", part.size_class)
        said = network.coordinator.reads("member", "invite", *words)
        return str(said["invitation"])

    with stage.progress("invitations", len(parts)) as done:
        found = side_by_side(pool, invite, parts, lambda *_: done(""))
    stage.says(f"  ✓ {len(parts)} invitations, each to be used once, within two weeks")
    return found


def join_all(stage: Stage, network: Network, invitations: dict[Part, str], pool: Executor) -> None:
    """Everybody joins. The first makes the identity key; it and each of the others compare eight words."""
    first, *others = invitations
    stage.prompt(network.node(first).typed(f"join {invitations[first][:20]}…"))
    joined = network.node(first).reads("join", invitations[first])
    _settled(first, joined["identity"], "first")
    with stage.progress("joining", len(invitations)) as done:
        done(f"{first.institution.name} has joined, and made the network's identity key")
        by_id = {part.id: part for part in invitations}

        def join(part: Part) -> tuple[Part, str]:
            node = network.node(part)
            standing = node.reads("join", invitations[part])["identity"]
            _settled(part, standing, "waiting")
            sponsor, words = by_id[standing["sponsor"]], " ".join(standing["words"])
            network.node(sponsor).runs("identity", "confirm", part.id, "--words", words)
            held = node.reads("identity", "confirm", sponsor.id, "--words", words)
            _settled(part, held, "holder")
            return sponsor, words

        def tell(part: Part, heard: tuple[Part, str]) -> None:
            done(f"{part.institution.name} has joined; {heard[0].institution.name} and it compared: {_some(heard[1])}")

        sponsors = side_by_side(pool, join, others, tell)
    example = others[0]
    sponsor, words = sponsors[example]
    stage.says(f"On the telephone both read the same eight words, such as: {words}.")
    stage.prompt(network.node(sponsor).typed(f"identity confirm {example.id}"))
    stage.prompt(network.node(example).typed(f"identity confirm {sponsor.id}"))
    stage.says("The key went from one to the other sealed: the coordinator carried it, and cannot read it.")


def _some(words: str) -> str:
    first, second, *_ = words.split()
    return f"{first} {second} …"


def _settled(part: Part, standing: dict[str, Any], state: str) -> None:
    """Raises Failed where a node does not stand where it must."""
    if standing["state"] != state:
        raise Failed(f"{part.institution.name} stands at {standing['state']} with the identity key, not at {state}.")
