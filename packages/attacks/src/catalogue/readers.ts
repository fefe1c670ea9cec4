import { digest } from "@attest/core";
import type { Attack } from "../attack.ts";
import { type Attempt, planned, presentation } from "../stage/define-attack.ts";
import { without } from "../stage/forgers.ts";
import { describe, type Verdict } from "../stage/judge.ts";
import type { Scene } from "../stage/scene.ts";
import { Situation } from "../stage/situation.ts";
import type { Answer } from "../targets/answer.ts";
import { withCredentials } from "../targets/envelope.ts";
import { callOf } from "../targets/lab-options.ts";

/** A number that a double holds, and one that it does not and that is read as the first. */
const SIGNED = "9007199254740992";
const WIDE = "9007199254740993";
/** What stands in the place of a number that was signed. */
const FORGED = "1234567890123";

const PROOF_INVALID = ["attestation_proof_invalid"] as const;
const REFUSED_FORM = [-32600, -32700, 400];

/** What two readers of the same bytes read differently. */
export const readerAttacks: readonly Attack[] = [
  planned(
    {
      id: "second-credential",
      name: "A second word after Bearer",
      category: "confusion",
      threat: "M14",
      attacker: "is an attested agent, and stole the access token of another user",
      description:
        "An `Authorization` field with two credentials, of which the proof names one, both, or none, and OAuth reads the other",
      defence: "after Bearer there is exactly one credential, or the message is refused",
      expected: ["attestation_invalid", ...PROOF_INVALID],
      needs: ["http"],
    },
    async (scene) => {
      const own = (await scene.occasion()).accessToken ?? "an-access-token-of-the-attacker";
      const stolen = "a-stolen-access-token";
      return {
        control: () => scene.honest(undefined, { accessToken: own }),
        attempts: async () => {
          const occasion = await scene.occasion(undefined, { accessToken: `${own} ${stolen}` });
          const s = await Situation.of(scene, occasion);
          const signedFor = async (label: string, ath: string | undefined): Promise<Attempt> => {
            const claims = (c: Record<string, unknown>) => (ath === undefined ? without(c, "ath") : { ...c, ath });
            const proof = await s.prove(s.attestation, { claims });
            return presentation(label, occasion, { attestation: s.attestation, proof });
          };
          return [
            await signedFor("signed for none", undefined),
            await signedFor("signed for the first", await digest(own)),
            await signedFor("signed for the second", await digest(stolen)),
            await signedFor("signed for both", await digest(`${own} ${stolen}`)),
          ];
        },
      };
    },
  ),
  planned(
    {
      id: "rounded-id",
      name: "The id of another request",
      category: "confusion",
      threat: "M15",
      attacker: "has nothing, and shares a connection with an honest agent",
      description:
        "A request whose id a double does not hold, so that its refusal bears the id of a request of somebody else's",
      defence: "a refusal of such a request has no id",
      expected: ["attestation_required"],
      never: true,
      silence: true,
      needs: ["live"],
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: async (): Promise<Attempt[]> => {
        const channel = await scene.open();
        const text = JSON.stringify({ ...channel.compose(), id: Number(SIGNED) }).replace(SIGNED, WIDE);
        return [{ label: "an id beyond 2^53", send: () => channel.sendRaw(text), judge: judgeId }];
      },
    }),
  ),
  rewrittenOnTheWay(
    {
      id: "wide-number",
      name: "A number wider than it was signed",
      description:
        "A signed call in which a number is written with a digit more than a double holds: both have one digest",
      defence: "what was digested is what is passed on",
    },
    { "the next number": (text) => ({ text: text.replace(SIGNED, WIDE), forged: WIDE }) },
  ),
  rewrittenOnTheWay(
    {
      id: "argument-named-twice",
      name: "An argument named twice",
      description: "A signed call in which an argument is named a second time, for a reader that takes the other one",
      defence: "what was digested is what is passed on",
    },
    {
      "before the signed one": (text, name) => ({
        text: text.replace(`"${name}":`, `"${name}":${FORGED},$&`),
        forged: FORGED,
      }),
      "after the signed one": (text, name) => ({
        text: text.replace(`"${name}":${SIGNED}`, `$&,"${name}":${FORGED}`),
        forged: FORGED,
      }),
    },
  ),
];

/** Whether a refusal bears an id that nobody sent; `undefined` if it bears none. */
function judgeId(answer: Answer): Verdict | undefined {
  return answer.text.includes(SIGNED)
    ? { outcome: "breached", evidence: `the answer is for a request that nobody sent: ${describe(answer)}` }
    : undefined;
}

/** Changes a message that was signed, written as JSON; `forged` is what the signer did not say. */
type Rewrite = (text: string, argument: string) => { readonly text: string; readonly forged: string };

/** An attack on the honest agent's call of a tool that answers with its argument, with credentials in the message. */
function rewrittenOnTheWay(
  words: Pick<Attack, "id" | "name" | "description" | "defence">,
  rewrites: Readonly<Record<string, Rewrite>>,
): Attack {
  const sheet = {
    ...words,
    category: "tampering",
    threat: "M15",
    attacker: "stands between the agent and the server, and can change what passes",
    expected: PROOF_INVALID,
    refusals: REFUSED_FORM,
    needs: ["echo", "live"],
  } as const;
  return planned(sheet, (scene) => {
    return {
      control: async () => {
        const answer = await (await signedCall(scene)).send((text) => text);
        const echoed = answer.outcome !== "served" || answer.text.includes(SIGNED);
        return echoed ? answer : { outcome: "lost", text: "the tool does not answer with its argument" };
      },
      attempts: () =>
        Object.entries(rewrites).map(([label, rewrite]): Attempt => {
          let forged = "";
          return {
            label,
            send: async () => {
              const call = await signedCall(scene);
              return call.send((text) => {
                const changed = rewrite(text, call.argument);
                forged = changed.forged;
                return changed.text;
              });
            },
            judge: (answer) => judgeEcho(answer, forged),
          };
        }),
    };
  });
}

/** What a tool that answers with its argument has read; `undefined` if it was not called. */
function judgeEcho(answer: Answer, forged: string): Verdict | undefined {
  if (answer.outcome !== "served") return undefined;
  if (answer.text.includes(forged)) {
    return { outcome: "breached", evidence: `the tool read what was not signed: ${describe(answer)}` };
  }
  return answer.text.includes(SIGNED)
    ? { outcome: "blocked", intended: true, evidence: "the tool read what was signed" }
    : { outcome: "inconclusive", evidence: "the tool answered with neither number" };
}

/** The honest agent's call, signed and about to be sent. */
async function signedCall(scene: Scene) {
  const { echo } = scene.target.lab ?? {};
  if (!echo) throw new TypeError("The attack did not say that it needs an echo");
  const { name, argument } = echo;
  const channel = await scene.ready();
  const call = callOf({ ...echo, arguments: { ...echo.arguments, [argument]: Number(SIGNED) } });
  const content = channel.compose(call);
  const { sessionId } = channel;
  const attestation = await scene.agent.attestation();
  const request = { kind: "message", method: "tools/call", params: content["params"] } as const;
  const proof = await scene.agent.prove({ request, ...(sessionId !== undefined && { sessionId }) }, attestation);
  const text = JSON.stringify(withCredentials(content, { attestation, proof }, "in-band"));
  const fields = { "Mcp-Method": "tools/call", "Mcp-Name": name };
  return { argument, send: (change: (text: string) => string) => channel.sendRaw(change(text), { fields }) };
}
