"""The node's log: one JSON line per command. Never an argument, a path, a figure or anything of a customer."""

from datetime import UTC, datetime

import structlog

from node.home import Home

LARGEST = 5 * 1024 * 1024


def write(home: Home, command: str, status: int, reason: str, seconds: float) -> None:
    """Adds a line to logs/node.log of a node that exists; a log that cannot be written stops nobody."""
    if not home.settings_file.exists():
        return
    folder = home.path / "logs"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        file = folder / "node.log"
        if file.exists() and file.stat().st_size > LARGEST:
            file.replace(folder / "node.log.1")
        with file.open("a", encoding="utf-8") as stream:
            file.chmod(0o600)
            logger = structlog.wrap_logger(
                structlog.WriteLogger(stream), processors=[structlog.processors.JSONRenderer(sort_keys=False)]
            )
            logger.info(
                "command",
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                command=command,
                status=status,
                reason=reason,
                seconds=round(seconds, 2),
            )
    except OSError:
        return
