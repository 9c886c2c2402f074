"""What a monitoring system asks for, in Prometheus' text format: calls, refusals, and how the coordinator stands.

Nothing here names a member or shows a figure; it is served on loopback unless config.toml says otherwise.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from coordinator.errors import CoordinatorError
from coordinator.home import split_address
from coordinator.office import Office
from coordinator.standing import Standing, standing

CALLS = Counter("kudos_calls", "Calls that were answered or refused.", ("method", "reason"), registry=None)
"""`reason` is empty for an answer."""

SECONDS = Histogram(
    "kudos_call_seconds",
    "How long calls took.",
    ("method",),
    buckets=(0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0),
    registry=None,
)
STEPS = Counter("kudos_steps", "Steps that the clock has taken.", ("step",), registry=None)
"""Those of `coordinator.service.due`, and `failed` for a look at the clock that failed and is tried again."""


@contextmanager
def timed(method: str) -> Iterator[Callable[[str], None]]:
    """Counts a call and takes its time; what is given is told the reason where it is refused."""
    began, reasons = time.monotonic(), [""]
    try:
        yield lambda reason: reasons.append(reason)
    finally:
        CALLS.labels(method, reasons[-1]).inc()
        SECONDS.labels(method).observe(time.monotonic() - began)


class _Office(Collector):
    """How the coordinator stands when it is asked."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def collect(self) -> Iterable[Metric]:
        """Asks the store; where that fails, says so and nothing more."""
        try:
            found = standing(self._office, datetime.now(UTC))
        except CoordinatorError:
            yield GaugeMetricFamily("kudos_store_up", "Whether the store answers.", 0)
            return
        yield GaugeMetricFamily("kudos_store_up", "Whether the store answers.", 1)
        yield from _gauges(found)

    def describe(self) -> Iterable[Metric]:
        """Nothing: it would ask the store before the server is there."""
        return ()


def _gauges(found: Standing) -> Iterator[Metric]:
    yield GaugeMetricFamily("kudos_schema", "The version of the store's tables.", found.schema)
    for name, counts in (("members", found.members), ("rounds", found.rounds)):
        family = GaugeMetricFamily(f"kudos_{name}", f"Number of {name}.", labels=("state",))
        for state, number in counts.items():
            family.add_metric((state,), number)
        yield family
    ending = "Active members whose certificate ends within 14 days."
    yield GaugeMetricFamily("kudos_certificates_ending", ending, found.certificates_ending)
    for name, end in (("server", found.server_certificate_ends), ("authority", found.authority_ends)):
        if end is not None:
            told = f"When the {name}'s certificate ends, in seconds since 1970."
            yield GaugeMetricFamily(f"kudos_{name}_certificate_end_seconds", told, end.timestamp())
    for name, when in (("newest_event", found.newest_event), ("next_deadline", found.next_deadline)):
        if when is not None:
            told = f"The {name.replace('_', ' ')}, in seconds since 1970."
            yield GaugeMetricFamily(f"kudos_{name}_seconds", told, when.timestamp())


def serve(office: Office, listen: str) -> tuple[Any, Thread, int]:
    """Answers at an address, in a thread of its own. Raises CoordinatorError where it cannot be listened on."""
    registry = CollectorRegistry()
    for each in (CALLS, SECONDS, STEPS, _Office(office)):
        registry.register(each)
    host, port = split_address(listen)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise CoordinatorError(
            f"{listen} cannot be listened on for metrics ({error.strerror}). Name another address in config.toml: "
            "[operations] metrics"
        ) from error
    return server, thread, int(server.server_port)
