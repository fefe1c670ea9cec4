import { type Document, isCollection, isMap, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import { ConfigurationError, type ConfigurationProblem } from "./configuration-error.ts";

/** A configuration and where its parts are written. */
export interface ParsedConfiguration<T = unknown> {
  /** What it says, checked, with defaults filled in. */
  readonly configuration: T;
  /** The line of a path's value, or of the nearest part around it that is there. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** What a configuration must be. */
export interface ConfigurationForm<S extends z.ZodType> {
  /** What each member must be; its defaults are filled in. */
  readonly schema: S;
  /** What is said of members that are not known, where more can be said. */
  readonly unknown?: Readonly<Record<string, string>>;
  /** What is wrong with a configuration whose members are all right, each with its place. */
  lacks?(configuration: z.output<S>): readonly (readonly [path: readonly PropertyKey[], message: string])[];
}

/**
 * Reads a configuration, YAML 1.2 or JSON, and checks it whole.
 *
 * @param text What is in the file.
 * @param file What errors call it.
 * @param form What it must be.
 * @throws ConfigurationError with everything that is wrong, by line.
 */
export function parseConfiguration<S extends z.ZodType>(
  text: string,
  file: string,
  { schema, unknown = {}, lacks }: ConfigurationForm<S>,
): ParsedConfiguration<z.output<S>> {
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
    const lacking = lacks?.(result.data) ?? [];
    if (lacking.length === 0) return { configuration: result.data, lineOf };
    throw new ConfigurationError(
      file,
      lacking.map(([path, message]) => problem(path, message, { lineOf, unknown })),
    );
  }
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, { lineOf, unknown }));
  throw new ConfigurationError(file, problems);
}

type Issue = z.core.$ZodIssue;

/** What is needed to tell a problem. */
interface Telling extends Pick<ParsedConfiguration, "lineOf"> {
  readonly unknown: Readonly<Record<string, string>>;
}

function problemsOf(issue: Issue, telling: Telling): ConfigurationProblem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const whole = [...path, key];
      const message = (path.length === 0 && telling.unknown[key]) || "is not known here";
      return problem(whole, message, telling);
    });
  }
  if (issue.code === "invalid_union") return unionProblems(issue, telling);
  if (issue.code === "invalid_key") return [problem(path, "is not a good name here", telling)];
  return [problem(path, sentence(issue.message), telling)];
}

/** Of several forms, the one that is meant is the one that knows the member that is there. */
function unionProblems(issue: Extract<Issue, { code: "invalid_union" }>, telling: Telling): ConfigurationProblem[] {
  const { path, errors } = issue;
  const meant = errors.find(
    (issues) =>
      issues.length > 0 &&
      issues.every(({ path: [member] }) => member !== undefined) &&
      !issues.some((one) => one.code === "invalid_type" && one.path.length === 1),
  );
  if (!meant) return [problem(path, "is not one of the forms that are known here", telling)];
  return meant.flatMap((one) => problemsOf({ ...one, path: [...path, ...one.path] } as Issue, telling));
}

function problem(path: readonly PropertyKey[], message: string, { lineOf }: Telling): ConfigurationProblem {
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
