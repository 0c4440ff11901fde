import { create } from '@bufbuild/protobuf';
import { type WithPayloadSelector, WithPayloadSelectorSchema } from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import { isJsonPath, jsonPathRule, wantsStruct } from '../wire/index.js';

/** Throws FIELD_INVALID for a text that is no path into a payload. */
export function checkJsonPath(path: string, field: string): void {
  if (!isJsonPath(path)) throw fieldError('FIELD_INVALID', field, jsonPathRule);
}

/**
 * Whether the `with_payload` of the message, at `path` (numbers of fields) in the request, wants payloads as plain JSON;
 * as_struct alone means all of the payload. Throws FIELD_INVALID at `field` when it says nothing.
 */
export function readPayloadSelector(
  message: { withPayload?: WithPayloadSelector },
  request: Buffer,
  path: readonly number[],
  field = 'with_payload',
): boolean {
  const asStruct = wantsStruct(request, ...path);
  const options = message.withPayload?.selectorOptions;
  if (asStruct && options?.case === undefined) {
    message.withPayload = create(WithPayloadSelectorSchema, {
      selectorOptions: { case: 'enable', value: true },
    });
  } else if (options !== undefined && options.case === undefined) {
    throw fieldError('FIELD_INVALID', field, 'set enable, include, exclude or as_struct');
  }
  return asStruct;
}
