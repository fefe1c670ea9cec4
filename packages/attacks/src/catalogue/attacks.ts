import type { Attack } from "../attack.ts";
import { referenceAttacks } from "./reference.ts";

/** Every attack, in the order in which they are run. */
export const attacks: readonly Attack[] = Object.freeze([...referenceAttacks]);
