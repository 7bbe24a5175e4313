"""Serves APIs on loopback, for as long as they are wanted."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from aar_platform.sandbox.apis.vendor import Vendor

HOST = "127.0.0.1"


def application(vendors: Mapping[str, Vendor]) -> Any:
    """All APIs as one ASGI application, each below its name."""
    return Starlette(routes=[Mount(f"/{name}", one.app()) for name, one in vendors.items()])


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """Serve an ASGI application in a thread; gives its URL. Port 0 takes any free one."""
    config = uvicorn.Config(
        app, host=HOST, port=port, log_level="critical", lifespan="off", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise OSError(f"port {port} is taken; name another")
            time.sleep(0.005)
        taken = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://{HOST}:{taken}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
