import { PROOF } from "../checks/in-order.ts";
import type { Use } from "./use.ts";

/** A proof, signed by the key in the token, for this message and no other. */
export const proof: Use = { checks: PROOF, remembers: true };
