"""An invitation as its holder reads it: whole, with an authority's certificate, and made out for the right role."""

from cryptography import x509

from privacy.errors import KudosError
from protos import invitation
from protos.invitation import BadInvitationText, Invitation

_HOLDERS = {"member": "a member", "auditor": "an auditor", "viewer": "a viewer", "operator": "an operator"}


def read_invitation(text: str, role: str, *, failure: type[KudosError]) -> Invitation:
    """The invitation in a text, for a role. Raises `failure` where it is none, or one for another role."""
    try:
        found = invitation.read(text)
        x509.load_der_x509_certificate(found.authority)
    except (BadInvitationText, ValueError) as error:
        raise failure(
            "This is not a whole invitation. It is one line that begins with kudos1: and has no spaces; copy it again "
            "from the message, or ask for another."
        ) from error
    if found.role != role:
        raise failure(
            f"This invitation is for {_HOLDERS[found.role]}. Ask the coordinator for one for {_HOLDERS[role]}."
        )
    return found
