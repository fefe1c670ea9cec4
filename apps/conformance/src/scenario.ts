import type { ConformanceCheck } from "./check.ts";

/** The version of MCP that a run speaks: of the handshake era, or of the stateless one. */
export type SpecVersion = "2025-11-25" | "2026-07-28";

/** Where a scenario's requirements come from: an extension, which belongs to no version of MCP. */
interface ScenarioSource {
  readonly extensionId: string;
}

/** What a run gives to a scenario about servers. */
export interface RunContext {
  readonly serverUrl: string;
  readonly specVersion: SpecVersion;
}

/** Drives a server: `ClientScenario` in the conformance suite of MCP, because it is the client. */
export interface ServerScenario {
  readonly name: string;
  readonly description: string;
  readonly source: ScenarioSource;
  run(context: RunContext): Promise<ConformanceCheck[]>;
}

/** What a client under test is started with. */
export interface ScenarioUrls {
  readonly serverUrl: string;
  /** Goes to the client as JSON in `MCP_CONFORMANCE_CONTEXT`. */
  readonly context?: Readonly<Record<string, unknown>>;
}

/** Drives a client, by playing the server: `Scenario` in the conformance suite of MCP. Each run needs a new one. */
export interface ClientScenario {
  readonly name: string;
  readonly description: string;
  readonly source: ScenarioSource;
  start(context: Pick<RunContext, "specVersion">): Promise<ScenarioUrls>;
  stop(): Promise<void>;
  /** Called once the client has ended, before `stop`. */
  getChecks(): ConformanceCheck[];
}
