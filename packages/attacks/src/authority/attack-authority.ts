import { AttestationError, optionError, refuseUnknownOptions } from "@attest/core";
import { type AuthorityAttack, authorityAttacks } from "./authority-attacks.ts";
import { type AuthorityAnswer, AuthorityWire } from "./authority-wire.ts";

/** Which authority is attacked, and with what. Attack authorities that are yours. */
export interface AttackAuthorityOptions {
  /** Its address as clients have it: `https://authority.example/attestations`. */
  readonly url: string;
  /** Evidence that it admits, as often as it is asked for: what is used once must be another one each time. */
  readonly credential: () => string | Promise<string>;
  /** The rule to ask by. Default: none is named. */
  readonly rule?: string;
  /** The server to ask attestations for. Default: none is named. */
  readonly audience?: string;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
  /** Called with each result. */
  onResult?(result: AuthorityAttackResult): void;
}

/** What came of one attack. */
export interface AuthorityAttackResult {
  /** The attack, for machines. The same in later versions. */
  readonly id: string;
  /** What the attacker does. */
  readonly description: string;
  /** `breached`: an attestation was handed out. `inconclusive`: the authority failed, or refused for another reason. */
  readonly outcome: "blocked" | "breached" | "inconclusive";
  /** What was tried, and what came back: `used: challenge_unknown`. */
  readonly evidence: string;
}

/**
 * Attacks an authority: each attack is one honest request with one thing wrong. At last the honest request is made, and what it
 * got was never handed to an attack before it. Some twenty of its requests are refused, and count against this address there.
 *
 * @throws AttestationError `ERR_OPTION`; `ERR_SOURCE_UNAVAILABLE` if the honest request is refused, so that nothing was shown.
 */
export async function attackAuthority(options: AttackAuthorityOptions): Promise<readonly AuthorityAttackResult[]> {
  const known = { url: true, credential: true, rule: true, audience: true, fetch: true, onResult: true } as const;
  refuseUnknownOptions(options, known, "an attack on an authority");
  const { url, credential, rule, audience, onResult } = options;
  if (!URL.canParse(url) || !url.endsWith("/attestations")) {
    throw optionError("url", "must be the address that clients have, which ends with /attestations");
  }
  if (typeof credential !== "function") throw optionError("credential", "must be a function that gives evidence");
  const wire = new AuthorityWire({
    ...{ url, credential, fetch: options.fetch ?? fetch },
    ...(rule !== undefined && { rule }),
    ...(audience !== undefined && { audience }),
  });
  const results: AuthorityAttackResult[] = [];
  for (const attack of authorityAttacks) {
    const result = await carryOut(attack, wire);
    onResult?.(result);
    results.push(result);
  }
  // Last: evidence that is used once would be used up by it, and hide what the attacks would have got.
  const { issued, problem, status } = await wire.ask();
  if (issued) return results;
  throw new AttestationError(
    "ERR_SOURCE_UNAVAILABLE",
    `The honest request was refused (${problem ?? status}), so that the attacks show nothing`,
  );
}

async function carryOut(attack: AuthorityAttack, wire: AuthorityWire): Promise<AuthorityAttackResult> {
  const { id, description, expected } = attack;
  try {
    const tries = Object.entries(await attack.run(wire));
    const [label, answer] =
      tries.find(([, one]) => one.issued) ?? tries.find(([, one]) => !isRefusal(one, expected)) ?? [];
    if (!label || !answer) {
      const told = tries.map(([name, { problem }]) => `${name}: ${problem}`).join(", ");
      return { id, description, outcome: "blocked", evidence: told };
    }
    const outcome = answer.issued ? "breached" : "inconclusive";
    const got = answer.issued ? "an attestation" : (answer.problem ?? `HTTP ${answer.status}`);
    return { id, description, outcome, evidence: `${label}: ${got}` };
  } catch (error) {
    const { name } = error as Error;
    return { id, description, outcome: "inconclusive", evidence: `the authority could not be asked (${name})` };
  }
}

function isRefusal({ status, problem }: AuthorityAnswer, expected: readonly string[]): boolean {
  return status >= 400 && status < 500 && problem !== undefined && expected.includes(problem);
}
