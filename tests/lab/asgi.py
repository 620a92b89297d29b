"""A client of an ASGI application without a socket: one request, its whole response."""

import asyncio
import json
from typing import Any, NamedTuple

PORT, TOKEN = 8765, "a-token"
HOST = f"127.0.0.1:{PORT}"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def request(app, method, path, body=None, *, headers=None, drop=(), query=""):
    """One request with everything that the page sends, but for what is changed or dropped."""
    sent = {"host": HOST, "cookie": f"sim-lab-{PORT}={TOKEN}"}
    content = (
        b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    )
    if method == "POST":
        sent |= {
            "origin": f"http://{HOST}",
            "content-type": "application/json",
            "x-sim-lab": "1",
            "content-length": str(len(content)),
        }
    sent |= headers or {}
    raw = [(k.encode(), v.encode("latin-1")) for k, v in sent.items() if k not in drop]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "headers": raw, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", PORT),
    }  # fmt: skip
    sent_parts: list[dict[str, Any]] = []

    async def run() -> None:
        waiting = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive():
            if waiting:
                return waiting.pop()
            return await asyncio.sleep(3600)

        async def send(message):
            sent_parts.append(message)

        await app(scope, receive, send)

    asyncio.run(run())
    first = sent_parts[0]
    told = {k.decode().lower(): v.decode() for k, v in first["headers"]}
    whole = b"".join(part.get("body", b"") for part in sent_parts[1:])
    return Reply(first["status"], told, whole)
