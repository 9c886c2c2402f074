"""The folder of a coordinator: its settings, its keys and, unless another database is named, its store."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from coordinator.errors import CoordinatorError, NoHome
from privacy.rounds.announcement import Domain
from privacy.settings_file import read_settings

DEFAULT = Path.home() / ".kudos" / "coordinator"


def split_address(text: str) -> tuple[str, int]:
    """Host and port of "host:port" (an IPv6 address stands in brackets). Raises ValueError."""
    host, colon, port = text.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    whole = bool(colon and bare and (bare == host) == (":" not in bare) and bare.isascii() and bare.isprintable())
    if not whole or " " in bare or not (port.isascii() and port.isdecimal() and 0 <= int(port) <= 65_535):
        raise ValueError(f"{text!r} is no address. Write host:port, such as kudos.example.no:8443")
    return bare, int(port)


def _address(text: str) -> str:
    split_address(text)
    return text


Address = Annotated[str, Field(max_length=260), AfterValidator(_address)]


class PortSettings(BaseModel):
    """A port: the `address` that the members' nodes dial, and what the server listens on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: Address
    listen: Address


class Operations(BaseModel):
    """What whoever looks after the machine asks; both are for this machine alone unless an address says otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    health: Address = "127.0.0.1:0"
    """gRPC's health service, in the clear. Port 0: the system chooses one, and `serve` says which."""
    metrics: Address = "127.0.0.1:0"
    """Prometheus' text format, in the clear."""


_EVERYWHERE = {"0.0.0.0", "::"}  # noqa: S104  compared with, not listened on


class Settings(BaseModel):
    """config.toml. The trust domain never changes afterwards: it is in every certificate and every ledger's name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    trust_domain: Domain
    name: Annotated[str, Field(min_length=1, max_length=120)]
    federation: PortSettings
    enrolment: PortSettings
    hosts: tuple[Annotated[str, Field(min_length=1, max_length=253)], ...] = ()
    """Further names and addresses that the server's certificate shows."""
    store: str = ""
    """A SQLAlchemy URL; empty for a SQLite file in the folder."""
    operations: Operations = Operations()

    @model_validator(mode="after")
    def _two_ports(self) -> "Settings":
        """Raises ValueError where one port would have to do for work and for joining."""
        dialled, listened = (
            (split_address(getattr(self.federation, name)), split_address(getattr(self.enrolment, name)))
            for name in ("address", "listen")
        )
        if dialled[0] == dialled[1]:
            raise ValueError(
                f"federation and enrolment are both {self.federation.address}: work and joining take a port each"
            )
        (one, port), (other, other_port) = listened
        if port == other_port != 0 and (one == other or _EVERYWHERE & {one, other}):
            raise ValueError(f"federation and enrolment both listen on port {port}: work and joining take a port each")
        return self

    @property
    def server_hosts(self) -> tuple[str, ...]:
        """Every name and address that the server's certificate shows, each once."""
        dialled = (split_address(port.address)[0] for port in (self.federation, self.enrolment))
        return tuple(dict.fromkeys((*dialled, *self.hosts)))


@dataclass(frozen=True)
class Home:
    """A coordinator's folder. Everything in it is readable by its owner alone."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """What the network is called, and where it is reached."""
        return self.path / "config.toml"

    @property
    def store_file(self) -> Path:
        """The store, where no other database is named."""
        return self.path / "store.sqlite"

    @property
    def authority_key_file(self) -> Path:
        """Signs every certificate of the network."""
        return self.path / "keys" / "authority.key"

    @property
    def authority_file(self) -> Path:
        """The authority's own certificate, PEM: public."""
        return self.path / "keys" / "authority.pem"

    @property
    def signing_key_file(self) -> Path:
        """Signs rounds and benchmarks."""
        return self.path / "keys" / "signing.pem"

    @property
    def witness_key_file(self) -> Path:
        """Cosigns the members' ledgers."""
        return self.path / "keys" / "witness.pem"

    @property
    def server_file(self) -> Path:
        """The server's TLS key and certificate, PEM."""
        return self.path / "keys" / "server.pem"

    def settings(self) -> Settings:
        """The settings. Raises NoHome where the folder holds no coordinator, CoordinatorError for bad ones."""
        absent = NoHome(
            f"{self.path} holds no coordinator yet. "
            "Make one: kudos-coordinator init --trust-domain … --name … --federation … --enrolment …"
        )
        mend = "Mend that line."
        return read_settings(self.settings_file, Settings, absent=absent, failure=CoordinatorError, mend=mend)

    def store_url(self) -> str:
        """The SQLAlchemy URL of the store. Raises as `settings`."""
        return self.settings().store or f"sqlite:///{self.store_file}"
