"""What users do with qdrant-client over gRPC, one JSON line for each step.

Usage: drop_in_scenario.py HOST:PORT [HEADER=VALUE ...]
Nothing in the scenario knows whether a gateway is in between.
"""

import json
import sys

import grpc
from google.protobuf.json_format import MessageToDict
from qdrant_client import QdrantClient, models

PLAIN, MANY = "scenario-plain", "scenario-many"
ORIGIN = [1.0, 0.5, 0.25, 0.0]
VECTORS = [
    [0.9, 0.1, 0.0, 0.0],
    [0.1, 0.8, 0.2, 0.0],
    [0.0, 0.1, 0.7, 0.1],
    [0.5, 0.5, 0.3, 0.1],
    [0.2, 0.1, 0.1, 0.6],
    [0.7, 0.3, 0.3, 0.2],
]


def kind(value):
    return models.Filter(
        must=[models.FieldCondition(key="kind", match=models.MatchValue(value=value))]
    )


def plain(value):
    """A reply as JSON."""
    if hasattr(value, "DESCRIPTOR"):
        return MessageToDict(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


def step(name, call):
    try:
        outcome = {"step": name, "reply": plain(call())}
    except grpc.RpcError as error:
        outcome = {"step": name, "code": error.code().name}
    print(json.dumps(outcome))


def own(aliases):
    pairs = sorted((each.alias_name, each.collection_name) for each in aliases.aliases)
    return [pair for pair in pairs if pair[0].startswith("scenario-")]


def names(client):
    found = sorted(each.name for each in client.get_collections().collections)
    return [name for name in found if name.startswith("scenario-")]


def collections(client):
    dot = models.VectorParams(size=4, distance=models.Distance.DOT)
    step("create", lambda: client.create_collection(PLAIN, vectors_config=dot))
    step("create again", lambda: client.create_collection(PLAIN, vectors_config=dot))
    step("exists", lambda: client.collection_exists(PLAIN))
    step("exists, missing", lambda: client.collection_exists("scenario-none"))
    step("list", lambda: names(client))
    step("update", lambda: client.update_collection(
        PLAIN, optimizers_config=models.OptimizersConfigDiff(indexing_threshold=20_000)))
    step("get", lambda: [
        client.get_collection(PLAIN).points_count, client.get_collection(PLAIN).config.params])
    step("get, missing", lambda: client.get_collection("scenario-none"))
    step("index a keyword", lambda: client.create_payload_index(
        PLAIN, "kind", models.PayloadSchemaType.KEYWORD, wait=True))
    step("index a number", lambda: client.create_payload_index(
        PLAIN, "n", models.PayloadSchemaType.INTEGER, wait=True))


def writes(client):
    points = [
        models.PointStruct(id=index + 1, vector=vector, payload={
            "kind": "odd" if index % 2 else "even", "n": index * 10, "tags": ["a", {"b": None}]})
        for index, vector in enumerate(VECTORS)
    ]
    step("upsert", lambda: client.upsert(PLAIN, points, wait=True))
    step("upsert a batch", lambda: client.upsert(PLAIN, models.Batch(
        ids=["5f0c1d2e-8a3b-4c5d-9e6f-7a8b9c0d1e2f"], vectors=[[0, 0, 0, 1.0]], payloads=[{}]), wait=True))
    step("upload points", lambda: client.upload_points(
        PLAIN, [models.PointStruct(id=50 + index, vector=[0.0, 0.0, 0.0, 0.01 * index]) for index in range(4)],
        batch_size=2, wait=True))
    step("update vectors", lambda: client.update_vectors(
        PLAIN, [models.PointVectors(id=3, vector=[0, 0.2, 0.9, 0])], wait=True))


def reads(client):
    step("retrieve", lambda: client.retrieve(PLAIN, [1, 3, 99], with_vectors=True))
    step("scroll", lambda: client.scroll(PLAIN, limit=3))
    step("scroll with a filter", lambda: client.scroll(PLAIN, scroll_filter=kind("odd")))
    step("scroll in order", lambda: client.scroll(
        PLAIN, order_by=models.OrderBy(key="n", direction=models.Direction.DESC), limit=4)[0])
    step("count", lambda: client.count(PLAIN))
    step("count with a filter", lambda: client.count(PLAIN, count_filter=kind("even")))
    step("facet", lambda: client.facet(PLAIN, "kind", exact=True))


def queries(client):
    step("query", lambda: client.query_points(PLAIN, query=ORIGIN, limit=3))
    step("query with a filter", lambda: client.query_points(
        PLAIN, query=ORIGIN, query_filter=kind("odd"), limit=3, score_threshold=0.4))
    step("query by id", lambda: client.query_points(PLAIN, query=2, limit=3))
    step("query, batch", lambda: client.query_batch_points(
        PLAIN, [models.QueryRequest(query=ORIGIN, limit=2), models.QueryRequest(query=[0, 1.0, 0, 0], limit=1)]))
    step("query with prefetch and fusion", lambda: client.query_points(
        PLAIN,
        prefetch=[models.Prefetch(query=ORIGIN, limit=4), models.Prefetch(query=[1, 0, 0.2, 0], limit=4)],
        query=models.FusionQuery(fusion=models.Fusion.RRF), limit=3))
    step("query, recommend", lambda: client.query_points(PLAIN, limit=3, query=models.RecommendQuery(
        recommend=models.RecommendInput(positive=[1], negative=[5]))))
    step("query, discover", lambda: client.query_points(PLAIN, limit=3, query=models.DiscoverQuery(
        discover=models.DiscoverInput(target=2, context=[models.ContextPair(positive=4, negative=5)]))))
    step("query, groups", lambda: client.query_points_groups(
        PLAIN, group_by="kind", query=ORIGIN, limit=2, group_size=2))
    step("matrix of pairs", lambda: sorted(
        pair.score for pair in client.search_matrix_pairs(PLAIN, query_filter=kind("even"), sample=100, limit=2).pairs))
    step("matrix with offsets", lambda: sorted(
        client.search_matrix_offsets(PLAIN, query_filter=kind("even"), sample=100, limit=2).scores))


def payloads(client):
    step("set payload", lambda: client.set_payload(PLAIN, {"more": "yes"}, points=[1, 2], wait=True))
    step("set payload by filter", lambda: client.set_payload(PLAIN, {"by": 1.5}, points=kind("odd"), wait=True))
    step("overwrite payload", lambda: client.overwrite_payload(PLAIN, {"kind": "even"}, points=[2], wait=True))
    step("delete payload", lambda: client.delete_payload(PLAIN, ["n"], points=[3], wait=True))
    step("clear payload", lambda: client.clear_payload(PLAIN, points_selector=[4], wait=True))
    step("payloads", lambda: client.retrieve(PLAIN, [1, 2, 3, 4, 5, 6]))
    step("delete", lambda: client.delete(PLAIN, points_selector=[5], wait=True))
    step("delete by filter", lambda: client.delete(
        PLAIN, points_selector=models.FilterSelector(filter=kind("odd")), wait=True))
    step("what is left", lambda: client.scroll(PLAIN, limit=20))
    step("update, batch", lambda: client.batch_update_points(PLAIN, [
        models.UpsertOperation(upsert=models.PointsList(points=[models.PointStruct(id=7, vector=ORIGIN)])),
        models.DeleteOperation(delete=models.PointIdsList(points=[6])),
    ], wait=True))
    step("delete an index", lambda: client.delete_payload_index(PLAIN, "kind", wait=True))


def many_vectors(client):
    step("create with named vectors", lambda: client.create_collection(
        MANY,
        vectors_config={
            "image": models.VectorParams(size=3, distance=models.Distance.COSINE),
            "tokens": models.VectorParams(size=2, distance=models.Distance.DOT, multivector_config=(
                models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM))),
        },
        sparse_vectors_config={"words": models.SparseVectorParams()}))
    step("upsert named vectors", lambda: client.upsert(MANY, [
        models.PointStruct(id=index, vector={
            "image": [index, 1.0, 0.5],
            "tokens": [[1.0, index], [0.5, 0.5]],
            "words": models.SparseVector(indices=[1, index + 2], values=[index / 2, index]),
        }) for index in (1, 2, 3)], wait=True))
    step("named vectors", lambda: client.retrieve(MANY, [1, 2], with_vectors=True))
    step("query a named vector", lambda: client.query_points(MANY, query=[1.0, 0, 0], using="image", limit=2))
    step("query a sparse vector", lambda: client.query_points(
        MANY, query=models.SparseVector(indices=[1, 4], values=[1, 1]), using="words", limit=2))
    step("query a multivector", lambda: client.query_points(
        MANY, query=[[0.0, 1.0], [1.0, 0.0]], using="tokens", limit=2))
    step("delete named vectors", lambda: client.delete_vectors(MANY, ["words"], points=[1], wait=True))


def aliases(client):
    def change(operation):
        return client.update_collection_aliases([operation])

    step("create an alias", lambda: change(models.CreateAliasOperation(
        create_alias=models.CreateAlias(collection_name=PLAIN, alias_name="scenario-live"))))
    step("list aliases", lambda: own(client.get_aliases()))
    step("list aliases of a collection", lambda: own(client.get_collection_aliases(PLAIN)))
    step("count by an alias", lambda: client.count("scenario-live", count_filter=kind("even")))
    step("rename an alias", lambda: change(models.RenameAliasOperation(
        rename_alias=models.RenameAlias(old_alias_name="scenario-live", new_alias_name="scenario-now"))))
    step("delete an alias", lambda: change(models.DeleteAliasOperation(
        delete_alias=models.DeleteAlias(alias_name="scenario-now"))))


def faults(client):
    step("query a missing collection", lambda: client.query_points("scenario-none", query=ORIGIN))
    step("query with a vector that is too short", lambda: client.query_points(PLAIN, query=[1.0]))
    step("upsert a vector that is too short", lambda: client.upsert(
        PLAIN, [models.PointStruct(id=1, vector=[1.0])], wait=True))
    step("query by a missing point", lambda: client.query_points(PLAIN, query=99))


def remove(client):
    for name in (PLAIN, MANY):
        step(f"delete {name}", lambda: client.delete_collection(name))
    step("list nothing", lambda: names(client))


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    headers = dict(each.split("=", 1) for each in sys.argv[2:])
    client = QdrantClient(
        host=host, grpc_port=int(port), prefer_grpc=True, headers=headers, check_compatibility=False)
    for part in (collections, writes, reads, queries, payloads, many_vectors, aliases, faults, remove):
        part(client)
    client.close()


if __name__ == "__main__":
    main()
