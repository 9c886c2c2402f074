"""Noise for 5000 cells."""

import numpy as np

from privacy.budget.amounts import Rho
from privacy.mechanisms.calibration import calibrate
from privacy.mechanisms.drawing import draw
from tests.bench.measure import report

if __name__ == "__main__":
    mechanism = calibrate(10**12, Rho.parse("0.0005"))
    draw(np.zeros(0, dtype=np.int64), mechanism)  # OpenDP is loaded: not what is measured
    report(lambda: draw(np.zeros(5000, dtype=np.int64), mechanism))
