"""The folder of a node: where its settings, keys, store, ledger and profiles lie."""

import os
import re
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from node.errors import NodeError, NoHome, UsageError

INDUSTRIES = (
    "performing-arts",
    "museum",
    "visual-art",
    "orchestra",
    "concert-hall",
    "festival",
    "opera-and-ballet",
    "culture-house",
    "heritage",
    "other",
)

DEFAULT = Path.home() / ".kudos" / "node"


class Settings(BaseModel):
    """settings.toml: who the institution is. The ledger's name never changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(min_length=1, max_length=120)]
    industry: str
    county: str
    member: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    ledger: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9./-]{0,120}$")]
    timezone: str = "Europe/Oslo"
    own_domains: list[str] = []


@dataclass(frozen=True)
class Home:
    """A node's folder. Everything in it is readable by its owner alone."""

    path: Path

    @property
    def settings_file(self) -> Path:
        """Who the institution is."""
        return self.path / "settings.toml"

    @property
    def policy_file(self) -> Path:
        """What may leave."""
        return self.path / "policy.toml"

    @property
    def store_file(self) -> Path:
        """What was imported."""
        return self.path / "store.duckdb"

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
        try:
            return Settings.model_validate(tomllib.loads(self.settings_file.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise NoHome(
                f"{self.path} holds no node yet. "
                "Make one: kudos-node init --standalone --name … --industry … --county …"
            ) from error
        except ValidationError as error:
            problem = error.errors(include_input=False)[0]
            place = ".".join(str(step) for step in problem["loc"])
            raise NodeError(f"{self.settings_file}: {place}: {problem['msg']}. Mend that line.") from error
        except (ValueError, RecursionError) as error:
            raise NodeError(f"{self.settings_file} is not TOML: {error}. Mend that line.") from error

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


def county_code(text: str) -> str:
    """A county's official code from its code or its name. Raises UsageError with the list."""
    from node.ingest.places import COUNTIES

    wanted = text.strip().casefold()
    for code, county in COUNTIES.items():
        if wanted in (code, county.name.casefold()):
            return code
    names = ", ".join(f"{county.name} ({code})" for code, county in COUNTIES.items())
    raise UsageError(f"{text!r} is no county of 2024. There is: {names}.")


def slug(name: str) -> str:
    """A name in the letters that identifiers may have."""
    letters = name.casefold().translate(str.maketrans("æøåäöü", "aoaaou"))
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:40] or "member"


def write_private(path: Path, content: bytes) -> None:
    """Writes a new file that only its owner can read; it is there whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
