"""Who may read the dashboard: whoever has the token that was printed, in a browser that was asked by that person.

The server listens on loopback, where every program and user of the machine can call, and so can every page that is
open in a browser. Hence, for every request:

- `Host` is loopback's own name with the server's port: a name that somebody makes point here (DNS rebinding) is none;
- the cookie of the session is there, which only the token gets; it is for this site alone (`SameSite=Strict`), and its
  name has the port in it, for cookies do not know ports;
- whatever changes something is a POST with an `Origin` of this server and the form's own secret.

Answers say that nothing else may frame, read, store or load them. Source: OWASP Cheat Sheet Series, Cross-Site Request
Forgery Prevention; W3C, Content Security Policy Level 3.
"""

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""Nothing from elsewhere, no script or style inside a page, and no `eval`."""

HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    # Not "no-referrer": with it a browser calls the origin of our own forms "null".
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

LARGEST_FORM = 64 * 1024
"""Bytes of a form; ours have a few hundred."""

_WELCOME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kudos</title>
<link rel="icon" href="data:,"><meta http-equiv="refresh" content="0;url=/"></head>
<body><p><a href="/">Kudos</a></p></body></html>"""
"""A page and no redirection: what follows is then asked for by this site, and a strict cookie goes with it."""

_CLOSED = (
    "This page is for whoever started the dashboard. Open the address that the terminal shows, with its token; "
    "a new one: kudos-node dashboard\n"
)


@dataclass(frozen=True)
class Door:
    """The secrets of one run: `token` is in the address that is printed, `session` in a cookie, `form` in our forms."""

    token: str
    session: str
    form: str

    @classmethod
    def new(cls) -> "Door":
        """Fresh secrets of 256 bits."""
        return cls(*(secrets.token_urlsafe(32) for _ in range(3)))

    def is_form(self, secret: str) -> bool:
        """Whether a form is one of ours."""
        return _same(secret, self.form)


class Guarded:
    """The application behind its door."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers what may not pass, and lets the application answer the rest."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._answer(HTTPConnection(scope))
        with suppress(Exception):  # answered already; what is raised again would be logged with its text
            await (answer or self._app)(scope, receive, with_headers)

    def _answer(self, asked: HTTPConnection) -> Response | None:
        """The answer to what does not pass, or None."""
        port = (asked.scope.get("server") or ("", 0))[1]
        hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        if asked.headers.get("host") not in hosts:
            return PlainTextResponse("This server is called 127.0.0.1 and nothing else.\n", 421)
        token = asked.query_params.get("token")
        if token is not None and asked.scope["path"] == "/":
            return self._welcome(token, port)
        if not _same(asked.cookies.get(cookie_name(port), ""), self._door.session):
            return PlainTextResponse(_CLOSED, 401)
        return None if _is_own(asked.scope["method"], asked.headers, hosts) else _foreign()

    def _welcome(self, token: str, port: int) -> Response:
        if not _same(token, self._door.token):
            return PlainTextResponse(_CLOSED, 401)
        response = Response(_WELCOME, media_type="text/html")
        response.set_cookie(cookie_name(port), self._door.session, httponly=True, samesite="strict", path="/")
        return response


def cookie_name(port: int) -> str:
    """The cookie of a dashboard on a port."""
    return f"kudos-dashboard-{port}"


def _is_own(method: str, headers: Headers, hosts: tuple[str, ...]) -> bool:
    """Whether a request changes nothing, or comes from a page of this server."""
    if method in ("GET", "HEAD"):
        return True
    return method == "POST" and headers.get("origin") in [f"http://{host}" for host in hosts]


def _foreign() -> Response:
    return PlainTextResponse("This was asked by another site, and nothing was changed.\n", 403)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
