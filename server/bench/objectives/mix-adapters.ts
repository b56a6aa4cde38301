/**
 * An average of adapters as an adapter. Averaging the factors A and B is not an average of ΔW = (alpha/r)·B·A; the sum of
 * two such products has rank 2r, and its best approximation of rank r (Eckart–Young) is had from small matrices:
 * [B₁ B₂] = Q₁R₁, [A₁; A₂]ᵀ = Q₂R₂, then the singular value decomposition of R₁R₂ᵀ, 2r × 2r.
 */
import { makeAdapter } from '../../model/adapter';
import type { Adapter } from '../../model/types';

/**
 * The adapter nearest to (1 − rate)·ΔW(from) + rate·ΔW(to), of the rank of `to`.
 * @param from null stands for the base model, ΔW = 0
 */
export function mixAdapters(from: Adapter | null, to: Adapter, rate: number): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  for (const [nameA, a] of to.tensors) {
    if (!nameA.includes('lora_A')) continue;
    const nameB = nameA.replace('lora_A', 'lora_B');
    const b = to.tensors.get(nameB);
    if (!b) throw new Error(`The adapter has ${nameA} but not ${nameB}.`);
    const [rank, inner] = a.shape as [number, number];
    const outer = b.shape[0]!;
    const parts: { a: Float32Array; b: Float32Array; factor: number; rank: number }[] = [
      { a: a.data, b: b.data, factor: rate, rank },
    ];
    const oldA = from?.tensors.get(nameA);
    const oldB = from?.tensors.get(nameB);
    if (from && oldA && oldB) {
      const scale = (from.alpha / from.rank) * (to.rank / to.alpha) * (1 - rate);
      parts.push({ a: oldA.data, b: oldB.data, factor: scale, rank: oldA.shape[0]! });
    }
    const mixed = parts.length === 1 ? scaled(parts[0]!) : truncated(parts, inner, outer, rank);
    tensors.set(nameA, { shape: [rank, inner], data: mixed.a });
    tensors.set(nameB, { shape: [outer, rank], data: mixed.b });
  }
  const positions = to.positions ? { positions: to.positions } : {};
  return makeAdapter({ rank: to.rank, alpha: to.alpha, tensors, ...positions });
}

function scaled(part: { a: Float32Array; b: Float32Array; factor: number }) {
  return { a: part.a.slice(), b: part.b.map((value) => value * part.factor) };
}

function truncated(
  parts: { a: Float32Array; b: Float32Array; factor: number; rank: number }[],
  inner: number,
  outer: number,
  rank: number,
): { a: Float32Array; b: Float32Array } {
  // Columns of [B₁ B₂] (scaled) and of [A₁; A₂]ᵀ.
  const columnsB: Float64Array[] = [];
  const columnsA: Float64Array[] = [];
  for (const part of parts) {
    for (let j = 0; j < part.rank; j++) {
      columnsB.push(Float64Array.from({ length: outer }, (_, i) => part.factor * part.b[i * part.rank + j]!));
      columnsA.push(Float64Array.from(part.a.subarray(j * inner, (j + 1) * inner)));
    }
  }
  const left = orthonormalise(columnsB);
  const right = orthonormalise(columnsA);
  // M = R₁·R₂ᵀ, its rows in the basis of left.q, its columns in that of right.q.
  const m = left.r.map((row) => right.r.map((other) => dot(row, other)));
  const { u, sigma, v } = singular(m);
  const a = new Float32Array(rank * inner);
  const b = new Float32Array(outer * rank);
  for (let k = 0; k < Math.min(rank, sigma.length); k++) {
    const root = Math.sqrt(sigma[k]!);
    for (const [j, q] of left.q.entries()) {
      for (let i = 0; i < outer; i++) b[i * rank + k]! += q[i]! * u[k]![j]! * root;
    }
    for (const [j, q] of right.q.entries()) {
      for (let i = 0; i < inner; i++) a[k * inner + i]! += q[i]! * v[k]![j]! * root;
    }
  }
  return { a, b };
}

/** Modified Gram–Schmidt, twice for accuracy: columns = Σ_j q_j·r[j][column]. */
function orthonormalise(columns: Float64Array[]): { q: Float64Array[]; r: Float64Array[] } {
  const q: Float64Array[] = [];
  const r: Float64Array[] = [];
  for (const [c, column] of columns.entries()) {
    const rest = column.slice();
    const size = Math.sqrt(dot(column, column));
    for (let pass = 0; pass < 2; pass++) {
      for (const [j, basis] of q.entries()) {
        const along = dot(basis, rest);
        r[j]![c]! += along;
        for (let i = 0; i < rest.length; i++) rest[i]! -= along * basis[i]!;
      }
    }
    const norm = Math.sqrt(dot(rest, rest));
    if (norm <= 1e-10 * size || norm === 0) continue;
    q.push(rest.map((value) => value / norm));
    const row = new Float64Array(columns.length);
    row[c] = norm;
    r.push(row);
  }
  return { q, r };
}

/** One-sided Jacobi: m = Σ_k u_k·σ_k·v_kᵀ, largest σ first. m is [n][m]. */
function singular(m: number[][]): { u: Float64Array[]; sigma: number[]; v: Float64Array[] } {
  const columns = m[0]?.length ?? 0;
  const w = Array.from({ length: columns }, (_, j) => Float64Array.from(m, (row) => row[j]!));
  const v = Array.from({ length: columns }, (_, j) =>
    Float64Array.from({ length: columns }, (_, i) => +(i === j)),
  );
  for (let sweep = 0; sweep < 40; sweep++) {
    let off = 0;
    for (let p = 0; p < columns; p++) {
      for (let q = p + 1; q < columns; q++) {
        const [alpha, beta, gamma] = [dot(w[p]!, w[p]!), dot(w[q]!, w[q]!), dot(w[p]!, w[q]!)];
        if (Math.abs(gamma) <= 1e-14 * Math.sqrt(alpha * beta)) continue;
        off++;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const cos = 1 / Math.sqrt(1 + t * t);
        rotate(w[p]!, w[q]!, cos, cos * t);
        rotate(v[p]!, v[q]!, cos, cos * t);
      }
    }
    if (off === 0) break;
  }
  const order = w
    .map((column, j) => ({ j, sigma: Math.sqrt(dot(column, column)) }))
    .filter(({ sigma }) => sigma > 0)
    .sort((a, b) => b.sigma - a.sigma);
  return {
    u: order.map(({ j, sigma }) => w[j]!.map((value) => value / sigma)),
    sigma: order.map(({ sigma }) => sigma),
    v: order.map(({ j }) => v[j]!),
  };
}

function rotate(x: Float64Array, y: Float64Array, cos: number, sin: number): void {
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i]!, y[i]!];
    x[i] = cos * a - sin * b;
    y[i] = sin * a + cos * b;
  }
}

function dot(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}
