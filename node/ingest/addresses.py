"""Which texts are e-mail addresses as `privacy.identity` would spell them, and plainly somebody's own: most are.

An export has hundreds of thousands of addresses. Those that are told here, all at once, need no further look; about
all others `privacy.identity` decides, one by one.
"""

import re
from collections.abc import Set as AbstractSet

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from node.ingest.column import Flags
from privacy.identity.placeholder import ROLES

_LONGEST = 63
"""No label of a domain can then be too long."""

_SPELT = r"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,63}$"
_FOLDED = r"(?:gmail\.com|googlemail\.com)$"
_ROLE = rf"^(?:{'|'.join(map(re.escape, sorted(ROLES)))})[^a-z]"


def plainly_own(texts: pa.Array, own_domains: AbstractSet[str]) -> Flags:
    """Texts that `normalise_email` leaves as they are and that are no placeholder: one flag per text (strings).

    `own_domains` comes from `normalise_domain`. A text that is not flagged may still be an address of somebody's.
    """
    spelt = pc.match_substring_regex(texts, _SPELT)
    doubtful = _FOLDED if not own_domains else rf"{_FOLDED}|[@.](?:{'|'.join(map(re.escape, sorted(own_domains)))})$"
    plain = pc.and_(spelt, pc.invert(pc.match_substring_regex(texts, f"{doubtful}|{_ROLE}")))
    flags = pc.and_(plain, pc.less_equal(pc.binary_length(texts), _LONGEST))
    return np.asarray(flags.to_numpy(zero_copy_only=False))
