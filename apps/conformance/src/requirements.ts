import { readFileSync } from "node:fs";
import { type Requirement, requirementsIn } from "../../../spec/conformance/requirements.mjs";

/** What shows a requirement (`spec/conformance/checks.json`). */
export interface Evidence {
  /** Selectors of vectors, in addition to those that name the requirement. */
  readonly vectors?: readonly string[];
  /** Attacks of `@attest/attacks`, which the scenario for servers runs. */
  readonly attacks?: readonly string[];
  /** The scenarios that have cases of their own for it. */
  readonly scenarios?: readonly ("server" | "client")[];
}

const SPEC_FOLDER = new URL("../../../spec/", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, SPEC_FOLDER), "utf8");

const requirements: ReadonlyMap<string, Requirement> = new Map(
  requirementsIn(read("../SPEC.md")).requirements.map((requirement) => [requirement.id, requirement]),
);

/** What shows each requirement, by its number. */
export const EVIDENCE: Readonly<Record<string, Evidence>> = JSON.parse(read("conformance/checks.json"));

/** The numbers of all requirements, in the order of SPEC.md. */
export const REQUIREMENTS: readonly string[] = [...requirements.keys()];

/** @throws If SPEC.md has no requirement of that number. */
export function requirementOf(id: string): Requirement {
  const requirement = requirements.get(id);
  if (!requirement) throw new Error(`SPEC.md has no requirement ${id}`);
  return requirement;
}
