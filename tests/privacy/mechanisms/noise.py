"""What discrete Gaussian noise looks like, from its definition alone: the yardstick of the tests, and the auditor's."""

from privacy.audit.mechanism import P_VALUE, Integers, changed, chi_squared_p, demonstrated_mu, residuals

__all__ = ["P_VALUE", "Integers", "changed", "chi_squared_p", "demonstrated_mu", "residuals"]
