// Writes a Parquet file, for tests that cannot import ES modules: node write-parquet.mjs FILE < columns.json
import { readFileSync } from 'node:fs';
import { parquetWriteFile } from 'hyparquet-writer';

const { columns, schema, rowGroupSize } = JSON.parse(readFileSync(0, 'utf8'));
const columnData = columns.map(({ name, data, isBigInt, isFloat }) => ({
  name,
  data: isBigInt ? data.map(BigInt) : isFloat ? Float32Array.from(data) : data,
}));
parquetWriteFile({ filename: process.argv[2], columnData, schema, rowGroupSize });
