"""The auditor's folder: its keys and certificate, the network that it has joined, and what it saw at earlier visits."""

from dataclasses import dataclass
from pathlib import Path

import tomlkit
from pydantic import BaseModel, ConfigDict

from privacy.audit.errors import AuditError
from privacy.audit.records import Domain, Slug
from privacy.files import write_private
from privacy.ledger.fields import PublicKey, VerifierKey
from privacy.settings_file import read_settings


class NotJoined(AuditError):
    """The auditor has joined no network."""

    reason = "NOT_JOINED"


class Membership(BaseModel):
    """audit.toml. It is written last of all when an auditor joins: where it is there, all else is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trust_domain: Domain
    address: str
    id: Slug
    name: str
    coordinator_key: PublicKey
    witness: VerifierKey | None = None


@dataclass(frozen=True)
class Home:
    """An auditor's folder, readable by its owner alone."""

    path: Path

    @property
    def membership_file(self) -> Path:
        """Which network."""
        return self.path / "audit.toml"

    @property
    def signing_key_file(self) -> Path:
        """The Ed25519 key that renewals are signed with."""
        return self.path / "keys" / "signing.pem"

    @property
    def authority(self) -> Path:
        """The certificate of the network's authority, PEM."""
        return self.path / "keys" / "authority.pem"

    @property
    def certificate(self) -> Path:
        """The certificate, with the TLS key that it is for."""
        return self.path / "keys" / "tls.pem"

    @property
    def request(self) -> Path:
        """A TLS key with the request that was made for it, while no certificate has come."""
        return self.path / "keys" / "tls.request.pem"

    @property
    def seen(self) -> Path:
        """What was seen at earlier visits, by network."""
        return self.path / "seen"

    def membership(self) -> Membership:
        """The network that was joined. Raises NotJoined, and AuditError where the file does not read."""
        return read_settings(
            self.membership_file,
            Membership,
            absent=NotJoined(
                "You have joined no network as its auditor. Ask the coordinator for an auditor's invitation, then: "
                "kudos-audit join INVITATION"
            ),
            failure=AuditError,
            mend="Restore it from your backup, or join again with a new invitation.",
        )

    def write(self, membership: Membership) -> None:
        """Writes audit.toml, whole or not at all."""
        document = tomlkit.document()
        document.add(tomlkit.comment("The network that is audited from here. Written by kudos-audit join."))
        document.update(membership.model_dump(exclude_none=True))
        write_private(self.membership_file, tomlkit.dumps(document).encode())
