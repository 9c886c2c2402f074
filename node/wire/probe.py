"""Where a connection to the coordinator fails: name, port, TLS, or whose certificate is shown there."""

import socket
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from privacy.finding import Finding

TIMEOUT_S = 10.0


def probe(address: str, authority: Path, certificate: Path) -> list[Finding]:
    """The steps to a coordinator's federation port, up to the first that fails."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except OSError:
        return [
            Finding(
                "name", "fault", f"{host} cannot be found", "ask your IT department whether this machine may use DNS"
            )
        ]
    steps = [Finding("name", "good", f"{host} is {found[0][4][0]}")]
    try:
        with socket.create_connection((host, int(port)), TIMEOUT_S) as connection:
            steps.append(Finding("port", "good", f"{address} answers"))
            steps.append(_handshake(connection, host, int(port), authority, certificate))
    except OSError as error:
        reason = error.strerror or "no answer"
        do = f"ask the coordinator if its server runs; if so, ask IT to let this machine dial {address} (TCP)"
        steps.append(Finding("port", "fault", f"{address} does not answer ({reason})", do))
    return steps


def _handshake(connection: socket.socket, host: str, port: int, authority: Path, certificate: Path) -> Finding:
    context = ssl.create_default_context(cafile=str(authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    context.load_cert_chain(str(certificate))
    try:
        with context.wrap_socket(connection, server_hostname=host) as secure:
            return Finding(
                "TLS", "good", f"{secure.version()}, and the coordinator shows the network's own certificate"
            )
    except ssl.SSLCertVerificationError as error:
        shown = _shown(host, port)  # the connection is closed by now
        return Finding(
            "TLS",
            "fault",
            f"the certificate shown there is not the network's: {shown} ({error.verify_message})",
            "a proxy or an antivirus program opens the connection on its way: ask your IT department to exempt "
            f"{host}; if the name is the coordinator's own, ask the coordinator",
        )
    except (ssl.SSLError, OSError):
        return Finding(
            "TLS",
            "fault",
            "the connection is cut off while it is being secured",
            f"ask your IT department whether a proxy or firewall lets TLS 1.3 through to {host}",
        )


def _shown(host: str, port: int) -> str:
    """Who issued the certificate that is shown to somebody who trusts everybody; for the eyes of the operator."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=host) as secure,
        ):
            der = secure.getpeercert(binary_form=True)
        issuer = x509.load_der_x509_certificate(der or b"").issuer
        names = issuer.get_attributes_for_oid(NameOID.COMMON_NAME) or issuer.get_attributes_for_oid(
            NameOID.ORGANIZATION_NAME
        )
        text = str(names[0].value) if names else "somebody without a name"
    except (OSError, ValueError):
        return "by an issuer that cannot be read"
    return "issued by " + "".join(letter if letter.isprintable() else " " for letter in text)[:80]
