"""A server that ends when it is told to."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

LOOK, GRACE = 0.005, 1.0  # seconds: between looks at what is still being answered, and for all of it


class PromptServer(uvicorn.Server):
    """Uvicorn looks ten times a second whether it should end, and then waits a tenth of a second more.

    That is nothing for a server that runs for weeks, and a minute for tests that start one each.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self._loop = asyncio.get_running_loop()
        if not self.should_exit:
            await self._told.wait()

    def stop(self) -> None:
        """To be called from any thread, once."""
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        end = asyncio.get_running_loop().time() + GRACE
        while (self.server_state.connections or self.server_state.tasks) and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(LOOK)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()
