"""Certificates: issued by the network's authority, to whom and for when the list says."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256

from privacy.audit.bundle import decoded
from privacy.audit.paths import AUTHORITY, CERTIFICATES, releases_path, sketches_path
from privacy.audit.reading import Bundle
from privacy.audit.records import CertificateLine, read_record
from privacy.audit.releases_check import HeldRelease
from privacy.audit.rounds_check import CheckedRound
from privacy.audit.verdict import Finding
from protos.certificates import spiffe_id

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True)
class CheckedCertificates:
    """When each member held a sound certificate: (from, to) by member. `listed`: the bundle can tell."""

    times: dict[str, tuple[tuple[datetime, datetime], ...]]
    listed: bool
    findings: tuple[Finding, ...]

    def covers(self, member: str, moment: datetime) -> bool:
        """Whether a member held a certificate at a moment."""
        return any(first <= moment <= last for first, last in self.times.get(member, ()))


def check_certificates(bundle: Bundle) -> CheckedCertificates:
    """The certificates of a bundle's public part. Raises `BadBundle` where a line does not read."""
    if not bundle.has(AUTHORITY) or not bundle.has(CERTIFICATES):
        said = "The bundle has no certificate of the network's authority, or no list of those that it issued."
        return CheckedCertificates({}, False, (Finding("AUTHORITY_MISSING", said),))
    try:
        authority = x509.load_pem_x509_certificate(bundle.read(AUTHORITY))
        authority.verify_directly_issued_by(authority)
        if not authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise ValueError("no authority")
    except (*_UNREADABLE, InvalidSignature):
        said = "This is no certificate of an authority that signed itself."
        return CheckedCertificates({}, False, (Finding("AUTHORITY_UNREADABLE", said, file=AUTHORITY),))
    times: dict[str, tuple[tuple[datetime, datetime], ...]] = {}
    findings: list[Finding] = []
    for line in bundle.lines(CERTIFICATES):
        record = read_record(CertificateLine, line.content, CERTIFICATES, line.number)
        fault = _fault(record, authority, bundle.headers["public"].trust_domain)
        if fault is not None:
            findings.append(Finding(*fault, record.holder, None, CERTIFICATES, line.number))
        elif record.role == "member":
            times[record.holder] = (*times.get(record.holder, ()), (record.not_before, record.not_after))
    return CheckedCertificates(times, True, tuple(findings))


def authority_of(bundle: Bundle) -> str | None:
    """The SHA-256 of the authority's certificate, in hexadecimal; None where the bundle has none that reads."""
    if not bundle.has(AUTHORITY):
        return None
    try:
        return fingerprint(bundle.read(AUTHORITY))
    except ValueError:
        return None


def fingerprint(pem: bytes) -> str:
    """The SHA-256 of a certificate in PEM, in hexadecimal. Raises ValueError for what is none."""
    return x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()


def _fault(record: CertificateLine, authority: x509.Certificate, trust_domain: str) -> tuple[str, str] | None:
    """What is wrong with a certificate: a code and a sentence."""
    try:
        certificate = x509.load_der_x509_certificate(decoded(record.der))
        names = list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    except _UNREADABLE:
        return "CERTIFICATE_UNREADABLE", "This certificate does not read."
    try:
        certificate.verify_directly_issued_by(authority)
    except (*_UNREADABLE, InvalidSignature):
        return "CERTIFICATE_FOREIGN", "The network's authority did not issue this certificate."
    expected = spiffe_id(trust_domain, record.role, record.holder)
    if [getattr(name, "value", None) for name in names] != [expected]:
        return "CERTIFICATE_DIFFERS", f"This certificate does not name {expected} alone."
    if (record.not_before, record.not_after) != (certificate.not_valid_before_utc, certificate.not_valid_after_utc):
        return "CERTIFICATE_DIFFERS", "This certificate is valid at another time than the list says."
    return None


def check_sketch_times(certificates: CheckedCertificates, rounds: Iterable[CheckedRound]) -> list[Finding]:
    """Sketches that came when their member held no certificate, and so could not have called."""
    if not certificates.listed:
        return []  # said already
    found = []
    for checked in rounds:
        for each in checked.held.sketches:
            if not certificates.covers(each.member, each.received):
                when = f"{each.received:%Y-%m-%d %H:%M} UTC"
                said = f"A sketch of {each.member} was taken at {when}, when it held no certificate."
                place = checked.name, None, sketches_path(checked.name), each.line
                found.append(Finding("CERTIFICATE_EXPIRED", said, *place))
    return found


def check_times(certificates: CheckedCertificates, releases: Iterable[HeldRelease]) -> list[Finding]:
    """Releases that came when their member held no certificate, and so could not have called."""
    if not certificates.listed:
        return []  # said already
    found = []
    for each in releases:
        if each.received is not None and not certificates.covers(each.member, each.received):
            said = f"The release was taken at {each.received:%Y-%m-%d %H:%M} UTC, when the member held no certificate."
            found.append(Finding("CERTIFICATE_EXPIRED", said, each.member, None, releases_path(each.member), each.line))
    return found
