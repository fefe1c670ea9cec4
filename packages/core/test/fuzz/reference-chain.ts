// What must hold of a chain of delegations that is accepted: read from SPEC.md §21, checked with plain code.
import type { ReferenceValue } from "./reference-json.ts";
import {
  base64urlHash,
  confirmed,
  isName,
  isSigned,
  isTime,
  judgeAttestation,
  type Members,
  objectionToProof,
  type ReferenceTrust,
  readReferenceJws,
} from "./reference-verifier.ts";

/** What comes before a link: its text, its key and its times. */
interface Before {
  readonly text: string;
  readonly jwk: Members;
  readonly payload: Members;
  /** How many links may follow it. */
  readonly left: number;
}

/** Why this chain and proof must not be accepted for the call of a tool; `undefined` if nothing is known against it. */
export function objectionToChain(
  trust: ReferenceTrust,
  chain: string,
  proof: unknown,
  request: { method: "tools/call"; params: { name: string } },
): string | undefined {
  const [rootText = "", ...texts] = chain.split("~");
  if (chain.length > 6144 || texts.length < 1 || texts.length > 4) return "the chain's size";
  const root = judgeAttestation(trust, rootText);
  if (typeof root === "string") return root;
  const metadata = root.payload.get("attestation_metadata") as Members;
  const limit = metadata.get("max_delegation_depth") ?? 4;
  if (typeof limit !== "number") return "the root's limit of links";
  let before: Before = { text: rootText, jwk: root.jwk, payload: root.payload, left: limit };
  const keys = [root.jwk.get("x")];
  for (const text of texts) {
    const link = judgeLink(trust, before, text, request.params.name);
    if (typeof link === "string") return link;
    if (keys.includes(link.jwk.get("x"))) return "a key twice";
    keys.push(link.jwk.get("x"));
    before = link;
  }
  const audience = trust.audience.filter((name) => texts.every((text) => audiencesOf(text).includes(name)));
  return objectionToProof({ ...trust, audience }, before.jwk, chain, proof, request);
}

function judgeLink({ now, audience }: ReferenceTrust, before: Before, text: string, tool: string): string | Before {
  const jws = readReferenceJws(text, 6144);
  if (!jws) return "a link is not a strict JWS";
  const { header, payload } = jws;
  if (header.size !== 2 || header.get("typ") !== "agent-attestation-delegation+jwt") return "a link's header";
  if (header.get("alg") !== "Ed25519") return "a link's alg";
  if (payload.get("parent") !== base64urlHash(before.text)) return "a link's parent";
  if (!isSigned(jws, Object.fromEntries(before.jwk))) return "a link's signature";
  const jwk = confirmed(payload);
  if (!jwk) return "a link's key";
  const [iat, exp] = [payload.get("iat"), payload.get("exp")];
  if (!isTime(iat) || !isTime(exp) || exp <= iat) return "a link's times";
  if (iat < (before.payload.get("iat") as number) - 30 || iat > now + 30) return "a link's beginning";
  if (exp > (before.payload.get("exp") as number) || now >= exp + 30) return "a link's end";
  const depth = payload.get("depth");
  if (!isTime(depth) || depth > 3 || depth >= before.left) return "a link's depth";
  if (!isName(payload.get("jti"))) return "a link's jti";
  if (!audiencesOf(text).some((name) => audience.includes(name as string))) return "a link's audience";
  if (payload.has("name") && typeof payload.get("name") !== "string") return "a link's name";
  if (payload.has("allow") && !allows(payload.get("allow"), tool)) return "a link's allow";
  return { text, jwk, payload, left: depth };
}

function audiencesOf(text: string): readonly ReferenceValue[] {
  const aud = readReferenceJws(text, 6144)?.payload.get("aud");
  return Array.isArray(aud) ? aud : aud === undefined ? [] : [aud];
}

function allows(allow: ReferenceValue | undefined, tool: string): boolean {
  if (!(allow instanceof Map)) return false;
  if ([...allow.keys()].some((name) => !["tools", "resources", "prompts"].includes(name))) return false;
  const tools = allow.get("tools");
  if (!Array.isArray(tools) || tools.length > 64 || !tools.every((entry) => isName(entry))) return false;
  return tools.some((entry) => {
    const text = entry as string;
    return text.endsWith("*") ? tool.startsWith(text.slice(0, -1)) : text === tool;
  });
}
