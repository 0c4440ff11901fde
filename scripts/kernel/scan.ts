// AssemblyScript: the inner loops of an exact scan. Compiled by scripts/build-kernel.mjs, not by tsc.
// Every function reads `count` rows of `floats` f32 each (a multiple of 16, padded with zeros) that follow
// one another from `rows`, compares each with the query at `query`, and writes one f32 a row from `out` on.
// Four accumulators: the additions of one would wait for each other.

// biome-ignore-all lint: the language is AssemblyScript

function sum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) +
    f32x4.extract_lane(v, 1) +
    (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

export function dot(query: usize, rows: usize, count: u32, floats: u32, out: usize): void {
  const bytes: usize = (<usize>floats) << 2;
  for (let i: u32 = 0; i < count; i++) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    for (let o: usize = 0; o < bytes; o += 64) {
      a = f32x4.add(a, f32x4.mul(v128.load(query + o), v128.load(rows + o)));
      b = f32x4.add(b, f32x4.mul(v128.load(query + o, 16), v128.load(rows + o, 16)));
      c = f32x4.add(c, f32x4.mul(v128.load(query + o, 32), v128.load(rows + o, 32)));
      d = f32x4.add(d, f32x4.mul(v128.load(query + o, 48), v128.load(rows + o, 48)));
    }
    store<f32>(out, sum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d))));
    rows += bytes;
    out += 4;
  }
}

export function squaredEuclid(query: usize, rows: usize, count: u32, floats: u32, out: usize): void {
  const bytes: usize = (<usize>floats) << 2;
  for (let i: u32 = 0; i < count; i++) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    for (let o: usize = 0; o < bytes; o += 32) {
      const x = f32x4.sub(v128.load(query + o), v128.load(rows + o));
      const y = f32x4.sub(v128.load(query + o, 16), v128.load(rows + o, 16));
      a = f32x4.add(a, f32x4.mul(x, x));
      b = f32x4.add(b, f32x4.mul(y, y));
    }
    store<f32>(out, sum(f32x4.add(a, b)));
    rows += bytes;
    out += 4;
  }
}

export function manhattan(query: usize, rows: usize, count: u32, floats: u32, out: usize): void {
  const bytes: usize = (<usize>floats) << 2;
  for (let i: u32 = 0; i < count; i++) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    for (let o: usize = 0; o < bytes; o += 32) {
      a = f32x4.add(a, f32x4.abs(f32x4.sub(v128.load(query + o), v128.load(rows + o))));
      b = f32x4.add(b, f32x4.abs(f32x4.sub(v128.load(query + o, 16), v128.load(rows + o, 16))));
    }
    store<f32>(out, sum(f32x4.add(a, b)));
    rows += bytes;
    out += 4;
  }
}
