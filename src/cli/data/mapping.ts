import type { CsvTypes } from './csv-types.js';

/** Which columns of a row become what. */
export interface Mapping {
  readonly idField: string;
  /** The row's number, from 0, is the id. */
  readonly hasRowIds: boolean;
  /** Texts become UUIDs in it. */
  readonly idNamespace: string | undefined;
  /** Undefined: there is a prefix, or the format keeps vectors apart. */
  readonly vectorField: string | undefined;
  /** Instead of one column: "v_" for v_0, v_1 and so on. */
  readonly vectorPrefix: string | undefined;
  /** The column whose object is the payload. */
  readonly payloadField: string | undefined;
  /** Columns that are the payload. */
  readonly payloadColumns: readonly string[] | undefined;
  /** Undefined where values have types of their own. */
  readonly csvTypes: CsvTypes | undefined;
}

/** The column that holds the payload without a flag, if it holds an object. */
export const defaultPayloadField = 'payload';
