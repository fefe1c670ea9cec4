import type { FailureReason } from "../answer/upstream-failure.ts";
import { ProcessEnded } from "./child.ts";

/** Why a process was not given a request: it has ended, which the writer may notice first, or has far too much to read already. */
export function unwritten(error: unknown): FailureReason {
  return error instanceof ProcessEnded ? "broke-off" : "busy";
}
