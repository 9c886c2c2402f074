"""One call of a kind at a time for each member: what is dear for the coordinator, nobody asks it twice at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from coordinator.errors import WitnessBusy


class OneEach:
    """Members whose call is being worked at; whoever is one of them is turned away, whatever certificate it shows.

    A call counts until its work is done and not until its caller has gone: who hangs up and calls again waits as well.
    """

    def __init__(self) -> None:
        self._at_work: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def of(self, member: str) -> Iterator[None]:
        """While this lasts, a member's call is the only one. Raises WitnessBusy where there is another."""
        with self._lock:
            if member in self._at_work:
                raise WitnessBusy(
                    "The witness is still busy with another request of yours. Make one after the other, and try this "
                    "one again later."
                )
            self._at_work.add(member)
        try:
            yield
        finally:
            with self._lock:
                self._at_work.discard(member)
