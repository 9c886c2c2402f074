"""What must not stand on a command line, where everybody on the machine reads it."""

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from coordinator.errors import UsageError

_SECRETS = frozenset({"password", "pwd", "passwd", "sslpassword", "passfile"})


def check_no_password(store: str | None) -> None:
    """Raises UsageError where the address of a database has a password in it."""
    if not store:
        return
    try:
        url = make_url(store)
    except ArgumentError:
        return  # what is no address is refused where it is opened
    if url.password is not None or any(name.lower() in _SECRETS for name in url.query):
        raise UsageError(
            "There is a password in the database's address, and everybody on this machine can see the words of a "
            "command. Take it out, and put it into ~/.pgpass of the user that runs the coordinator "
            "(HOST:PORT:NAME:USER:PASSWORD, mode 0600). Then change it: it was shown."
        )
