"""A viewer: somebody who looks at published benchmarks with a certificate of its own, and has no customers.

Its folder has keys, `network.toml` with the role viewer, and the benchmarks that it fetched. There is no store, ledger
or policy in it, and no member's node: the two are never the same folder.
"""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from node.errors import NodeError
from node.home import Home, write_private
from node.membership import settings as network
from node.membership import tls
from node.membership.errors import BadInvitation, JoinedAlready, NotJoined
from node.membership.settings import Files, Membership
from node.network import benchmarks
from node.network.joining import membership_in
from node.wire.enrolment import enrol
from node.wire.federation import Federation, connected_to
from privacy.enrolment.invitations import read_invitation
from privacy.settings_file import read_settings
from privacy.signing.keyfile import create_signing_key, load_signing_key
from protos.certificates import ENROL, RENEW, spiffe_id
from protos.kudos.v1.enrolment_pb2 import EnrolRequest

VIEWER = "viewer"


def join(home: Home, text: str, now: datetime) -> Membership:
    """Exchanges a viewer's invitation for a certificate. One that was cut off goes on when it is asked for again.

    Raises BadInvitation, JoinedAlready where the folder is a node's or another viewer's, BadCertificate,
    RefusedByCoordinator, NoConnection.
    """
    invited = read_invitation(text, VIEWER, failure=BadInvitation)
    authority = x509.load_der_x509_certificate(invited.authority)
    files = Files(home)
    if home.settings_file.exists() or files.membership.exists():
        raise JoinedAlready(f"{home.path} is in use already. Give a viewer a folder of its own: --home DIR")
    signing = _signing_key(home)
    request = tls.request(files.request, signing, None)
    pem = authority.public_bytes(Encoding.PEM)
    asked = EnrolRequest(
        token=invited.token, csr=request.der, signature=signing.sign(ENROL + request.der), version=version("kudos")
    )
    answer = enrol(invited.address, pem, asked, institution=False)
    found = membership_in(answer, invited.address)
    expected = spiffe_id(found.trust_domain, VIEWER, found.id)
    certificate = tls.accept(answer.certificate, request, authority, expected, now)
    write_private(files.authority, pem)
    write_private(files.certificate, certificate)
    network.write(home, found)
    files.request.unlink()
    return found


def membership(home: Home) -> Membership:
    """The network that a viewer looks at. Raises NotJoined, NodeError."""
    absent = NotJoined(
        f"{home.path} is no viewer's folder. Ask NPU for a viewer's invitation, then: kudos-node viewer join INVITATION"
    )
    found = read_settings(
        Files(home).membership, Membership, absent=absent, failure=NodeError, mend="Restore it from your backup."
    )
    if found.role != VIEWER:
        raise absent
    return found


def fetch(home: Home, now: datetime, say: Callable[[str], None]) -> int:
    """Fetches the benchmarks that are not here yet, and returns how many; renews the certificate where it is time.

    Raises NotJoined, RefusedByCoordinator, NoConnection, CoordinatorContradicts, BadBenchmark.
    """
    new = 0
    with connected_to(membership(home), Files(home)) as coordinator:
        _renew(home, coordinator, now)
        for listed in coordinator.benchmarks():
            new += benchmarks.fetch(home, coordinator, listed, say) is not None
    return new


def _signing_key(home: Home) -> Ed25519PrivateKey:
    file = home.signing_key_file
    home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.parent.mkdir(mode=0o700, exist_ok=True)
    return load_signing_key(file) if file.exists() else create_signing_key(file)


def _renew(home: Home, coordinator: Federation, now: datetime) -> None:
    if not coordinator.certificate.renew_now(now):
        return
    files, signing = Files(home), load_signing_key(home.signing_key_file)
    request = tls.request(files.request, signing, None)
    der = coordinator.renew(request.der, signing.sign(RENEW + request.der))
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    expected = spiffe_id(coordinator.network.trust_domain, VIEWER, coordinator.network.id)
    write_private(files.certificate, tls.accept(der, request, authority, expected, now))
    files.request.unlink()
