"""Stopping work that goes on for ever: told by a signal, done once what is under way is finished."""

import signal
import threading
from types import FrameType


class Stop:
    """Set by SIGTERM and SIGINT; a turn that is under way is finished first."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def listen(self) -> None:
        """Takes the two signals."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Waits so long, or until it is set; tells whether it is."""
        return self._event.wait(seconds)
