import type { DescField } from '@bufbuild/protobuf';

/** What differs in the check of a request between the services of the package qdrant and those of vectorgateway.v1. */
export interface Face {
  /** How a field of Qdrant's messages is called there. */
  readonly nameOf: (field: DescField) => string;
  /** Whether what a message lacks is refused with its place, or left for Qdrant to take as it does. */
  readonly refusesLacks: boolean;
}

export const qdrantFace: Face = { nameOf: ({ name }) => name, refusesLacks: false };

export const nativeFace: Face = {
  nameOf: ({ name }) => (name === 'collection_name' ? 'collection' : name),
  refusesLacks: true,
};
