import type { TokenFormat } from "../trust/token-format.ts";
import { bearer } from "./bearer.ts";
import { proof } from "./proof.ts";
import type { Use } from "./use.ts";

/** Every use, by the name that a format, contexts, events and labels have for it (`proof`). */
export const USES: Readonly<Record<TokenFormat["proof"], Use>> = { signature: proof, none: bearer };
