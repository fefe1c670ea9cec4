import { BEARER_USE } from "../checks/in-order.ts";
import type { Use } from "./use.ts";

/** Nothing: the token itself is used up, and serves the session that it opens. */
export const bearer: Use = { checks: BEARER_USE, remembers: false };
