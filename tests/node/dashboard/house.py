"""The dashboard as a user starts it: the installed program in a process of its own, asked over loopback."""

import http.client
import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.node.cli.run import PROGRAM


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


@dataclass(frozen=True)
class Dashboard:
    """A dashboard that listens: its port, the token of its address, and the process."""

    port: int
    token: str
    process_id: int

    @property
    def site(self) -> str:
        """Its origin."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        """What a user opens first."""
        return f"{self.site}/?token={self.token}"

    def ask(self, path: str, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """A request as it stands, byte for byte, with `Host` as a browser writes it unless it is given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            said = {"host": f"127.0.0.1:{self.port}"} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            if body:
                said |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body.encode()))}
            for name, value in said.items():
                connection.putheader(name, value)
            connection.endheaders(body.encode() if body else None)
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def cookie(self) -> str:
        """The session that the token gets."""
        return self.ask(f"/?token={self.token}").headers["set-cookie"].partition(";")[0]


@contextmanager
def dashboard(home: Path, *words: str | Path) -> Iterator[Dashboard]:
    """A dashboard of a node's folder, until the block ends."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("KUDOS")}
    process = subprocess.Popen(
        [str(PROGRAM), "--home", str(home), "dashboard", "--no-browser", "--json", *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.strip() == "}":
            break
    try:
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=(\S+)", json.loads(said)["address"])
        assert found is not None
        yield Dashboard(int(found[1]), found[2], process.pid)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def form_of(page: str) -> str:
    """The secret of a page's forms."""
    found = re.search(r'name="form" value="([^"]+)"', page)
    assert found is not None
    return found[1]
