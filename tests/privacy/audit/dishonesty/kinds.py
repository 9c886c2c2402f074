"""What a dishonesty is, and what those who do one need."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.privacy.audit.federation import Federation, federation
from tests.privacy.audit.houses import Node

Change = Callable[[Federation], None]


@dataclass(frozen=True)
class Dishonesty:
    """One kind: what is done, by whom, and the code that finds it."""

    what: str
    who: str
    code: str
    change: Change
    honest: Callable[[], Federation]


@dataclass(frozen=True)
class Kinds:
    """The kinds of one file, in its order, done to an honest federation. Called, it is a decorator that adds one."""

    all: list[Dishonesty]
    honest: Callable[[], Federation] = federation

    def __call__(self, what: str, who: str, code: str) -> Callable[[Change], Change]:
        def add(change: Change) -> Change:
            self.all.append(Dishonesty(what, who, code, change, self.honest))
            return change

        return add


def liar(network: Federation) -> Node:
    return network.nodes["house-b"]


def part_of(leaf: dict[str, Any], table: str = "month", measure: str = "revenue") -> dict[str, Any]:
    found: dict[str, Any] = next(p for p in leaf["parts"] if (p["table"], p["measure"]) == (table, measure))
    return found
