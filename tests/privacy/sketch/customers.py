"""A sketch of a few customers, for the tests: terms, keys, and what comes of them."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from privacy.bounds.windows import twelve_months_to
from privacy.sketch.bitmap import filled
from privacy.sketch.header import Sending
from privacy.sketch.sketch import SketchTerms, sign_sketch

TERMS = SketchTerms("2025", twelve_months_to(date(2025, 12, 31)), 2**10, 17626, 16, bytes(range(32)), 1)
LEDGER = "npu.example/ledger/museum-1a2b3c4d"
ENTRY = 7
SENDER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SENDING = Sending("npu.example", "2025-cross-use", "museum", bytes(range(100, 132)))
TEATER = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
GALLERI = X25519PrivateKey.from_private_bytes(bytes(range(2, 34)))
RECIPIENTS = {"teater": TEATER.public_key(), "galleri": GALLERI.public_key()}


def bits(buckets: int = TERMS.buckets) -> Any:
    """Some of them set; without flips, which these tests do not need."""
    return filled(np.arange(0, buckets, 3, dtype=np.int64), buckets)


def sketch(**changes: Any) -> bytes:
    """An envelope of TERMS with these changes."""
    terms = replace(TERMS, **changes)
    return sign_sketch(terms, LEDGER, ENTRY, bits(terms.buckets), SENDER)
