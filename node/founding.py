"""Making a node's folder: keys, policy, ledger, settings. Asked again, it takes what is there and adds the rest."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import tomlkit
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from node.errors import NodeError
from node.home import Home, write_private
from privacy.budget.policy_file import DEFAULT_TEXT
from privacy.catalogue.institutions import slug
from privacy.ledger.store import Ledger
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import create_signing_key, load_signing_key


@dataclass(frozen=True)
class Institution:
    """Who a node is of. Member and ledger name are None for one that works alone: then they are made up."""

    name: str
    industry: str
    county: str
    own_domains: tuple[str, ...] = ()
    member: str | None = None
    ledger: str | None = None


def check_left_over(home: Home) -> None:
    """Raises NodeError for a folder in which a node has worked, so that its budget and customers never start anew."""
    used = home.store_file.exists()
    if home.ledger_file.exists():
        ledger = Ledger.open(home.ledger_file)
        used = used or len(ledger.contents().entries) > 1
        ledger.close()
    if used:
        raise NodeError(
            f"{home.path} holds a node that has worked, but not its settings.toml. Restore that file from your backup: "
            "a node made anew would forget what was spent and would not know its customers again."
        )


def open_folder(home: Home) -> Ed25519PrivateKey:
    """The folder, readable by its owner alone, and the signing key in it, which is made if there is none."""
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.path.chmod(0o700)
    for folder in (home.profiles, home.signing_key_file.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    if home.signing_key_file.exists():
        return load_signing_key(home.signing_key_file)
    return create_signing_key(home.signing_key_file)


def found(home: Home, institution: Institution, *, own_identity_key: bool) -> None:
    """Makes what the folder lacks; settings.toml last, so that where it is there, all else is.

    With `own_identity_key` the node gets a key of its own for the hashes of identifiers; a member of a network gets
    the network's.
    """
    key = open_folder(home)
    if own_identity_key and not home.identity_key_file.exists():
        write_private(home.identity_key_file, secrets.token_hex(32).encode())
    if not home.ordering_key_file.exists():
        write_private(home.ordering_key_file, secrets.token_hex(32).encode())
    made_up = f"{slug(institution.name)}-{secrets.token_hex(4)}"
    origin = institution.ledger or f"standalone/ledger/{institution.member or made_up}"
    if home.ledger_file.exists():
        ledger = Ledger.open(home.ledger_file)
        origin = ledger.contents().opened.origin
    else:
        ledger = Ledger.create(
            home.ledger_file,
            origin=origin,
            public_key=public_key_text(key.public_key()),
            version=version("kudos"),
            now=datetime.now(UTC).replace(microsecond=0),
        )
    ledger.close()
    if not home.policy_file.exists():
        write_private(home.policy_file, DEFAULT_TEXT.encode())
    member = institution.member or origin.rpartition("/")[2]
    write_private(home.settings_file, _settings(institution, member, origin).encode())


def _settings(institution: Institution, member: str, ledger: str) -> str:
    document = tomlkit.document()
    document.add(tomlkit.comment("Who this institution is. `member` and `ledger` never change."))
    document.update(
        {
            "name": institution.name,
            "industry": institution.industry,
            "county": institution.county,
            "member": member,
            "ledger": ledger,
            "timezone": "Europe/Oslo",
            "own_domains": list(institution.own_domains),
        }
    )
    return tomlkit.dumps(document)
