import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";
import { mutateJson, mutateToken } from "./mutate.ts";
import type { Random } from "./random.ts";

/** What lets a sub-agent transfer, and what does not. */
const ALLOWING = [
  undefined,
  undefined,
  { tools: ["transfer"] },
  { tools: ["tr*", "list"] },
  { tools: ["*"], resources: ["bank://accounts/*"] },
];
const FORBIDDING = [
  { tools: ["list"] },
  { tools: ["transfers"] },
  { tools: [] },
  { tool: ["transfer"] },
  { resources: ["*"] },
  {},
];

/** What may be wrong with one link of a chain. */
const FAULTS = ["parent", "to", "by", "times", "depth", "aud", "allow", "header", "payload", "payload"] as const;
const ELSEWHERE = "https://elsewhere.example/mcp";

/** What a chain may be made of. */
export interface ChainParts {
  readonly root: string;
  /** The attested key, and then one for each sub-agent. */
  readonly keys: readonly KeyObject[];
  readonly now: number;
  readonly audience: readonly string[];
}

/**
 * A chain, honest or with things altered: in what its links say, which are then signed as they should be, in who follows whom,
 * or in its text from outside.
 *
 * @returns The text, and the key that is to prove.
 */
export function makeChain(
  { root, keys, now, audience }: ChainParts,
  random: Random,
): { chain: string; key: KeyObject } {
  const links = random.pick([1, 1, 2, 2, 2, 3, 4, 5]);
  const fault = random.oneIn(2) ? random.pick(FAULTS) : undefined;
  const faulty = random.below(links);
  const texts = [root];
  let last = keys[0] as KeyObject;
  for (let i = 0; i < links; i++) {
    const has = (name: (typeof FAULTS)[number]) => i === faulty && fault === name;
    const next = has("to") ? random.pick(keys) : (keys[i + 1] as KeyObject);
    const header = JSON.stringify({ alg: "Ed25519", typ: "agent-attestation-delegation+jwt" });
    const payload = JSON.stringify({
      parent: hash(has("parent") ? random.pick([...texts, texts.join("~"), ""]) : (texts.at(-1) as string)),
      cnf: { jwk: createPublicKey(next).export({ format: "jwk" }) },
      iat: now + (has("times") ? random.pick([-400, -31, -30, 30, 31]) : 0),
      exp: now + (has("times") ? random.pick([-31, -1, 0, 299, 301, 600]) : 295) - i,
      jti: `delegation-${random.below(2 ** 30)}`,
      depth: has("depth") ? random.below(5) : Math.max(3 - i, 0),
      aud: has("aud") ? random.pick([ELSEWHERE, [ELSEWHERE], audience[1]]) : random.pick([audience[0], audience]),
      allow: has("allow") ? random.pick(FORBIDDING) : random.pick(ALLOWING),
      name: random.oneIn(4) ? "reader" : undefined,
    });
    texts.push(
      signed(
        has("header") ? mutateJson(header, random) : Buffer.from(header),
        has("payload") ? mutateJson(payload, random) : Buffer.from(payload),
        has("by") ? random.pick(keys) : last,
      ),
    );
    last = next;
  }
  return { chain: random.oneIn(5) ? rearranged(texts, random) : texts.join("~"), key: last };
}

/** Ways to change the structure of a chain from outside. */
const REARRANGEMENTS: readonly ((texts: string[], random: Random) => string)[] = [
  (texts, random) => texts.filter((_, i) => i !== random.below(texts.length)).join("~"),
  (texts, random) => [...texts.slice(1), texts[0]].sort(() => random.below(3) - 1).join("~"),
  (texts, random) => [...texts, random.pick(texts)].join("~"),
  (texts, random) => texts.with(random.below(texts.length), random.pick(texts)).join("~"),
  (texts, random) => texts.with(random.below(texts.length), "").join("~"),
  (texts) => `${texts.join("~")}~`,
  (texts) => `~${texts.join("~")}`,
  (texts) => texts.join("~~"),
  (texts, random) => texts.join(random.pick([".", " ~ ", "%7E", "~\n", ",", ""])),
  (texts, random) => {
    const at = random.below(texts.length);
    return texts.with(at, mutateToken(texts[at] as string, random)).join("~");
  },
  (texts, random) => mutateToken(texts.join("~"), random),
];

function rearranged(texts: string[], random: Random): string {
  return random.pick(REARRANGEMENTS)(texts, random);
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function signed(header: Uint8Array, payload: Uint8Array, key: KeyObject): string {
  const input = `${Buffer.from(header).toString("base64url")}.${Buffer.from(payload).toString("base64url")}`;
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}
