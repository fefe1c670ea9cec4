import type { StatusSource, TrustedIssuer } from "@attest/core";
import type { TestAuthority } from "@attest/core/testing";
import { HttpStatusSource } from "@attest/status-list";
import { onTestFinished } from "vitest";
import { signList } from "../../src/forge/sign-list.ts";
import type { AttackCredentials } from "../../src/index.ts";

const [LIST, OF_ANOTHER] = ["https://authority.example/status/1", "https://spire.example/status/1"];

const REVOKED = 1;

/** The stopwatch of this process, which tests can push ahead. */
let pushed = 0;
const real = performance.now.bind(performance);
performance.now = () => real() + pushed;

/** A status list of an authority, on a server in the tester's hand, and a source of a target that fetches from it. */
export async function servedList(
  { issuer, authorityKey, keyResolver }: TestAuthority,
  another: TrustedIssuer,
): Promise<{
  readonly credentials: Required<Pick<AttackCredentials, "statusList">>;
  readonly trusted: Required<Pick<TrustedIssuer, "statusLists">>;
  /** The other issuer, with a list of its own that it need not use. */
  readonly another: TrustedIssuer;
  readonly statusSource: StatusSource;
}> {
  let now = 1_800_000_000;
  let answer: string | undefined = await signList(authorityKey, { uri: LIST, issuedAt: now, revoked: [REVOKED] });
  const statusSource = new HttpStatusSource({
    lists: { [issuer]: LIST, [another.issuer]: OF_ANOTHER },
    keyResolver,
    clock: () => now,
    cooldown: 1,
    fetch: async () => new Response(answer ?? null, { status: answer === undefined ? 503 : 200 }),
    allowUncheckedAddresses: true,
  });
  onTestFinished(() => statusSource.close());
  const server = {
    now: () => now,
    serve: (token: string | undefined) => {
      answer = token;
    },
    pass: (seconds: number, clock = "runs") => {
      pushed += seconds * 1000;
      if (clock === "runs") now += seconds;
    },
  };
  return {
    credentials: { statusList: { uri: LIST, revoked: REVOKED, ofAnother: OF_ANOTHER, server } },
    trusted: { statusLists: [LIST] },
    another: { ...another, statusLists: [OF_ANOTHER], statusOptional: true },
    statusSource,
  };
}
