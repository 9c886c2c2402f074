"""The members of the network and their keys, as the coordinator certifies them: read strictly, for it may lie."""

import re
from dataclasses import dataclass

from node.errors import NodeError
from node.home import Home
from node.membership.settings import Files
from node.membership.tls import sealing_key
from node.wire.federation import Federation
from node.wire.plain import is_line
from privacy.identity.commitment import BadCommitment, Commitment, verify_commitment
from privacy.identity.words import PartyKeys
from privacy.signing.envelope import parse_public_key
from privacy.signing.keyfile import load_signing_key
from protos.kudos.v1.federation_pb2 import MemberListed

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


class IdentityUnsettled(NodeError):
    """What is asked for takes the network's identity key in another state."""

    reason = "IDENTITY_UNSETTLED"
    exit_status = 3


@dataclass(frozen=True)
class Other:
    """Another member as the coordinator certifies it. `commitment` is None where it holds no key yet.

    The id can stand in a command that people copy, and the name in a line: both are checked.
    """

    id: str
    name: str
    signing_key: bytes
    sealing_key: bytes
    commitment: Commitment | None
    offered: bool

    @property
    def keys(self) -> PartyKeys:
        """Both public keys."""
        return PartyKeys(self.signing_key, self.sealing_key)


def directory(home: Home, coordinator: Federation) -> tuple[Other, list[Other]]:
    """What the coordinator says of this node, and of the others.

    Raises IdentityUnsettled where it lists a member by an id, a name, a key or a commitment that cannot be, or this
    node under other keys than its own: the eight words are made of both sides' keys, and would agree on a false one
    that both sides were told of.
    """
    network = coordinator.network
    found = [_other(each) for each in coordinator.members()]
    if len({each.id for each in found}) != len(found):
        raise IdentityUnsettled("The coordinator lists a member twice. Tell its operator.")
    mine = next((each for each in found if each.id == network.id), None)
    if mine is None:
        raise IdentityUnsettled(f"The coordinator does not list this node, {network.id}, as a member. Ask it why.")
    if mine.keys != _own_keys(home):
        raise IdentityUnsettled(
            f"The coordinator lists this node, {network.id}, under keys that are not its own: somebody may stand "
            "between you and the others. Confirm no words; tell the other members by telephone, and the coordinator."
        )
    return mine, [each for each in found if each.id != network.id]


def _own_keys(home: Home) -> PartyKeys:
    signing = load_signing_key(home.signing_key_file).public_key()
    sealing = sealing_key(Files(home).sealing_key).public_key()
    return PartyKeys(signing.public_bytes_raw(), sealing.public_bytes_raw())


def _other(listed: MemberListed) -> Other:
    if not _ID.fullmatch(listed.id):
        raise IdentityUnsettled("The coordinator lists a member whose id is none. Tell its operator.")
    if not is_line(listed.name):
        raise IdentityUnsettled(f"The coordinator lists {listed.id} with a name that is none. Tell its operator.")
    try:
        PartyKeys(listed.signing_key, listed.sealing_key)
    except ValueError as error:
        raise IdentityUnsettled("The coordinator lists a member with a key that is none. Tell its operator.") from error
    commitment = None
    if listed.commitment:
        try:
            commitment = verify_commitment(listed.commitment, listed.id, parse_public_key(listed.signing_key.hex()))
        except (BadCommitment, ValueError) as error:
            raise IdentityUnsettled(
                f"The coordinator lists a commitment of {listed.id} that is not signed by it. Tell its operator."
            ) from error
    return Other(listed.id, listed.name, listed.signing_key, listed.sealing_key, commitment, listed.offered)
