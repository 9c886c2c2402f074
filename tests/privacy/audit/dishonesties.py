"""Everything dishonest that the tests do, each with the code under which an audit finds it.

docs/audit.md has the same list, and the tests hold the two together. A function takes an honest federation and leaves a
dishonest one: signed anew with all the keys that the dishonest have, so that nothing gives it away but what must.
"""

from tests.privacy.audit.dishonesty import (
    of_benchmarks,
    of_budgets,
    of_checkpoints,
    of_cross_use,
    of_ledgers,
    of_releases,
    of_rounds,
)
from tests.privacy.audit.dishonesty.kinds import Dishonesty

ALL: list[Dishonesty] = [
    *of_ledgers.kind.all,
    *of_budgets.kind.all,
    *of_checkpoints.kind.all,
    *of_releases.kind.all,
    *of_rounds.kind.all,
    *of_benchmarks.kind.all,
    *of_cross_use.kind.all,
]
