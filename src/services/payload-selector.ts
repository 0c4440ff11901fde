import { create } from '@bufbuild/protobuf';
import { type WithPayloadSelector, WithPayloadSelectorSchema } from '@qdrant/js-client-grpc';
import { fieldError } from '../errors/index.js';
import { isJsonPath, jsonPathRule, wantsStruct } from '../wire/index.js';

/** Throws FIELD_INVALID for a text that is no path into a payload. */
export function checkJsonPath(path: string, field: string): void {
  if (!isJsonPath(path)) throw fieldError('FIELD_INVALID', field, jsonPathRule);
}

/**
 * Checks `with_payload` (field number `field` of the request) and says whether payloads are wanted as plain JSON;
 * as_struct alone means all of the payload.
 */
export function readPayloadSelector(
  message: { withPayload?: WithPayloadSelector },
  request: Buffer,
  field: number,
): boolean {
  const asStruct = wantsStruct(request, field);
  const options = message.withPayload?.selectorOptions;
  if (options?.case === 'include' || options?.case === 'exclude') {
    options.value.fields.forEach((path, index) => {
      checkJsonPath(path, `with_payload.${options.case}.fields[${index}]`);
    });
  } else if (asStruct && options?.case === undefined) {
    message.withPayload = create(WithPayloadSelectorSchema, {
      selectorOptions: { case: 'enable', value: true },
    });
  } else if (options !== undefined && options.case === undefined) {
    throw fieldError('FIELD_INVALID', 'with_payload', 'set enable, include, exclude or as_struct');
  }
  return asStruct;
}
