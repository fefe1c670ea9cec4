import type { Attack } from "../attack.ts";
import type { Message, Occasion, OccasionOptions } from "../targets/message.ts";
import { type AttackSheet, type Attempt, planned, presentation } from "./define-attack.ts";
import { type MacChanges, type MacSubject, macProof } from "./mac-proof.ts";
import type { Scene } from "./scene.ts";

/** What attacks by MAC proofs have in common, where the tester knows a secret of the target's ring. */
export const TICKETED: Required<Pick<AttackSheet, "category" | "expected" | "never" | "needs">> = {
  category: "proof",
  expected: ["attestation_ticket_refused"],
  never: true,
  needs: ["ring"],
};

/** What one try presents. */
export interface Try {
  readonly attestation?: string;
  readonly proof: unknown;
}

/** An attack by MAC proofs, whose control is an honest one. */
export function ticketed(
  sheet: Omit<AttackSheet, keyof typeof TICKETED> & Partial<AttackSheet>,
  variants: Readonly<Record<string, (scene: Scene, occasion: Occasion, attestation: string) => Promise<Try>>>,
  { message, options }: { message?: Message; options?: OccasionOptions } = {},
): Attack {
  return planned({ ...TICKETED, ...sheet }, (scene) => ({
    control: async () => {
      const occasion = await scene.occasion(message, options);
      const attestation = await scene.agent.attestation();
      return occasion.present({ attestation, proof: await macProof(scene, attestation, occasion) });
    },
    attempts: () =>
      Promise.all(
        Object.entries(variants).map(async ([label, forge]): Promise<Attempt> => {
          const occasion = await scene.occasion(message, options);
          const attestation = await scene.agent.attestation();
          return presentation(label, occasion, { attestation, ...(await forge(scene, occasion, attestation)) });
        }),
      ),
  }));
}

/** A try that differs from the honest one in how its MAC proof is made. */
export const made =
  (change: MacChanges | ((scene: Scene) => MacChanges | Promise<MacChanges>)) =>
  async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => {
    const changes = typeof change === "function" ? await change(scene) : change;
    return { proof: await macProof(scene, attestation, occasion, changes) };
  };

/** A try with an honest MAC proof of something else than what it is presented with. */
export const moved =
  (subject: (occasion: Occasion) => MacSubject) =>
  async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => ({
    proof: await macProof(scene, attestation, subject(occasion)),
  });

/** A try with an honest MAC proof that is written in another way. */
export const respelled =
  (write: (proof: string) => unknown) =>
  async (scene: Scene, occasion: Occasion, attestation: string): Promise<Try> => ({
    proof: write(await macProof(scene, attestation, occasion)),
  });

/** The tester's time, Unix seconds. */
export const nowOf = (scene: Scene): number => Math.floor(scene.agent.clock());
