"""Whether members reach a port as they dial it: name, connection, TLS 1.3, and the network's own certificate there."""

import socket
import ssl
from pathlib import Path

from coordinator.home import split_address
from privacy.finding import Finding

TIMEOUT_S = 10.0


def probe(what: str, address: str, authority: Path) -> Finding:
    """The first step to an address that fails, or that all is well; seen from this machine, not from a member's.

    A port that does not answer is a warning: whether the server runs is the operator's own affair.
    """
    host, port = split_address(address)
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        do = "have the name entered into DNS; members dial it as it stands in their invitation"
        return Finding(what, "fault", f"{host} cannot be found", do)
    try:
        connection = socket.create_connection((host, port), TIMEOUT_S)
    except OSError as error:
        do = (
            "start kudos-coordinator serve; if it runs, a firewall or a balancer on the way does not pass this port on "
            "(or this machine may not reach its own public address: then try from outside)"
        )
        return Finding(what, "warning", f"{address} does not answer ({error.strerror or 'no answer'})", do)
    return _secured(what, address, host, connection, authority)


def _secured(what: str, address: str, host: str, connection: socket.socket, authority: Path) -> Finding:
    """With TLS 1.3 the certificate shown is checked before the server asks for ours: none is needed here."""
    context = ssl.create_default_context(cafile=str(authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.set_alpn_protocols(["h2"])
    try:
        with connection, context.wrap_socket(connection, server_hostname=host) as secure:
            return Finding(what, "good", f"{address} answers with {secure.version()} and the network's own certificate")
    except ssl.SSLCertVerificationError as error:
        do = (
            "something before the server ends TLS (it must pass TCP on as it is), another coordinator listens there, "
            "or the name is missing in `hosts` of config.toml"
        )
        return Finding(what, "fault", f"the certificate at {address} is not ours: {error.verify_message}", do)
    except OSError:
        do = "let TLS 1.3 pass to the server as it is: no proxy, and a balancer in TCP mode"
        return Finding(what, "fault", f"{address} is cut off while it is being secured", do)
