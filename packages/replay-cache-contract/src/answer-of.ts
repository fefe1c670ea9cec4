import type { ReplayCache, ReplayUse } from "@attest/core";

/** The verifier waits this long and then refuses: an answer that comes later does not count. */
const SETTLE_MS = 10_000;

/**
 * What a cache answers, as one comparable value: `true` or `false`; the code of what it throws; or words for what no cache
 * may answer with.
 */
export async function answerOf(cache: ReplayCache, use: ReplayUse): Promise<boolean | string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`nothing within ${SETTLE_MS} ms`), SETTLE_MS);
  });
  const answer = async (): Promise<boolean | string> => {
    try {
      const first: unknown = await cache.consume(use);
      return typeof first === "boolean" ? first : `neither true nor false: ${String(first)}`;
    } catch (error) {
      const code: unknown = (error as { code?: unknown } | null)?.code;
      return typeof code === "string" ? code : `an error without a code: ${String(error)}`;
    }
  };
  try {
    return await Promise.race([answer(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
