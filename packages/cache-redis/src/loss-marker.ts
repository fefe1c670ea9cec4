import { nonce } from "./nonce.ts";

/** What lies beside the entries, to be missed when they are gone (R9): `<random>.<loss time or 0>.<run>`. */
export interface LossMarker {
  /** When a loss was noticed, Unix seconds by the verifier who did; 0 for never. */
  readonly lossTime: number;
  /** The run of the Redis process that held the entries: another one may not hold them. */
  readonly run: string;
}

/** A marker unlike any other, so that one made anew after a loss is not taken for the old one. */
export function writeLossMarker(lossTime: number, run: string): string {
  return `${nonce()}.${lossTime}.${run}`;
}

/** `undefined` for what is no marker. */
export function readLossMarker(text: string): LossMarker | undefined {
  const [, lossTime, run] = /^\d{1,19}\.(\d{1,15})\.([0-9a-f]+)$/.exec(text) ?? [];
  return run === undefined ? undefined : { lossTime: Number(lossTime), run };
}
