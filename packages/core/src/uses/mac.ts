import { MAC } from "../checks/in-order.ts";
import type { Use } from "./use.ts";

/** A MAC under a key that one signed proof agreed, for this message and no other. */
export const mac: Use = { checks: MAC, remembers: true };
