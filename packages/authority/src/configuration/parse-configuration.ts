import { type Document, isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { ConfigurationError, type ConfigurationProblem } from "./configuration-error.ts";
import { type AuthorityConfigurationFile, schema } from "./schema.ts";

/** A configuration and where its parts are written. */
export interface ParsedConfiguration {
  readonly configuration: AuthorityConfigurationFile;
  /** The line of a path's value, or of the nearest part around it that is there. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/**
 * Reads a configuration, YAML 1.2 or JSON, and checks it whole.
 *
 * @param file What errors call it. @throws ConfigurationError with everything that is wrong, by line.
 */
export function parseConfiguration(text: string, file: string): ParsedConfiguration {
  const lines = new LineCounter();
  // Without a frame of the text around an error: a hash of a secret is not repeated (O1).
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: "1.2" });
  const syntax = [...document.errors, ...document.warnings].map(({ code, pos: [at] }) => ({
    place: "",
    line: lines.linePos(at).line,
    message: `is not good YAML or JSON (${code})`,
  }));
  if (syntax.length > 0) throw new ConfigurationError(file, syntax);
  const lineOf = (path: readonly PropertyKey[]) => lineIn(document, lines, path);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 50 });
  } catch {
    throw new ConfigurationError(file, [{ place: "", message: "has too many aliases" }]);
  }
  const result = schema.safeParse(value);
  if (result.success) {
    const missing = missingParts(result.data).map(([path, message]) => problem(path, message, lineOf));
    if (missing.length > 0) throw new ConfigurationError(file, missing);
    return { configuration: result.data, lineOf };
  }
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, lineOf));
  throw new ConfigurationError(file, problems);
}

/** Parts that do nothing without others. */
function missingParts({ storage, statusList, admin }: AuthorityConfigurationFile): [PropertyKey[], string][] {
  if (statusList) return [];
  const why = "does nothing without statusList";
  return [
    ...(storage ? [[["storage"], why] as [PropertyKey[], string]] : []),
    ...(admin?.token === undefined ? [] : [[["admin", "token"], why] as [PropertyKey[], string]]),
  ];
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, lineOf: ParsedConfiguration["lineOf"]): ConfigurationProblem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      return problem([...path, key], "is not known here", lineOf);
    });
  }
  if (issue.code === "invalid_union") return unionProblems(issue, lineOf);
  if (issue.code === "invalid_key") return [problem(path, "is not a good name here", lineOf)];
  return [problem(path, sentence(issue.message), lineOf)];
}

/** Of several forms, the one that is meant is the one that knows the member that is there. */
function unionProblems(
  issue: Extract<Issue, { code: "invalid_union" }>,
  lineOf: ParsedConfiguration["lineOf"],
): ConfigurationProblem[] {
  const { path, errors } = issue;
  const meant = errors.find(
    (issues) =>
      issues.length > 0 &&
      issues.every(({ path: [member] }) => member !== undefined) &&
      !issues.some((one) => one.code === "invalid_type" && one.path.length === 1),
  );
  if (!meant) return [problem(path, "is none of the forms that are known here", lineOf)];
  return meant.flatMap((one) => problemsOf({ ...one, path: [...path, ...one.path] } as Issue, lineOf));
}

function problem(
  path: readonly PropertyKey[],
  message: string,
  lineOf: ParsedConfiguration["lineOf"],
): ConfigurationProblem {
  const line = lineOf(path);
  return { place: placeOf(path), ...(line !== undefined && { line }), message };
}

/** A path as the rules' own errors write it: `rules[0].attest.audiences`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`))
    .join("")
    .replace(/^\./, "");
}

function sentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function lineIn(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | undefined {
  let at: unknown = document.contents;
  let offset = (at as Node | null)?.range?.[0];
  for (const part of path) {
    if (!isCollection(at)) break;
    if (isMap(at)) {
      const pair = at.items.find(({ key }) => (isScalar(key) ? String(key.value) : undefined) === String(part));
      if (!pair) break;
      offset = (pair.key as Node).range?.[0] ?? offset;
      at = pair.value;
    } else {
      at = at.get(part, true);
      offset = (at as Node | undefined)?.range?.[0] ?? offset;
    }
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
