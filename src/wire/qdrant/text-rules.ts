/**
 * What a text of a request is: `own`, the name of the collection that the call is about; `reference`, another name of
 * a collection or an alias; `path`, a path into payloads; `plain`, a text that leads nowhere: a vector's name, a word.
 */
export type TextRule = 'own' | 'reference' | 'path' | 'plain';

const own = (messages: string): Record<string, TextRule> =>
  Object.fromEntries(messages.split(' ').map((message) => [`${message}.collection_name`, 'own']));

/**
 * Every text field of every request that Qdrant's protocol has, by "Message.field" of the package qdrant, and the keys
 * of maps by "Message.field key". One that is not here is refused: nobody has said where it leads.
 */
export const textRules: Readonly<Record<string, TextRule>> = {
  ...own(
    'GetCollectionInfoRequest CreateCollection UpdateCollection DeleteCollection CollectionExistsRequest',
  ),
  ...own('ListCollectionAliasesRequest'),
  ...own('UpsertPoints DeletePoints GetPoints UpdatePointVectors DeletePointVectors SetPayloadPoints'),
  ...own('DeletePayloadPoints ClearPayloadPoints CreateFieldIndexCollection DeleteFieldIndexCollection'),
  ...own('CreateVectorNameRequest DeleteVectorNameRequest SearchPoints SearchBatchPoints SearchPointGroups'),
  ...own('ScrollPoints RecommendPoints RecommendBatchPoints RecommendPointGroups DiscoverPoints'),
  ...own('DiscoverBatchPoints CountPoints UpdateBatchPoints QueryPoints QueryBatchPoints QueryPointGroups'),
  ...own('FacetCounts SearchMatrixPoints'),
  'CreateAlias.collection_name': 'reference',
  'CreateAlias.alias_name': 'reference',
  'RenameAlias.old_alias_name': 'reference',
  'RenameAlias.new_alias_name': 'reference',
  'DeleteAlias.alias_name': 'reference',
  'LookupLocation.collection_name': 'reference',
  'WithLookup.collection': 'reference',
  // Paths into payloads.
  'PayloadIncludeSelector.fields': 'path',
  'PayloadExcludeSelector.fields': 'path',
  'SetPayloadPoints.key': 'path',
  'DeletePayloadPoints.keys': 'path',
  'PointsUpdateOperation.SetPayload.key': 'path',
  'PointsUpdateOperation.OverwritePayload.key': 'path',
  'PointsUpdateOperation.DeletePayload.keys': 'path',
  'CreateFieldIndexCollection.field_name': 'path',
  'DeleteFieldIndexCollection.field_name': 'path',
  'SearchPointGroups.group_by': 'path',
  'RecommendPointGroups.group_by': 'path',
  'QueryPointGroups.group_by': 'path',
  'FacetCounts.key': 'path',
  'OrderBy.key': 'path',
  'Expression.datetime_key': 'path',
  'GeoDistance.to': 'path',
  'FieldCondition.key': 'path',
  'IsEmptyCondition.key': 'path',
  'IsNullCondition.key': 'path',
  'NestedCondition.key': 'path',
  // Names of vectors.
  'VectorParamsMap.map key': 'plain',
  'VectorParamsDiffMap.map key': 'plain',
  'SparseVectorConfig.map key': 'plain',
  'StrictModeMultivectorConfig.multivector_config key': 'plain',
  'StrictModeSparseConfig.sparse_config key': 'plain',
  'NamedVectors.vectors key': 'plain',
  'VectorsSelector.names': 'plain',
  'LookupLocation.vector_name': 'plain',
  'SearchPoints.vector_name': 'plain',
  'SearchPointGroups.vector_name': 'plain',
  'CreateVectorNameRequest.vector_name': 'plain',
  'DeleteVectorNameRequest.vector_name': 'plain',
  'RecommendPoints.using': 'plain',
  'RecommendPointGroups.using': 'plain',
  'DiscoverPoints.using': 'plain',
  'QueryPoints.using': 'plain',
  'PrefetchQuery.using': 'plain',
  'QueryPointGroups.using': 'plain',
  'SearchMatrixPoints.using': 'plain',
  'HasVectorCondition.has_vector': 'plain',
  // Data and words.
  'CreateCollection.metadata key': 'plain',
  'UpdateCollection.metadata key': 'plain',
  'PointStruct.payload key': 'plain',
  'SetPayloadPoints.payload key': 'plain',
  'PointsUpdateOperation.SetPayload.payload key': 'plain',
  'PointsUpdateOperation.OverwritePayload.payload key': 'plain',
  'Formula.defaults key': 'plain',
  'Struct.fields key': 'plain',
  'Value.string_value': 'plain',
  'PointId.uuid': 'plain',
  'StopwordsSet.languages': 'plain',
  'StopwordsSet.custom': 'plain',
  'SnowballParams.language': 'plain',
  'StartFrom.datetime': 'plain',
  'Expression.variable': 'plain',
  'Expression.datetime': 'plain',
  'Match.keyword': 'plain',
  'Match.text': 'plain',
  'Match.phrase': 'plain',
  'Match.text_any': 'plain',
  'RepeatedStrings.strings': 'plain',
};

const inference = 'inference is not served: send the vector';
const shards = 'which shard holds a point is decided by the operator of the gateway';

/** Messages that no request may hold, and why. */
export const refusedMessages: Readonly<Record<string, string>> = {
  Document: inference,
  Image: inference,
  InferenceObject: inference,
  ShardKeySelector: shards,
  ShardKey: shards,
  WalConfigDiff: 'the write-ahead log takes room of all tenants: it is set by the operator of the gateway',
};

/** Fields that no request may set, and why. */
export const refusedFields: Readonly<Record<string, string>> = {
  'CreateCollection.sharding_method': shards,
};
