"""How an estimate becomes published decimals: one rule, so that two machines print the same digits."""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

from privacy.estimate.errors import UnpublishableError

MOST_DECIMALS = 12

# Own context: the caller's precision or rounding must not matter. 400 digits hold any float and its decimals.
_CONTEXT = Context(prec=400, rounding=ROUND_HALF_EVEN, Emin=-999_999, Emax=999_999, traps=[InvalidOperation])
_STEPS = tuple(Decimal(1).scaleb(-decimals, _CONTEXT) for decimals in range(MOST_DECIMALS + 1))


def published(value: float, decimals: int) -> str:
    """Write a float with a fixed number of decimals.

    The rule: take the shortest decimal that reads back as the same 64-bit float (Python's `repr`, the same on
    every machine), and round that decimal half to even. So 2.675 becomes "2.68" though the float lies a hair
    below, and 0.125 becomes "0.12". No exponent, no thousands separator, "." before the decimals, and zero
    has no sign.

    decimals: 0 to MOST_DECIMALS.

    Raises UnpublishableError for a value that is not finite, or another number of decimals.
    """
    if not math.isfinite(value):
        raise UnpublishableError(
            "Only a finite number can be published. Publish the reason that it is missing instead."
        )
    if not 0 <= decimals <= MOST_DECIMALS:
        raise UnpublishableError(f"Published figures have 0 to {MOST_DECIMALS} decimals. Correct the number asked for.")
    shortest = Decimal(repr(float(value)))
    rounded = shortest.quantize(_STEPS[decimals], context=_CONTEXT)
    return format(rounded if rounded else abs(rounded), "f")
