import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "node:util";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const EXAMPLES = ".examples";

/** A `ts` block of a document or of a docstring's `@example`; with `ts run` it is run too, and prints the `text` block that follows it. */
interface Example {
  readonly file: string;
  readonly code: string;
  readonly prints: string | undefined;
}

const documents = [
  "README.md",
  ...list("docs"),
  ...readdirSync(join(root, "packages")).flatMap((name) => [
    ...list(`packages/${name}`),
    ...sources(`packages/${name}/src`),
  ]),
];
const examples = new Map(documents.map((document) => [document, examplesOf(document)]));

function list(directory: string): string[] {
  return readdirSync(join(root, directory))
    .filter((name) => name.endsWith(".md") && name !== "CHANGELOG.md")
    .map((name) => `${directory}/${name}`);
}

/** The sources with examples in their docstrings. */
function sources(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
    .map((name) => `${directory}/${name}`)
    .filter((name) => name.endsWith(".ts") && textOf(name) !== "");
}

/** A document; of a source, the examples in its docstrings. */
function textOf(document: string): string {
  const text = readFileSync(join(root, document), "utf8");
  if (!document.endsWith(".ts")) return text;
  return [...text.matchAll(/^ *\* @example\n(.*?)^ *\*\/$/gms)]
    .map(([, example = ""]) => example.replaceAll(/^ *\* ?/gm, ""))
    .join("\n");
}

function examplesOf(document: string): Example[] {
  const text = textOf(document);
  const blocks = [...text.matchAll(/^```ts( run)?\n(.*?)^```(?:\n\n```text\n(.*?)^```)?/gms)];
  return blocks.map(([, run, code = "", prints], i) => ({
    // A package's examples are compiled beside what that package depends on; all others, beside what these guides do.
    file: join(homeOf(document), EXAMPLES, `${document.replaceAll("/", "-")}-${i}.ts`),
    code,
    prints: run && (prints ?? ""),
  }));
}

function homeOf(document: string): string {
  return join(root, document.startsWith("packages/") ? document.split("/").slice(0, 2).join("/") : "docs");
}

const homes = [...new Set(documents.map(homeOf))];
let errors = "";
beforeAll(() => {
  for (const home of homes) mkdirSync(join(home, EXAMPLES), { recursive: true });
  for (const { file, code } of [...examples.values()].flat()) writeFileSync(file, `${code}\nexport {};\n`);
  const folder = join(root, "docs", EXAMPLES);
  const compilerOptions = { noUnusedLocals: false };
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions,
    include: homes.map((home) => join(home, EXAMPLES, "*.ts")),
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  try {
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8" });
  } catch (error) {
    errors = (error as { stdout?: string }).stdout || String(error);
  }
}, 120_000);
afterAll(() => {
  for (const home of homes) rmSync(join(home, EXAMPLES), { recursive: true, force: true });
});

const withExamples = [...examples].filter(([, found]) => found.length > 0);

describe("the examples of the documentation", () => {
  it("are found where they are expected", () => {
    expect(withExamples.map(([document]) => document)).toEqual(
      expect.arrayContaining([
        "README.md",
        "docs/run-an-authority.md",
        "packages/core/README.md",
        "packages/core/src/keys/key-pair.ts",
      ]),
    );
    for (const document of documents.filter((name) => name.startsWith("packages/"))) {
      // A command's README shows commands, which its own tests run.
      if (!JSON.parse(readFileSync(join(homeOf(document), "package.json"), "utf8")).publishConfig?.exports) continue;
      expect(examples.get(document)?.length, `${document} shows no use of its package`).toBeGreaterThan(0);
    }
  });

  it.each(withExamples)("compile as a strict user would: %s", (document) => {
    const own = errors.split("\n").filter((line) => line.includes(`${document.replaceAll("/", "-")}-`));
    expect(own.join("\n")).toBe("");
  });

  it("are all that the compiler has something to say about", () => {
    expect(errors.split("\n").filter((line) => line.includes("error") && !/-\d+\.ts\(/.test(line))).toEqual([]);
  });

  const runnable = [...examples].flatMap(([document, found]) =>
    found
      .filter(({ prints }) => prints !== undefined)
      .map(({ file, prints }, i) => [document, i + 1, file, prints] as const),
  );
  it.each(runnable)("run and print what is shown: %s, %i", async (_, _i, file, prints) => {
    let printed = "";
    const log = vi.spyOn(console, "log").mockImplementation((...args) => {
      printed += `${format(...args)}\n`;
    });
    await import(/* @vite-ignore */ file).finally(() => log.mockRestore());
    expect(printed).toBe(prints);
  });
});
