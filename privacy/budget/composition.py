"""What amounts of privacy add up to, as one (ε, δ) that people can compare.

A ρ of zero-concentrated differential privacy is translated by the tight curve of Canonne, Kamath, Steinke
2020, "The Discrete Gaussian for Differential Privacy" (Proposition 12 in arXiv:2004.00010v4), which is also
OpenDP's. For every α > 1, ρ-zCDP implies (ε, δ)-DP with

    ε(α) = α·ρ + ln(1 − 1/α) + (ln(1/δ) − ln α) / (α − 1)
        where ρ is the zCDP parameter,
        δ is the probability with which ε may fail,
        and α is the order of the Rényi divergence: free, so we take the best one.

So whatever α the search ends at, the answer is true; only its evaluation must not err downwards. Both are
done in decimals rather than floats: the same on every machine, as an auditor who repeats the sum needs.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

from privacy.budget.amounts import BadAmount, Epsilon, Rho, Spend

_DIGITS = 50  # of working precision, beside the digits of ρ and δ themselves
_GUARD = Decimal("1e-30")  # far above the error at that precision, far below a micro-unit
_HALVINGS = 50  # leave α exact to 1e-15 of itself; ε is flat there, so wrong by the square of that


def epsilon_of(rho: Rho, delta: Fraction) -> Epsilon:
    """The ε that ρ-zCDP implies at `delta`, rounded up to micro-units: never understated.

    `delta` is a probability strictly between 0 and 1, as an exact Fraction; raises `BadAmount` otherwise.
    """
    if type(delta) is not Fraction or not 0 < delta < 1:
        raise BadAmount("δ is an exact fraction strictly between 0 and 1, such as Fraction(1, 10**6).")
    if rho == Rho(0):
        return Epsilon(0)
    precision = _DIGITS + len(str(rho.micro)) + len(str(delta.denominator))
    # A context of our own: nobody's global precision or rounding reaches into a privacy guarantee.
    with localcontext(Context(prec=precision, rounding=ROUND_HALF_EVEN)):
        rho_exact = Decimal(rho.micro).scaleb(-6)
        log_inverse_delta = Decimal(delta.denominator).ln() - Decimal(delta.numerator).ln()
        excess = _best_excess(rho_exact, log_inverse_delta)
        epsilon = _epsilon_at(excess, rho_exact, log_inverse_delta) + _GUARD
    return Epsilon.round_up(max(Fraction(0), Fraction(epsilon)))


def total_epsilon(spend: Spend, delta: Fraction) -> Epsilon:
    """What `spend` means in all at `delta`: Σε + ε(Σρ, δ), by basic composition of its two parts."""
    return spend.epsilon + epsilon_of(spend.rho, delta)


def for_customer_of(members: int, spend: Spend, delta: Fraction) -> Epsilon:
    """What it means for somebody who is a customer of `members` members that each spend `spend`.

    Each member protects its own customer separately, so the person gets jΣε + ε(jΣρ, δ), j being `members`
    (1 or more; raises `BadAmount` otherwise).
    """
    if members < 1:
        raise BadAmount("Somebody is a customer of at least one member. Pass 1 or more.")
    return total_epsilon(spend.times(members), delta)


def _best_excess(rho: Decimal, log_inverse_delta: Decimal) -> Decimal:
    """The x = α − 1 at which ε(α) is least: the one root of ρ·x² + ln(1 + x) = ln(1/δ).

    That is dε/dα = 0 multiplied by x²; its left side only rises, and each of its terms alone bounds the root.
    """
    low = Decimal(0)
    high = min((log_inverse_delta / rho).sqrt(), log_inverse_delta.exp() - 1)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if rho * middle * middle + (1 + middle).ln() < log_inverse_delta:
            low = middle
        else:
            high = middle
    return high


def _epsilon_at(excess: Decimal, rho: Decimal, log_inverse_delta: Decimal) -> Decimal:
    """ε(α) at α = 1 + `excess`, in the working precision of the caller."""
    alpha = 1 + excess
    return alpha * rho + (excess / alpha).ln() + (log_inverse_delta - alpha.ln()) / excess
