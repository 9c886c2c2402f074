"""What a newcomer asks for: a PKCS #10 request that binds its three keys, parsed into something that cannot be wrong.

Nothing of a request but its keys is ever used: no subject, no validity, no extension is copied into a certificate.
"""

import hashlib
import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from coordinator.errors import BadCsr, BadSignature
from protos.certificates import SEALING, SIGNING

LARGEST = 4096
"""Bytes of a request; one of ours has some 400."""

_KEY_URI = re.compile(rf"kudos-key:({SIGNING}|{SEALING}):([0-9a-f]{{64}})")
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What cryptography raises for bytes that are no request."""
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
_ADVICE = "Make the request with `kudos-node join`, or as protos/kudos/v1/enrolment.proto says."


@dataclass(frozen=True)
class CertificateRequest:
    """A checked request. `signing_key` and `sealing_key` are raw public keys of 32 bytes.

    `sealing_key` is None for a holder that nothing is sealed for. `digest` is the SHA-256 of the request, hexadecimal.
    """

    tls_key: ec.EllipticCurvePublicKey
    signing_key: bytes
    sealing_key: bytes | None
    digest: str


def parse(der: bytes, *, member: bool) -> CertificateRequest:
    """A request from its DER bytes. A member's names an X25519 key, no other's does. Raises BadCsr."""
    if len(der) > LARGEST:
        raise BadCsr(f"The certificate request has more than {LARGEST} bytes. {_ADVICE}")
    tls_key, uris = _read(der)
    keys: dict[str, bytes] = {}
    for uri in uris:
        found = _KEY_URI.fullmatch(uri)
        if found is None or found[1] in keys:
            raise BadCsr(f"The certificate request names something else than each key once. {_ADVICE}")
        keys[found[1]] = bytes.fromhex(found[2])
    wanted = {"ed25519", "x25519"} if member else {"ed25519"}
    if set(keys) != wanted:
        raise BadCsr(f"The certificate request must name the keys {' and '.join(sorted(wanted))}. {_ADVICE}")
    _check_keys(keys)
    return CertificateRequest(tls_key, keys["ed25519"], keys.get("x25519"), hashlib.sha256(der).hexdigest())


def check_signature(purpose: bytes, der: bytes, signature: bytes, signing_key: bytes) -> None:
    """Raises BadSignature unless `signing_key` signed the request for this purpose (`ENROL` or `RENEW`)."""
    try:
        Ed25519PublicKey.from_public_bytes(signing_key).verify(signature, purpose + der)
    except (InvalidSignature, ValueError) as error:
        raise BadSignature(
            "The certificate request is not signed by the Ed25519 key that it must be signed by. Use the key of the "
            "node that asks; if it is lost, ask the coordinator's operator for a new invitation."
        ) from error


def _read(der: bytes) -> tuple[ec.EllipticCurvePublicKey, list[str]]:
    try:
        csr = x509.load_der_x509_csr(der)
        key = csr.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            raise BadCsr(f"The certificate request is not over an ECDSA key on P-256. {_ADVICE}")
        if not isinstance(csr.signature_hash_algorithm, _HASHES) or not csr.is_signature_valid:
            raise BadCsr(f"The certificate request is not signed by its own key. {_ADVICE}")
        extensions = list(csr.extensions)
    except _UNREADABLE as error:
        raise BadCsr(f"These bytes are no certificate request. {_ADVICE}") from error
    if len(extensions) != 1 or not isinstance(extensions[0].value, x509.SubjectAlternativeName):
        raise BadCsr(f"The certificate request asks for something else than subject alternative names. {_ADVICE}")
    names = list(extensions[0].value)
    if not all(isinstance(name, x509.UniformResourceIdentifier) for name in names):
        raise BadCsr(f"The certificate request names something else than keys. {_ADVICE}")
    return key, [str(name.value) for name in names]


def _check_keys(keys: dict[str, bytes]) -> None:
    """Refuses an X25519 key of low order, to which everything would be sealed in the open (RFC 7748, section 6.1)."""
    try:
        Ed25519PublicKey.from_public_bytes(keys["ed25519"])
        if "x25519" in keys:
            X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(keys["x25519"]))
    except ValueError as error:
        raise BadCsr(f"The certificate request names a key that is none. {_ADVICE}") from error
