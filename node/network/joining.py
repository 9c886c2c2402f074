"""Joining a network: the invitation is exchanged for a certificate; no key ever travels.

Everything that is sent is kept first, so that a join that was cut off at any instant goes on where it stopped when it
is asked for again: the same request with the same token gets the same answer.
"""

from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from node import founding
from node.founding import Institution
from node.home import Home, write_private
from node.membership import settings as network
from node.membership import tls
from node.membership.errors import BadInvitation, JoinedAlready, LedgerBehind, LedgerForked, NoConnection
from node.membership.settings import Files, Membership
from node.network.fetching_back import fetching_back
from node.network.witness import NetworkWitness
from node.wire.enrolment import enrol
from node.wire.federation import connected_to
from privacy.enrolment.invitations import read_invitation
from privacy.ledger.note import Algorithm, BadVerifierKey, Verifier
from privacy.ledger.recovery import Replica, recover
from privacy.ledger.store import Ledger
from privacy.signing.envelope import public_key_text
from privacy.signing.keyfile import load_signing_key
from protos.certificates import ENROL, spiffe_id
from protos.kudos.v1.enrolment_pb2 import EnrolRequest, EnrolResponse


@dataclass(frozen=True)
class Joined:
    """A node that is in a network now. `was_standalone`: it worked alone before.

    `continued` is how many entries the ledger had that a new machine goes on with; None where it brought its own, or
    begins one.
    """

    name: str
    industry: str
    county: str
    membership: Membership
    ends: datetime
    was_standalone: bool
    continued: int | None = None


def join(home: Home, text: str, own_domains: tuple[str, ...], now: datetime) -> Joined:
    """Joins the network that an invitation is for. The node may be new, or have worked alone.

    Raises BadInvitation, JoinedAlready, BadCertificate, RefusedByCoordinator, NoConnection; and, once it has joined,
    LedgerBehind or LedgerForked where the folder was restored with an old ledger, which is then to be recovered.
    """
    invited = read_invitation(text, "member", failure=BadInvitation)
    files = Files(home)
    if files.membership.exists():
        member = network.membership(home)
        raise JoinedAlready(f"This node is {member.id} of {member.trust_domain} already. There is nothing to do.")
    known = home.settings() if home.settings_file.exists() else None
    if known is None:
        if not files.request.exists():  # else a join was cut off here, and goes on
            founding.check_left_over(home)
    elif home.ledger_file.exists():
        Ledger.open(home.ledger_file).close()  # what is damaged is said before the invitation is used
    signing = load_signing_key(home.signing_key_file) if known else founding.open_folder(home)
    request = tls.request(files.request, signing, tls.sealing_key(files.sealing_key))
    authority = x509.load_der_x509_certificate(invited.authority)
    pem = authority.public_bytes(Encoding.PEM)
    answer = enrol(
        invited.address,
        pem,
        EnrolRequest(
            token=invited.token,
            csr=request.der,
            signature=signing.sign(ENROL + request.der),
            ledger=known.ledger if known else "",
            version=version("kudos"),
        ),
    )
    member = membership_in(answer, invited.address)
    expected = spiffe_id(member.trust_domain, member.role, member.id)
    certificate = tls.accept(answer.certificate, request, authority, expected, now)
    write_private(files.authority, pem)
    write_private(files.certificate, certificate)
    continued = _continue_ledger(home, member, answer.ledger, now)
    if known is None:
        institution = Institution(
            answer.name, answer.industry, answer.county, own_domains, member=member.id, ledger=answer.ledger
        )
        founding.found(home, institution, own_identity_key=False)
    try:
        _witness(home, member)
    except (LedgerBehind, LedgerForked):
        # The folder is from a backup. The node is in its network all the same: without that, nothing could recover it.
        network.write(home, member)
        files.request.unlink()
        raise
    network.write(home, member)
    files.request.unlink()
    settings = home.settings()
    ends = tls.held(files.certificate).ends
    return Joined(settings.name, settings.industry, settings.county, member, ends, known is not None, continued)


def _witness(home: Home, member: Membership) -> None:
    """Has the whole ledger cosigned: from here on it is known, and a machine that is lost cannot begin it anew."""
    with Ledger.open(home.ledger_file) as ledger, connected_to(member, Files(home)) as coordinator:
        NetworkWitness(home, coordinator).cosign(ledger)


def _continue_ledger(home: Home, member: Membership, origin: str, now: datetime) -> int | None:
    """Takes up the ledger that an institution has at its witness, where this node is new and has none.

    Returns the number of entries; None where there is nothing to take up.
    """
    if home.ledger_file.exists():
        return None
    with connected_to(member, Files(home)) as coordinator:
        if not coordinator.ledger.head():
            return None
        leaves, notes = coordinator.ledger.own_ledger()
        return recover(
            home.ledger_file,
            Replica(leaves, notes),
            origin=origin,
            mine=None,
            fetch=fetching_back(home, coordinator, leaves),
            public_key=public_key_text(load_signing_key(home.signing_key_file).public_key()),
            now=now,
            new_machine=True,
        ).taken


def joined_before(home: Home) -> Joined:
    """The same of a node that is in a network already; whether it had worked alone is not known any more."""
    settings, ends = home.settings(), tls.held(Files(home).certificate).ends
    member = network.membership(home)
    return Joined(settings.name, settings.industry, settings.county, member, ends, was_standalone=False)


def membership_in(answer: EnrolResponse, address: str) -> Membership:
    """What an answer to an invitation says of its network. Raises NoConnection for one that cannot be used."""
    try:
        return Membership(
            trust_domain=answer.trust_domain,
            address=answer.federation_address,
            role=answer.role,
            id=answer.id,
            coordinator_key=answer.coordinator_key.hex(),
            witness_key=_witness_key(answer),
        )
    except (ValueError, BadVerifierKey) as error:
        raise NoConnection(
            f"{address} sends an answer that this version of Kudos cannot use. Compare versions with the coordinator."
        ) from error


def _witness_key(answer: EnrolResponse) -> str:
    """The witness of the network by its key. Raises ValueError for another than the coordinator under its own name."""
    witness = Verifier.parse(answer.witness_key)
    if (witness.name, witness.algorithm) != (f"{answer.trust_domain}/witness", Algorithm.COSIGNATURE_V1):
        raise ValueError("not the key of the network's witness")
    return answer.witness_key
