"""A new certificate before the old one ends: a new TLS key, vouched for by the Ed25519 key that stays."""

from datetime import datetime

from cryptography import x509

from node.home import Home, write_private
from node.membership import tls
from node.membership.settings import Files
from node.wire.federation import Federation
from privacy.signing.keyfile import load_signing_key
from protos.certificates import RENEW, spiffe_id


def renew(home: Home, coordinator: Federation, now: datetime) -> bool:
    """Renews the certificate where two thirds of its time are over, and tells whether it did.

    Raises BadCertificate, RefusedByCoordinator, NoConnection; the old certificate then stays.
    """
    if not coordinator.certificate.renew_now(now):
        return False
    files = Files(home)
    signing = load_signing_key(home.signing_key_file)
    request = tls.request(files.request, signing, tls.sealing_key(files.sealing_key))
    der = coordinator.renew(request.der, signing.sign(RENEW + request.der))
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    network = coordinator.network
    expected = spiffe_id(network.trust_domain, network.role, network.id)
    write_private(files.certificate, tls.accept(der, request, authority, expected, now))
    files.request.unlink()
    return True
