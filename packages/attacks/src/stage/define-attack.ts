import type { Attack, AttackResult } from "../attack.ts";
import type { Answer } from "../targets/answer.ts";
import type { AttackTarget } from "../targets/attack-target.ts";
import type { Message, Occasion, OccasionOptions, PresentedCredentials } from "../targets/message.ts";
import { redact } from "../targets/redact.ts";
import { type Demand, describe, judge, type Verdict } from "./judge.ts";
import { Scene } from "./scene.ts";
import { Situation } from "./situation.ts";

/** One try: what is sent, and what came back. */
export interface Attempt {
  readonly label: string;
  /** What is sent, in a few words; default the label. */
  readonly summary?: string;
  readonly credentials?: PresentedCredentials;
  send(): Promise<Answer>;
  /** Judges what came back, where what was served or refused does not say it. */
  judge?(answer: Answer): Verdict | undefined;
}

/** An attack laid out: its control, and the tries that follow when that succeeded. */
export interface Plan {
  control(): Promise<Answer>;
  attempts(): Promise<readonly Attempt[]> | readonly Attempt[];
}

/** Makes the credentials of one try, for a message that is ready to be sent; `undefined` where the try has no meaning. */
export type Forger = (situation: Situation) => Promise<PresentedCredentials | undefined>;

/** Everything of an attack but how it is carried out. */
export type AttackSheet = Omit<Attack, "run" | "needs"> & Partial<Pick<Attack, "needs">> & Omit<Demand, "expected">;

/** An attack that is carried out by a plan of its own. */
export function planned(sheet: AttackSheet, plan: (scene: Scene) => Promise<Plan> | Plan): Attack {
  const { refusals, silence, never, needs = [], ...described } = sheet;
  const demand: Demand = {
    expected: sheet.expected,
    ...(refusals && { refusals }),
    ...(silence && { silence }),
    ...(never && { never }),
  };
  return { ...described, needs, run: (target) => carryOut(target, { ...described, needs, demand }, plan) };
}

/** An attack by credentials alone: each variant is presented with a message of its own, which honestly done is the control. */
export function presented(
  sheet: AttackSheet,
  variants: Readonly<Record<string, Forger>>,
  message?: (target: AttackTarget) => Message | undefined,
  options?: OccasionOptions,
): Attack {
  return planned(sheet, (scene) => ({
    control: () => scene.honest(message?.(scene.target), options),
    attempts: async () => {
      const attempts = Object.entries(variants).map(async ([label, forge]): Promise<Attempt[]> => {
        const occasion = await scene.occasion(message?.(scene.target), options);
        const credentials = await forge(await Situation.of(scene, occasion));
        return credentials ? [presentation(label, occasion, credentials)] : [];
      });
      return (await Promise.all(attempts)).flat();
    },
  }));
}

/** The try to present these credentials on an occasion. */
export function presentation(label: string, occasion: Occasion, credentials: PresentedCredentials): Attempt {
  return { label, summary: occasion.summary, credentials, send: () => occasion.present(credentials) };
}

interface Sheet extends Omit<Attack, "run"> {
  readonly demand: Demand;
}

async function carryOut(
  target: AttackTarget,
  sheet: Sheet,
  plan: (scene: Scene) => Promise<Plan> | Plan,
): Promise<AttackResult> {
  const scene = new Scene(target);
  try {
    const offers = await target.offers();
    const lacking = sheet.needs.filter((need) => !offers.has(need));
    if (lacking.length > 0) return inconclusive(scene, `the target does not offer: ${lacking.join(", ")}`);
    return await act(scene, sheet, await plan(scene));
  } catch (error) {
    return inconclusive(scene, `the attack could not be carried out: ${redact(messageOf(error))}`);
  } finally {
    await scene.close();
  }
}

async function act(scene: Scene, { demand, defence }: Sheet, plan: Plan): Promise<AttackResult> {
  const control = await plan.control();
  scene.record("control", { summary: "the same, honestly done" }, control);
  if (control.outcome !== "served") {
    return inconclusive(scene, `the honest exchange did not succeed: ${describe(control)}`);
  }
  // What nobody may do without credentials is a breach anyone who the server takes the honest agent for.
  if (control.verified === false && !demand.never) {
    return inconclusive(scene, "the target served the honest agent, and did not verify it");
  }
  // The least convincing of the tries speaks for all.
  let worst: { verdict: Verdict; label: string; answer: Answer } | undefined;
  for (const attempt of await plan.attempts()) {
    const { label } = attempt;
    const answer = await attempt.send();
    scene.record(label, attempt, answer);
    const verdict = attempt.judge?.(answer) ?? judge(answer, control, demand);
    if (worst === undefined || severity(verdict) > severity(worst.verdict)) worst = { verdict, label, answer };
    if (verdict.outcome === "breached") break;
  }
  if (worst === undefined) return inconclusive(scene, "nothing could be tried");
  const { verdict, label, answer } = worst;
  const evidence = redact(`${label}: ${verdict.evidence}`);
  if (verdict.outcome !== "blocked") return { outcome: verdict.outcome, evidence, exchanges: scene.exchanges };
  return {
    outcome: "blocked",
    defence: verdict.intended ? defence : "another defence than the one meant for it",
    intended: verdict.intended,
    evidence,
    exchanges: scene.exchanges,
    ...(answer.reason !== undefined && { reason: answer.reason }),
    ...(answer.code !== undefined && { code: answer.code }),
  };
}

function severity(verdict: Verdict): number {
  if (verdict.outcome === "blocked") return verdict.intended ? 0 : 1;
  return verdict.outcome === "inconclusive" ? 2 : 3;
}

function inconclusive(scene: Scene, evidence: string): AttackResult {
  return { outcome: "inconclusive", evidence, exchanges: scene.exchanges };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "unknown";
}
