import { isDeepStrictEqual } from "node:util";
import type { Answer, Ask } from "./protocol.ts";

type Json = Readonly<Record<string, unknown>>;

/** One step of a vector for guards: what comes, and what the guard must do with it. */
export type Step = Json & { readonly expected: Json };

/** How a guard did on a vector: the first member of a step that is not as expected. */
export interface GuardFault {
  readonly step: number;
  readonly member: string;
  readonly expected: unknown;
  readonly answered: unknown;
}

/**
 * Puts the steps of a vector to one new guard, in order.
 *
 * @returns The first fault; `undefined` where there is none; `unsupported` if the driver has no guard, or none for such steps.
 */
export async function judgeGuard(
  steps: readonly Step[],
  verifier: unknown,
  ask: Ask,
): Promise<GuardFault | "unsupported" | undefined> {
  if ((await ask({ ask: "guard", verifier })).unsupported) return "unsupported";
  for (const [step, { expected, ...what }] of steps.entries()) {
    const answered = await ask("from" in what ? { ask: "wire", ...what } : { ask: "http", ...what });
    if (answered.unsupported) return "unsupported";
    const seen: Json = "from" in what ? seenOnWire(answered) : seenOverHttp(answered);
    for (const [member, wanted] of Object.entries(expected)) {
      if (!MEMBERS[member]?.(wanted, seen[member])) return { step, member, expected: wanted, answered: seen[member] };
    }
  }
  return undefined;
}

/** How each member of what is expected is compared: exactly, or by the members that are named. */
const MEMBERS: Readonly<Record<string, (expected: unknown, seen: unknown) => boolean>> = {
  handled: isDeepStrictEqual,
  message: isSameMessage,
  status: isDeepStrictEqual,
  reason: isDeepStrictEqual,
  serverTime: isDeepStrictEqual,
  verified: isDeepStrictEqual,
  body: isDeepStrictEqual,
  answer: isDeepStrictEqual,
  passedOn: isSameMessage,
  error: holds,
  reply: holds,
  passedOnError: holds,
  capability: holds,
  extension: holds,
};

function seenOverHttp({ handled, message, status, fields, body }: Answer): Json {
  const field = (name: string) => (fields as Json | undefined)?.[name] ?? null;
  const trust = /^verified;trust=(\w+)$/.exec(String(field("agent-attestation-status")))?.[1];
  return {
    handled,
    message,
    status,
    reason: field("agent-attestation-error"),
    serverTime: field("agent-attestation-time"),
    verified: trust ?? field("agent-attestation-status"),
    body: body ?? null,
    answer: body,
    error: errorIn(body),
    ...declarationsIn(body),
  };
}

function seenOnWire({ passedOn = null, reply = null }: Answer): Json {
  return { passedOn, passedOnError: errorIn(passedOn), reply: errorIn(reply), ...declarationsIn(passedOn) };
}

/** An error response, flat; `null` where it is not one. */
function errorIn(message: unknown): Json | null {
  const { id, error } = (message ?? {}) as { id?: unknown; error?: Json };
  if (typeof error !== "object" || error === null) return null;
  const { code, data = null } = error;
  return { id, code, data, ...(data as Json | null) };
}

function declarationsIn(message: unknown): Json {
  const { capabilities } = ((message ?? {}) as { result?: { capabilities?: Json } }).result ?? {};
  const { experimental, extensions } = (capabilities ?? {}) as Record<string, Json | undefined>;
  return {
    capability: experimental?.["security.attestation"],
    extension: extensions?.["io.github.attest/agent-attestation"],
  };
}

/** An empty `_meta` says what none says: a guard may keep there what JSON does not show. */
function isSameMessage(expected: unknown, seen: unknown): boolean {
  return isDeepStrictEqual(withoutEmptyMeta(expected), withoutEmptyMeta(seen));
}

function withoutEmptyMeta(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return message;
  const { params, result, ...rest } = message as { params?: Json; result?: Json };
  return { ...rest, ...compared("params", params), ...compared("result", result) };
}

/** A member without an empty `_meta`; `params` that held nothing else say what none say. */
function compared(name: "params" | "result", body: Json | undefined): Json {
  if (body === undefined) return {};
  if (!isDeepStrictEqual(body["_meta"], {})) return { [name]: body };
  const { _meta, ...kept } = body;
  return name === "params" && Object.keys(kept).length === 0 ? {} : { [name]: kept };
}

/** Every member that is named is as it is named; others may be there too. */
function holds(expected: unknown, seen: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return isDeepStrictEqual(expected, seen);
  if (typeof seen !== "object" || seen === null || Array.isArray(expected)) return isDeepStrictEqual(expected, seen);
  return Object.entries(expected).every(([name, value]) => holds(value, (seen as Json)[name]));
}
