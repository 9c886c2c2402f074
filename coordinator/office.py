"""The coordinator at work: its settings, its keys and its store, opened together."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from coordinator.authority import ca
from coordinator.authority.server import ServerIdentity, server_identity
from coordinator.errors import CoordinatorError, StoreExists
from coordinator.home import Home, Settings
from coordinator.store.engine import Store, create_store, open_store
from coordinator.store.tables import events, ledger_checkpoints
from privacy.files import write_private
from privacy.ledger.note import Algorithm, Verifier
from privacy.signing.keyfile import SigningKeyExists, create_signing_key, load_signing_key


@dataclass(frozen=True)
class Office:
    """What every part of the coordinator works with.

    `signing_key` signs rounds and benchmarks, `witness_key` cosigns the members' ledgers.
    """

    home: Home
    settings: Settings
    authority: ca.Authority
    signing_key: Ed25519PrivateKey
    witness_key: Ed25519PrivateKey
    store: Store

    @property
    def trust_domain(self) -> str:
        """The network's name, such as npu.example."""
        return self.settings.trust_domain

    @property
    def public_key(self) -> bytes:
        """The raw public key of `signing_key`."""
        return self.signing_key.public_key().public_bytes_raw()

    @property
    def witness_name(self) -> str:
        """The name that the members' ledgers are cosigned under, such as npu.example/witness."""
        return f"{self.trust_domain}/witness"

    @property
    def witness(self) -> str:
        """The witness's verifier key, as signed notes write one: `npu.example/witness+3ca700f2+BCms…`."""
        return str(Verifier.of(self.witness_name, Algorithm.COSIGNATURE_V1, self.witness_key))

    def server_identity(self, now: datetime) -> ServerIdentity:
        """What the server shows now; renewed where it is time."""
        return server_identity(self.authority, self.home.server_file, self.settings.server_hosts, now)


@contextmanager
def opened(home: Home) -> Iterator[Office]:
    """The coordinator in a folder. Raises NoHome, CoordinatorError, BadSigningKey, StoreUnusable.

    A witness's key is made where a version of Kudos without one made the folder.
    """
    settings = home.settings()
    authority = ca.load(home.authority_file, home.authority_key_file)
    signing_key = load_signing_key(home.signing_key_file)
    with open_store(home.store_url()) as store:
        yield Office(home, settings, authority, signing_key, _witness_key(home, store), store)


def found(home: Home, settings_text: str, settings: Settings, now: datetime) -> None:
    """Makes a coordinator: store, authority, keys, and last the settings, without which the folder holds none.

    A folder that an interrupted founding has left is taken up where it stands. Raises CoordinatorError where there is
    a coordinator, or a store without its settings.
    """
    if home.settings_file.exists():
        raise CoordinatorError(
            f"{home.path} holds a coordinator already. To make another one, give another folder: --home DIR"
        )
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.path.chmod(0o700)
    home.authority_file.parent.mkdir(mode=0o700, exist_ok=True)
    _make_store(settings.store or f"sqlite:///{home.store_file}")
    if not home.authority_file.exists():
        ca.save(ca.make(settings.trust_domain, now), home.authority_file, home.authority_key_file)
    if not home.signing_key_file.exists():
        create_signing_key(home.signing_key_file)
    if not home.witness_key_file.exists():
        create_signing_key(home.witness_key_file)
    write_private(home.settings_file, settings_text.encode())


def _make_store(url: str) -> None:
    """An empty store; one in which nothing has happened yet will do. Raises CoordinatorError for any other."""
    try:
        create_store(url).close()
    except StoreExists as error:
        with open_store(url) as store, store.reading() as connection:
            used = connection.execute(select(events.c.seq).limit(1)).first() is not None
        if used:
            raise CoordinatorError(
                "There is a store in use already, but not its config.toml. Restore the whole folder from your backup: "
                "a coordinator made anew would not be the one that its members know."
            ) from error


def _witness_key(home: Home, store: Store) -> Ed25519PrivateKey:
    """The key of the witness. One that has cosigned is never made anew: the members' ledgers name it."""
    if not home.witness_key_file.exists():
        with store.reading() as connection:
            cosigned = connection.execute(select(ledger_checkpoints.c.member).limit(1)).first() is not None
        if not cosigned:
            with suppress(SigningKeyExists):  # another command of ours was first
                return create_signing_key(home.witness_key_file)
    return load_signing_key(home.witness_key_file)
