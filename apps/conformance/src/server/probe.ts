import type { SpecVersion } from "../scenario.ts";
import type { ServerWire } from "./server-wire.ts";

/** One exchange with a server, and what must come of it. */
export interface Probe {
  readonly name: string;
  /** The requirements that it shows. */
  readonly requirements: readonly string[];
  /** The only version of MCP that has this. Default: both do. */
  readonly only?: SpecVersion;
  /** Whether it goes without a session, in the era that has them. */
  readonly outside?: true;
  /** @returns What is wrong; `undefined` where nothing is; why it does not apply. */
  run(wire: ServerWire): Promise<string | undefined | { readonly skipped: string }>;
}

/** The first of several things that does not hold, in words. */
export function firstWrong(facts: Readonly<Record<string, boolean>>): string | undefined {
  const wrong = Object.entries(facts).find(([, holds]) => !holds);
  return wrong && `Not so: ${wrong[0]}`;
}
