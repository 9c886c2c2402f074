"""What a node knows of its network: where the coordinator is, whom to trust there, and under which keys it works."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tomlkit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field

from node.errors import NodeError
from node.home import Home, write_private
from node.membership.errors import NotJoined
from privacy.ledger.fields import VerifierKey
from privacy.settings_file import read_settings


class Membership(BaseModel):
    """network.toml. It is written last of all when a node joins: where it is there, all else is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trust_domain: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,120}$")]
    address: Annotated[str, Field(pattern=r"^[^\s]{1,200}:[0-9]{1,5}$")]
    role: Annotated[str, Field(pattern=r"^(member|auditor|viewer|operator)$")]
    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    coordinator_key: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    witness_key: VerifierKey
    """The verifier key of the witness that cosigns this node's ledger: the coordinator."""

    @property
    def verifier(self) -> Ed25519PublicKey:
        """The key that signs rounds and benchmarks."""
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.coordinator_key))


@dataclass(frozen=True)
class Files:
    """Where the node keeps what concerns its network."""

    home: Home

    @property
    def membership(self) -> Path:
        """Which network."""
        return self.home.path / "network.toml"

    @property
    def authority(self) -> Path:
        """The certificate of the network's authority, PEM: nothing else is trusted on the wire."""
        return self.home.path / "keys" / "authority.pem"

    @property
    def certificate(self) -> Path:
        """The certificate, with the TLS key that it is for, in one file, so that they change together."""
        return self.home.path / "keys" / "tls.pem"

    @property
    def request(self) -> Path:
        """A TLS key with the request that was made for it, while no certificate has come."""
        return self.home.path / "keys" / "tls.request.pem"

    @property
    def sealing_key(self) -> Path:
        """The X25519 key, hexadecimal, that others seal for."""
        return self.home.path / "keys" / "sealing.key"

    @property
    def rounds(self) -> Path:
        """A folder per round."""
        return self.home.path / "rounds"

    @property
    def benchmarks(self) -> Path:
        """Published benchmarks, as they were signed."""
        return self.home.path / "benchmarks"

    @property
    def insights(self) -> Path:
        """Texts about benchmarks: what others share, what is on its way."""
        return self.home.path / "insights"

    @property
    def assessments(self) -> Path:
        """What is published of the members' self-assessments, as it was signed."""
        return self.home.path / "assessments.kudos"

    @property
    def members(self) -> Path:
        """What this node has found out about other members' keys."""
        return self.home.path / "members"


def joined(home: Home) -> bool:
    """Whether the node is in a network."""
    return Files(home).membership.exists()


def membership(home: Home) -> Membership:
    """The network that a node is in. Raises NotJoined, or NodeError where its file cannot be read."""
    home.settings()
    absent = NotJoined(
        "This node works alone. To take part in benchmarks, ask the coordinator for an invitation, then: "
        "kudos-node join INVITATION"
    )
    mend = "Restore it from your backup."
    return read_settings(Files(home).membership, Membership, absent=absent, failure=NodeError, mend=mend)


def write(home: Home, membership: Membership) -> None:
    """Writes network.toml, whole or not at all."""
    document = tomlkit.document()
    document.add(tomlkit.comment("The network that this node is in. Written by kudos-node join; nothing to edit here."))
    document.update(membership.model_dump())
    write_private(Files(home).membership, tomlkit.dumps(document).encode())
