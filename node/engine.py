"""Where the cells of a release are computed: DuckDB here, or an address of the institution's own Spark (Connect)."""

import re

_REMOTE = re.compile(r"sc://(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?(?:/(?P<words>;[^\s]*)?)?")
_HERE = re.compile(r"localhost|127\.[0-9.]+|\[::1\]")


def remote(text: str) -> str:
    """An address of Spark Connect as it is, or "" for DuckDB here. Raises ValueError for what is none to be used.

    Across a network only with TLS: what goes there is rows of customers.
    """
    found = _REMOTE.fullmatch(text)
    if text and found is None:
        raise ValueError('an engine is "" (DuckDB, here) or Spark Connect: sc://spark.example.no:15002/;use_ssl=true')
    words = [word for word in (found["words"] or "").split(";") if word] if found else []
    names = [word.partition("=")[0].lower() for word in words]
    if len(set(names)) < len(names):
        raise ValueError("a setting stands twice behind the engine's address")
    if found and not _HERE.fullmatch(found["host"]) and "use_ssl=true" not in words:
        raise ValueError(f"{found['host']} is another machine: write /;use_ssl=true behind its port")
    return text


def shown(url: str) -> str:
    """What may be shown of an address: a token may stand behind it."""
    return url.partition("/;")[0]
