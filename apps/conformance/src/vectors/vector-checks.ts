import { FILES, type FileName, type FileReport, readVectors } from "@attest/vectors";
import { keywordOf } from "../../../../spec/conformance/requirements.mjs";
import { isSelected } from "../../../../spec/conformance/select.mjs";
import { type ConformanceCheck, type Outcome, recordCheck } from "../check.ts";
import { EVIDENCE, REQUIREMENTS, requirementOf } from "../requirements.ts";

/**
 * What an implementation's answers about vectors say of each requirement that vectors show: nothing wrong where it agrees with all of
 * them that it supports.
 *
 * @param reports Of files, each of which one driver was asked about.
 */
export function vectorChecks(reports: readonly FileReport[]): ConformanceCheck[] {
  const differing = new Set(reports.flatMap(({ differences }) => differences.map(({ id }) => id)));
  const unsupported = new Set(reports.flatMap(({ unsupportedIds }) => unsupportedIds));
  const asked = new Set(reports.map(({ file }) => file));
  return [...vectorsByRequirement()].map(([id, vectors]) => {
    const shown = vectors.filter(({ file }) => asked.has(file)).map((vector) => vector.id);
    const outcome = outcomeOf(
      shown.filter((vector) => differing.has(vector)),
      shown.some((vector) => !unsupported.has(vector)),
    );
    return recordCheck(requirementOf(id), "Agrees with the vectors that show it", outcome);
  });
}

/** The vectors that show each requirement that any shows, in the order of SPEC.md. */
export function vectorsByRequirement(): ReadonlyMap<
  string,
  readonly { readonly file: FileName; readonly id: string }[]
> {
  const all = (Object.keys(FILES) as FileName[]).flatMap((file) =>
    readVectors(file).vectors.map((vector) => ({ file, vector, id: vector.id })),
  );
  const required = REQUIREMENTS.filter((id) => keywordOf(requirementOf(id).text) !== "MAY");
  const shown = required.map((id) => {
    const selectors = EVIDENCE[id]?.vectors ?? [];
    const named = `SPEC-${id}`;
    const vectors = all.filter(
      ({ file, vector }) =>
        (vector["requirements"] as string[]).includes(named) ||
        selectors.some((selector) => isSelected(selector, file, vector)),
    );
    return [id, vectors] as const;
  });
  return new Map(shown.filter(([, vectors]) => vectors.length > 0));
}

function outcomeOf(differing: readonly string[], supported: boolean): Outcome {
  if (differing.length > 0) return { problem: `It disagrees on ${differing.length}, first on ${differing[0]}` };
  return supported ? undefined : { skipped: "No driver was asked about its vectors, or supports any of them" };
}
