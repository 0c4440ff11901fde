import gzip
import json
from itertools import count, islice

from vectorgateway.v1.points_pb2 import Point
from vectorgateway.v1.points_service_pb2 import IngestPointsRequest

POINTS_PER_MESSAGE = 64


def read_messages(path):
    """The sequence of a message is the number of the line that it begins with."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
        lines = enumerate(file, 1)
        for sequence in count(1, POINTS_PER_MESSAGE):
            points = [point(number, line) for number, line in islice(lines, POINTS_PER_MESSAGE)]
            if not points:
                return
            yield IngestPointsRequest(sequence=sequence, points=points)


def point(number, line):
    try:
        row = json.loads(line)
        id = {"uuid": row["id"]} if isinstance(row["id"], str) else {"num": row["id"]}
        return Point(id=id, vector=row["vector"], payload_struct=row.get("payload"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"line {number} is not a point: {error!r}") from error
