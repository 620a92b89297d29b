"""Limits on access to the lab: this machine, the lab's own pages, and its starter only.

An address of this machine does not protect by itself: any page that is visited can have its own
name lead to 127.0.0.1. So the host has to be one of three, whole; whatever changes or computes has
to come from a page of one of these; and everything asks for a token that only the address printed
at the start holds.
"""

import hmac
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Iterable

from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 256 * 1024
"""Bytes of a request [B]."""
MAX_A_SECOND = 60
"""Requests of one tab a second."""
MAX_TABS = 64
"""Tabs whose pace is remembered."""
TOKEN_BYTES = 16
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


def new_token() -> str:
    """A token of 128 random bits."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def names_of(port: int) -> frozenset[str]:
    """Hosts by which the lab may be called."""
    return frozenset({f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"})


class Guard:
    """Refuses what does not come from the lab's own page.

    Parameters
    ----------
    app : ASGI application
    port : int
    token : str
    """

    def __init__(self, app: ASGIApp, port: int, token: str) -> None:
        self._app, self._token = app, token
        self._hosts = names_of(port)
        self._origins = frozenset(f"http://{host}" for host in self._hosts)
        self._cookie = f"sim-lab-{port}"
        self._seen: dict[str, deque[float]] = defaultdict(deque)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", [])
                names = {name.lower() for name, _ in given}
                own = [
                    (n.encode(), v.encode()) for n, v in HEADERS.items() if n.encode() not in names
                ]
                message = {**message, "headers": [*given, *own]}
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, with_headers)
            return
        body = _Limited(receive)
        await self._app(scope, body, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """Why a request goes no further, as a response; None if it may."""
        headers = _Headers(scope["headers"])
        if headers.only("host") not in self._hosts:
            return _refused(421, "This address does not belong to the lab.")
        if scope["method"] not in ("GET", "HEAD", "POST"):
            return _refused(405, "The lab knows GET and POST.")
        query = dict(
            part.partition("=")[::2] for part in scope["query_string"].decode("latin-1").split("&")
        )
        if scope["path"] == "/" and hmac.compare_digest(
            query.get("t", "").encode(), self._token.encode()
        ):
            return self._welcome()
        if not self._is_known(headers):
            return _refused(401, "Open the address that sim lab printed; it holds the key.")
        if scope["method"] == "POST" and (why := self._foreign(headers)):
            return _refused(403, why)
        if self._is_too_fast(headers.only("x-sim-tab") or ""):
            return _refused(429, "Too many requests a second.")
        length = headers.only("content-length") or "0"
        if not length.isdigit() or int(length) > MAX_BODY:
            return _refused(413, "That is more than the lab takes at once.")
        return None

    def _welcome(self) -> Response:
        """Exchange the token of the address for a cookie."""
        response = RedirectResponse("/", 303, headers={"cache-control": "no-store"})
        response.set_cookie(self._cookie, self._token, httponly=True, samesite="strict", path="/")
        return response

    def _is_known(self, headers: "_Headers") -> bool:
        given = ""
        for part in (headers.only("cookie") or "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == self._cookie:
                given = value
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _foreign(self, headers: "_Headers") -> str:
        """Why a request that changes or computes is no request of the page."""
        if headers.only("origin") not in self._origins:
            return "This request does not come from the lab's page."
        if (headers.only("content-type") or "").partition(";")[0].strip() != "application/json":
            return "Wanted JSON."
        return "" if headers.only("x-sim-lab") == "1" else "Wanted the header X-Sim-Lab."

    def _is_too_fast(self, tab: str) -> bool:
        now = time.monotonic()
        if tab not in self._seen and len(self._seen) >= MAX_TABS:
            self._seen.clear()
        times = self._seen[tab[:64]]
        while times and times[0] < now - 1.0:
            times.popleft()
        times.append(now)
        return len(times) > MAX_A_SECOND


class TooLongError(Exception):
    """A body that goes on beyond what is taken."""


class _Limited:
    """Receives a body and stops beyond the limit, whatever length it claims to have."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._n = receive, 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._n += len(message.get("body", b""))
            if self._n > MAX_BODY:
                raise TooLongError
        return message


class _Headers:
    """Headers of a request."""

    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._values: dict[str, list[str]] = defaultdict(list)
        for name, value in raw:
            self._values[name.decode("latin-1").lower()].append(value.decode("latin-1"))

    def only(self, name: str) -> str | None:
        """The value of a header that is there once; None if it is not, or is told twice."""
        values = self._values.get(name, [])
        return values[0] if len(values) == 1 else None


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(f"{why}\n", status, headers={"cache-control": "no-store"})
