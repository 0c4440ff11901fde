import asyncio
import random
from contextlib import suppress

from grpc import RpcError
from vectorgateway.v1.points_service_pb2 import IngestHints, IngestPointsRequest

PASSING = "UNAVAILABLE CANCELLED ABORTED DEADLINE_EXCEEDED RESOURCE_EXHAUSTED INTERNAL UNKNOWN".split()


class IngestLoop:
    def __init__(self, collection, messages, on_refused):
        self.opening, self.unsettled, self.on_refused = {"collection": collection}, [], on_refused
        self.messages, self.has_all, self.changed = messages, False, asyncio.Event()
        self.settled = self.refused = self.failures = self.unsettled_bytes = 0

    async def run(self, open_stream):
        while self.unsettled or not self.has_all:
            try:
                await self.stream(open_stream())
            except RpcError as error:
                self.failures += 1
                if error.code().name not in PASSING or self.failures > 12:  # With nothing settled between.
                    raise
                await asyncio.sleep(random.random() * min(5, 0.1 * 2**self.failures))

    async def stream(self, call):
        self.hints, opening = IngestHints(window_bytes=1 << 20), self.opening
        replies = asyncio.create_task(self.read(call))
        replies.add_done_callback(lambda _: self.changed.set())
        with suppress(RpcError, asyncio.InvalidStateError):  # The replies tell how the call ended.
            async for message in self.to_send(replies):
                await call.write(IngestPointsRequest(**opening, sequence=message.sequence, points=message.points))
                opening = {}  # Only the first message has it.
            await call.done_writing()
        await replies

    async def to_send(self, replies):
        for message in list(self.unsettled):
            yield message
        while not (self.has_all or replies.done() or self.hints.reconnect):
            self.changed.clear()
            if self.unsettled and (self.hints.slow_down or self.unsettled_bytes >= self.hints.window_bytes):
                await self.changed.wait()
            elif message := await asyncio.to_thread(next, self.messages, None):
                self.unsettled.append(message)
                self.unsettled_bytes += message.ByteSize()
                yield message
            else:
                self.has_all = True

    async def read(self, call):
        async for reply in call:
            self.opening, self.hints = {"session": reply.session}, reply.hints
            while self.unsettled and self.unsettled[0].sequence <= reply.watermark:
                self.unsettled_bytes -= self.unsettled[0].ByteSize()
                self.settled, self.failures = self.settled + len(self.unsettled.pop(0).points), 0
            self.refused += len(reply.rejections)
            self.on_refused(reply.rejections)
            self.changed.set()
