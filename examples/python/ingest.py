"""Stores a file of points, whatever breaks on the way: python ingest.py ADDRESS TENANT COLLECTION FILE

A line of the file, which may be gzipped, is a point: {"id": 1, "vector": [0.5, …], "payload": {…}}. Where the gateway
asks for a key, API_KEY holds it.
"""
import asyncio
import os
import sys

import grpc
from loop import IngestLoop
from points import read_messages
from vectorgateway.v1.points_service_pb2_grpc import PointsServiceStub

CHANNEL_OPTIONS = [
    # Without it, a gateway that is long back may be left alone for up to two minutes.
    ("grpc.max_reconnect_backoff_ms", 1000),
    # A ping after so much silence notices a connection that is dead.
    ("grpc.keepalive_time_ms", 30_000),
]


def tell_refused(rejections):
    for refused in rejections:
        print(f"line {refused.sequence + refused.index}: {refused.status.message}", file=sys.stderr)


async def main(address, tenant, collection, path):
    metadata = [("x-company-id", tenant)]
    if "API_KEY" in os.environ:
        metadata.append(("authorization", f"Bearer {os.environ['API_KEY']}"))
    loop = IngestLoop(collection, read_messages(path), tell_refused)
    async with grpc.aio.insecure_channel(address, CHANNEL_OPTIONS) as channel:
        stub = PointsServiceStub(channel)
        try:
            await loop.run(lambda: stub.IngestPoints(metadata=metadata))
        finally:
            print(f"stored {loop.settled - loop.refused}, rejected {loop.refused}")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    try:
        asyncio.run(main(*sys.argv[1:]))
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
    except (OSError, ValueError) as error:
        sys.exit(str(error))
