"""Randomized response on bits, and what it costs: exact arithmetic, no data and no drawing (`bit_planes` draws)."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from typing import ClassVar

from privacy.budget.amounts import Epsilon
from privacy.mechanisms.calibration import BadMechanism

MOST_BITS = 32
"""Of a flip probability's denominator: what the wire has room for, and one bit plane is drawn for each."""

_DIGITS = 50  # of working precision: the logarithms, below 23, err by less than 10⁻⁴⁸
_GUARD = Decimal("1e-30")  # far above that error, far below a micro-unit


@dataclass(frozen=True)
class RandomizedResponse:
    """Flips every bit of a vector with probability p = flips / 2^bits, independently of all others.

    Domain: bit vectors of any length. Metric: the number of bits that differ; adding or removing one customer changes
    at most one, for a customer has one identifier and so one bucket. Measure: pure differential privacy.

    Privacy function: ε = ln((1 − p) / p) = ln((2^bits − flips) / flips)
        where p is the probability of a flip, strictly between 0 and 1/2,
        for vectors that differ in one bit; d bits cost d times as much.

    Source: Warner 1965, "Randomized Response: A Survey Technique for Eliminating Evasive Answer Bias". It is the
    permanent randomized response of RAPPOR (Erlingsson, Pihur, Korolova 2014, section 2) with f = 2p, in the form that
    they call Basic One-time RAPPOR: one bit for a value, and no second round of flips. Their ε is twice as much
    (theorem 1), for there a person moves from one bit to another, which changes two; here a customer comes or goes.

    Raises `BadMechanism` for other numbers than whole ones with 1 to 32 bits and 0 < p < 1/2.
    """

    name: ClassVar[str] = "randomized_response"

    flips: int
    bits: int

    def __post_init__(self) -> None:
        _check_bits(self.bits)
        if type(self.flips) is not int or not 0 < 2 * self.flips < 2**self.bits:
            raise BadMechanism(
                f"With {self.bits} bits, flips is a whole number above 0 and below {2 ** (self.bits - 1)}: the "
                "probability of a flip is below one half."
            )

    @property
    def probability(self) -> Fraction:
        """p, with which a bit is flipped."""
        return Fraction(self.flips, 2**self.bits)

    def cost(self) -> Epsilon:
        """The ε of one release; rounded up to micro-units.

        The logarithm of a rational other than 1 is irrational, so it is never exactly at a micro-unit, where the guard
        would take it to the next.
        """
        with localcontext(Context(prec=_DIGITS, rounding=ROUND_HALF_EVEN)):
            epsilon = Decimal(2**self.bits - self.flips).ln() - Decimal(self.flips).ln() + _GUARD
        return Epsilon.round_up(Fraction(epsilon))

    def parameters(self) -> dict[str, int]:
        """What a ledger leaf says of this mechanism, by the names of its fields."""
        return {"flips": self.flips, "flip_bits": self.bits}


def response_for(epsilon: Epsilon, bits: int = 16) -> RandomizedResponse:
    """The fewest flips of 2^`bits` that cost at most `epsilon`.

    Exact: the cost falls with every flip more, and is within a whole number of micro-units just when its rounding up
    is. Raises `BadMechanism` where even the most flips below one half cost more, as for ε 0, and for other `bits` than
    2 to 32.
    """
    _check_bits(bits)
    fewest, most = 1, 2 ** (bits - 1) - 1
    if most < fewest or RandomizedResponse(most, bits).cost() > epsilon:
        raise BadMechanism(f"ε {epsilon} is too little for flips counted in {bits} bits. Give it more of either.")
    while fewest < most:
        middle = (fewest + most) // 2
        if RandomizedResponse(middle, bits).cost() <= epsilon:
            most = middle
        else:
            fewest = middle + 1
    return RandomizedResponse(fewest, bits)


def _check_bits(bits: int) -> None:
    if type(bits) is not int or not 1 <= bits <= MOST_BITS:
        raise BadMechanism(f"The probability of a flip is counted in 1 to {MOST_BITS} bits.")
