"""Serves APIs on loopback, for as long as they are wanted."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from aar_platform.sandbox.apis.vendor import Vendor

HOST = "127.0.0.1"


def application(vendors: Mapping[str, Vendor]) -> Any:
    """All APIs as one ASGI application, each below its name."""
    return Starlette(routes=[Mount(f"/{name}", one.app()) for name, one in vendors.items()])


class _Server(uvicorn.Server):
    """A server that stops at once: uvicorn's own looks every 0.1 s whether it should, and then
    waits for answers that nobody wants any more."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._ends: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """End the server; called from another thread."""
        self.should_exit = True
        if self._loop is not None and self._ends is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ends.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._ends = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        assert self._ends is not None
        ticks = 0
        # A tick is a tenth of a second; the tenth renews the date that answers bear.
        while not await self.on_tick(ticks):
            ticks += 10
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ends.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for task in self.server_state.tasks:
            task.cancel()
        # Once for the connections and once for what was cancelled to end.
        await asyncio.sleep(0)
        await asyncio.sleep(0)


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """Serve an ASGI application in a thread; gives its URL. Port 0 takes any free one."""
    config = uvicorn.Config(
        app, host=HOST, port=port, log_level="critical", lifespan="off", access_log=False
    )
    server = _Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.ready.wait(0.05):
            if not thread.is_alive():
                raise OSError(f"port {port} is taken; name another")
        taken = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://{HOST}:{taken}"
    finally:
        server.stop()
        thread.join(timeout=10)
