"""The folder of a node: where its settings, keys, store, ledger and profiles lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from node.engine import remote
from node.errors import FileNotWritten, NodeError, NoHome, NoIdentityKey
from privacy import files
from privacy.settings_file import read_settings

if TYPE_CHECKING:
    from privacy.identity.chain import KeyChain

DEFAULT = Path.home() / ".kudos" / "node"


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, whole or not at all. Raises FileNotWritten, with what to do."""
    try:
        files.write_private(path, content)
    except files.NotWritten as error:
        raise FileNotWritten(str(error), error.why) from error


def _mail_domain(text: str) -> str:
    from privacy.identity.normalise import normalise_domain  # the tables of international names take time to load

    domain = normalise_domain(text.strip().removeprefix("@"))
    if domain is None:
        raise ValueError("no mail domain; write what follows the @, such as nordscenen.no")
    return domain


class Settings(BaseModel):
    """settings.toml: who the institution is. The ledger's name never changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=120)]
    industry: str
    county: str
    member: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    ledger: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9./-]{0,120}$")]
    timezone: str = "Europe/Oslo"
    engine: Annotated[str, AfterValidator(remote)] = ""
    """What computes the cells of a release: "" is DuckDB, here; else an address of Spark Connect."""
    own_domains: list[Annotated[str, AfterValidator(_mail_domain)]] = []


@dataclass(frozen=True)
class Home:
    """A node's folder. Everything in it is readable by its owner alone."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """Who the institution is."""
        return self.path / "settings.toml"

    @property
    def cosigned_file(self) -> Path:
        """The newest checkpoint of the ledger that the witness has cosigned, should the ledger itself be lost."""
        return self.path / "ledger.cosigned"

    @property
    def policy_file(self) -> Path:
        """What may leave."""
        return self.path / "policy.toml"

    @property
    def store_file(self) -> Path:
        """What was imported."""
        return self.path / "store.duckdb"

    @property
    def leave_file(self) -> Path:
        """Who has objected to being counted in releases, as keyed hashes."""
        return self.path / "objections.json"

    @property
    def likely_file(self) -> Path:
        """Who is likely one person, by match ids: for own figures, never for a release."""
        return self.path / "likely.parquet"

    @property
    def register_file(self) -> Path:
        """What was taken out of the store and when, without whose it was."""
        return self.path / "register.jsonl"

    @property
    def ledger_file(self) -> Path:
        """What was spent, with the bytes of every release."""
        return self.path / "ledger.sqlite"

    @property
    def identity_key_file(self) -> Path:
        """Keys the hash of e-mails and phones."""
        return self.path / "keys" / "identity.key"

    @property
    def ordering_key_file(self) -> Path:
        """Keys the order in which a customer's orders are kept."""
        return self.path / "keys" / "ordering.key"

    @property
    def signing_key_file(self) -> Path:
        """Signs releases and ledger entries."""
        return self.path / "keys" / "signing.pem"

    @property
    def profiles(self) -> Path:
        """The institution's own profiles."""
        return self.path / "profiles"

    @property
    def scratch(self) -> Path:
        """Room for an engine that runs out of memory; nothing that names a person is ever in it."""
        return self.path / "tmp"

    def settings(self) -> Settings:
        """The settings. Raises NoHome where the folder holds no node, NodeError where they cannot be read."""
        absent = NoHome(
            f"{self.path} holds no node yet. Make one: kudos-node init --standalone --name … --industry … --county …"
        )
        return read_settings(self.settings_file, Settings, absent=absent, failure=NodeError, mend="Mend that line.")

    def identity_chain(self) -> "KeyChain":
        """The network identity key of every epoch, from its file. Raises NodeError where it is missing or no chain."""
        # Imported here: few commands need it, and the rules for addresses come with it.
        from privacy.identity.chain import BadKeyChain, KeyChain

        if not self.identity_key_file.exists() and (self.path / "network.toml").exists():
            raise NoIdentityKey(
                "The network's identity key is not here yet, and customers are hashed with it. Who has it, and the "
                "words to compare with them: kudos-node identity status"
            )
        try:
            return KeyChain.from_private_bytes(self.identity_key_file.read_bytes())
        except (OSError, BadKeyChain):
            # Not chained: a damaged key is still a secret.
            raise NodeError(
                f"{self.identity_key_file} is missing or damaged. Restore it from your backup: with another key the "
                "same customers would look like new ones."
            ) from None

    def key(self, file: Path) -> bytes:
        """A 32-byte key from one of the key files. Raises NodeError where it is missing or no key."""
        try:
            key = bytes.fromhex(file.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            key = b""
        if len(key) != 32:
            raise NodeError(
                f"{file} is missing or damaged. Restore it from your backup: with another key the same customers "
                "would look like new ones."
            )
        return key
