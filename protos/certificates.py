"""What certificates and the requests for them say: written by nodes, read by the coordinator, in the same words."""

ENROL = b"kudos/enrol/v1\x00"
RENEW = b"kudos/renew/v1\x00"
"""What stands before a request in the bytes that the Ed25519 key signs: one purpose is never taken for the other."""

SIGNING, SEALING = "ed25519", "x25519"


def key_uri(kind: str, public_key: bytes) -> str:
    """How a request names a raw public key: kudos-key:<kind>:<hexadecimal>."""
    return f"kudos-key:{kind}:{public_key.hex()}"


def spiffe_id(trust_domain: str, role: str, holder: str) -> str:
    """A holder's identity, such as spiffe://npu.example/member/fjordteatret."""
    return f"spiffe://{trust_domain}/{role}/{holder}"
