import { nonce } from "./nonce.ts";

/** What lies with the entries, and is missing when they are gone (R9): `<random>.<lossTime>.<run>[.<evicted>[.<tagChoice>]]`. */
export interface LossMarker {
  /** When a loss was noticed, Unix seconds by the verifier that noticed it; 0 for never. */
  readonly lossTime: number;
  /** The run of the Redis process that held the entries: another one may not hold them. */
  readonly run: string;
  /** Keys that this run had evicted until then. If it has evicted more, entries may be among them (R8). */
  readonly evicted: number;
  /** The name of the `TagChoice` by which entries were placed: an instance with another looks for them elsewhere. */
  readonly tagChoice: string;
}

/** A marker unlike any other, so that one made again after a loss is not taken for the old one. */
export function writeLossMarker({ lossTime, run, evicted, tagChoice }: LossMarker): string {
  const further = tagChoice ? `.${evicted}.${tagChoice}` : evicted > 0 ? `.${evicted}` : "";
  return `${nonce()}.${lossTime}.${run}${further}`;
}

/** `undefined` for what is no marker. */
export function readLossMarker(text: string): LossMarker | undefined {
  const [, lossTime, run, evicted = "0", tagChoice = ""] =
    /^\d{1,19}\.(\d{1,15})\.([0-9a-f]+)(?:\.(\d{1,15})(?:\.([0-9a-f]{16}))?)?$/.exec(text) ?? [];
  return run === undefined ? undefined : { lossTime: Number(lossTime), run, evicted: Number(evicted), tagChoice };
}
