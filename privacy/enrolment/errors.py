"""What can be wrong with keys and certificates."""

from privacy.errors import KudosError


class BadCertificate(KudosError):
    """An answer that holds no certificate that can be used."""

    reason = "BAD_CERTIFICATE"


class DamagedKeys(KudosError):
    """A file of keys that is missing or damaged."""

    reason = "KEYS_DAMAGED"
