import { isDeepStrictEqual } from "node:util";
import { type AgentStep, judgeAgent } from "./judge-agent.ts";
import { judgeGuard, type Step } from "./judge-guard.ts";
import type { Answer, Ask, Presentation, Question } from "./protocol.ts";
import { FILES, type FileName, type Vector } from "./vector.ts";

/** How an implementation did on one vector. */
export interface Judgement {
  /** `code`: everything agrees but the code, which an implementation may name otherwise. */
  readonly verdict: "agrees" | "code" | "disagrees" | "unsupported";
  /** What was expected, where it disagrees. */
  readonly expected?: unknown;
  /** What it answered instead. */
  readonly answered?: Answer;
}

const AGREES: Judgement = { verdict: "agrees" };

/**
 * Asks an implementation what a vector asks, and judges its answers.
 *
 * @param verifier The configuration that the vector names, for vectors of presentations.
 */
export function judge(file: FileName, vector: Vector, verifier: unknown, ask: Ask): Promise<Judgement> {
  return KINDS[FILES[file]](vector, ask, verifier);
}

type Kind = (vector: Vector, ask: Ask, verifier: unknown) => Promise<Judgement>;

const KINDS: Readonly<Record<(typeof FILES)[FileName], Kind>> = {
  async verify({ presentations, recorded }, ask, verifier) {
    if ((await ask({ ask: "verifier", verifier })).unsupported) return { verdict: "unsupported" };
    let worst = AGREES;
    for (const { expected, ...presentation } of presentations as Presented[]) {
      const answered = await ask({ ask: "verify", ...presentation });
      const { verdict, ...rest } = compare(
        { ...expected, ...(recorded !== undefined && { recorded: keyOf(recorded) }) },
        answered,
      );
      if (verdict === "unsupported" || verdict === "disagrees") return { verdict, ...rest };
      if (verdict === "code") worst = { verdict, ...rest };
    }
    return worst;
  },
  key: ({ keys, expected }, ask) => simply(ask, { ask: "key", keys: keys as unknown[] }, expected),
  digest: ({ request, digest }, ask) => simply(ask, { ask: "digest", request }, { digest }),
  definition: ({ definition, digest, call, expected }, ask) =>
    call === undefined
      ? simply(ask, { ask: "definition", definition }, { digest })
      : simply(ask, { ask: "definition", definition, call }, expected),
  async message({ text, mayRefuse, passedOn }, ask) {
    const answered = await ask({ ask: "message", text: text as string });
    if (answered.unsupported) return { verdict: "unsupported" };
    const allowed = passedOn as { digest: string }[];
    const { refused, digest } = answered;
    const right =
      refused === true
        ? mayRefuse === true || allowed.length === 0
        : allowed.length === 0
          ? digest === null
          : allowed.some((one) => one.digest === digest);
    return right ? AGREES : { verdict: "disagrees", expected: { mayRefuse, passedOn }, answered };
  },
  possession: ({ form, challenge, authority, text }, ask) =>
    simply(
      ask,
      {
        ask: "possession",
        form: form as 1 | 2,
        challenge: challenge as string,
        ...(authority !== undefined && { authority: authority as string }),
      },
      { text },
    ),
  authorization: ({ field, outcome, credential, ath }, ask) =>
    simply(
      ask,
      { ask: "authorization", field: field as string | null },
      { outcome, ...(credential !== undefined && { credential, ath }) },
    ),
  ticket({ id: _, title: __, requirements: ___, ...vector }, ask) {
    const asked = ASKED_OF_TICKETS[vector["kind"] as string] ?? [];
    const split = (wanted: boolean) =>
      Object.fromEntries(Object.entries(vector).filter(([name]) => asked.includes(name) === wanted));
    const expected = vector["kind"] === "refused-key" ? { key: null } : split(true);
    return simply(ask, { ask: "ticket", kind: vector["kind"], ...split(false) }, expected);
  },
  assertion({ id: _, title: __, requirements: ___, verifier: ____, time, field, request, ...expected }, ask, upstream) {
    return simply(
      ask,
      { ask: "assertion", upstream, time: time as number, field: field as string | null, request },
      expected,
    );
  },
  async guard({ steps }, ask, verifier) {
    const fault = await judgeGuard(steps as Step[], verifier, ask);
    if (fault === undefined) return AGREES;
    if (fault === "unsupported") return { verdict: "unsupported" };
    const { step, member, expected, answered } = fault;
    return { verdict: "disagrees", expected: { step, [member]: expected }, answered: { [member]: answered } };
  },
  async agent({ steps }, ask, setup) {
    const problem = await judgeAgent(steps as AgentStep[], setup as Parameters<typeof judgeAgent>[1], ask);
    if (problem === undefined) return AGREES;
    return problem === "unsupported" ? { verdict: "unsupported" } : { verdict: "disagrees", answered: { problem } };
  },
};

/** What is asked of each kind of vector about tickets; the rest is given. */
const ASKED_OF_TICKETS: Readonly<Record<string, readonly string[]>> = {
  key: ["shared", "key"],
  "refused-key": [],
  sealed: ["ticket"],
  lines: ["text"],
  field: ["grant"],
};

type Presented = Presentation & { readonly expected: Readonly<Record<string, unknown>> };

/** The part of a recorded use that an implementation can be asked for. */
function keyOf(recorded: unknown): unknown {
  const { key, until } = recorded as { key: string; until: number };
  return { key, until };
}

async function simply(ask: Ask, question: Question, expected: unknown): Promise<Judgement> {
  return compare(expected as Record<string, unknown>, await ask(question));
}

/** Every member that is expected must be there as it is; others may be there too. */
function compare(expected: Readonly<Record<string, unknown>>, answered: Answer): Judgement {
  if (answered.unsupported) return { verdict: "unsupported" };
  const differing = Object.keys(expected).filter((name) => !matches(expected[name], answered[name]));
  if (differing.length === 0) return AGREES;
  return { verdict: differing.every((name) => name === "code") ? "code" : "disagrees", expected, answered };
}

/** Lists must be as long, and of objects in them the expected members are compared. */
function matches(expected: unknown, answered: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return isDeepStrictEqual(expected, answered);
  if (typeof answered !== "object" || answered === null || Array.isArray(expected) !== Array.isArray(answered))
    return false;
  if (Array.isArray(expected) && expected.length !== (answered as unknown[]).length) return false;
  return Object.entries(expected).every(([name, value]) => matches(value, (answered as Record<string, unknown>)[name]));
}
