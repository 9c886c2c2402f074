"""An invitation: one line of text that carries all that a newcomer needs to trust the right coordinator.

    kudos1:<base64url, no padding, of a JSON object>

    a   "host:port" of the enrolment port
    c   the certificate of the network's authority, DER, in base64: the newcomer trusts this one alone
    t   the one-time token, 16 bytes, in base64
    r   the role that it is made out for: member, auditor, viewer or operator

Whoever has the line can join in its holder's place, once.
"""

import base64
import binascii
import json
from dataclasses import dataclass

PREFIX = "kudos1:"
TOKEN_BYTES = 16
ROLES = ("member", "auditor", "viewer", "operator")
_LONGEST = 4_000


class BadInvitationText(ValueError):
    """A text that is no invitation."""


@dataclass(frozen=True)
class Invitation:
    """An invitation, read."""

    address: str
    authority: bytes
    token: bytes
    role: str

    def __repr__(self) -> str:
        """Without the token, which is a secret."""
        return f"Invitation({self.address!r}, {self.role!r})"

    def text(self) -> str:
        """The line to hand over."""
        content = {
            "a": self.address,
            "c": base64.b64encode(self.authority).decode(),
            "r": self.role,
            "t": base64.b64encode(self.token).decode(),
        }
        packed = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
        return PREFIX + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(text: str) -> Invitation:
    """The invitation in a text; white space and line breaks of an e-mail do not matter. Raises BadInvitationText."""
    packed = "".join(text.split())
    if not packed.startswith(PREFIX) or len(packed) > _LONGEST:
        raise BadInvitationText("no invitation")
    packed = packed.removeprefix(PREFIX)
    try:
        content = json.loads(base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True))
        address, role = content["a"], content["r"]
        authority, token = (base64.b64decode(content[name], validate=True) for name in ("c", "t"))
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadInvitationText("damaged") from error
    host, _, port = address.rpartition(":") if isinstance(address, str) else ("", "", "")
    if not (host and port.isdecimal() and role in ROLES and len(token) == TOKEN_BYTES and authority):
        raise BadInvitationText("damaged")
    return Invitation(address, authority, token, role)
