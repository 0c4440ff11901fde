/** Bounds on what one message may make the gateway walk, allocate or pass on. Counted on the bytes, before decoding. */
export const limits = {
  /** Points in one message. */
  points: 10_000,
  /** Elements of any repeated field that is not a vector: ids, keys, keywords. */
  elements: 10_000,
  /** Floats in one vector: Qdrant's own bound. */
  vectorFloats: 65_536,
  /** Structs and lists inside each other in a payload. With 32, Qdrant's decoder (100 messages) just reaches the bottom. */
  payloadDepth: 32,
  /** Payload values in one message, over all its points. */
  payloadValues: 1_000_000,
  /** Records (a tag and what follows) in one request that is decoded whole, floats aside. */
  records: 500_000,
  /** Floats in one request that is decoded whole: each takes twice its bytes then. */
  floats: 4_000_000,
  /** Messages inside each other; Qdrant and protobuf-es both stop at 100. */
  messageDepth: 100,
  /** Prefetches in one request, in all of its queries and inside each other. */
  prefetches: 1_024,
  /** Shards × segments × vectors of a new collection. */
  collectionWeight: 512,
  filterDepth: 32,
  filterConditions: 4_096,
} as const;
