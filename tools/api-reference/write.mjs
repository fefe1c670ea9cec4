// Writes docs/api/<package>.md: the public surface of every package, with its docstrings. Reviewed like code: a change of the
// surface is a change of these files, and --check fails where one was not made on purpose.
// Usage: node tools/api-reference/write.mjs [--check]
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind } from "typedoc";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "docs/api");
const check = process.argv.includes("--check");
const work = mkdtempSync(join(tmpdir(), "attest-api-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

/** The source of each entry point of each package, by its import specifier. */
const entries = readdirSync(join(root, "packages")).flatMap((name) => {
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
  return Object.entries(manifest.exports ?? {})
    .filter(([, target]) => typeof target === "object" && target["@attest/source"] !== undefined)
    .map(([path, target]) => ({
      specifier: manifest.name + path.slice(1),
      source: join(root, "packages", name, target["@attest/source"]),
    }));
});

let stale = false;
mkdirSync(folder, { recursive: true });
const written = new Set();
for (const { specifier, source } of entries) {
  const file = `${specifier.replace("@attest/", "").replaceAll("/", "-")}.md`;
  written.add(file);
  const page = await describe(specifier, source);
  const before = read(join(folder, file));
  if (before === page) continue;
  stale = true;
  if (check) console.error(`docs/api/${file} is not what the code says: run node tools/api-reference/write.mjs`);
  else writeFileSync(join(folder, file), page);
}
for (const file of readdirSync(folder).filter((name) => !written.has(name))) {
  stale = true;
  if (check) console.error(`docs/api/${file} describes nothing that is there`);
  else rmSync(join(folder, file));
}
if (check && stale) process.exit(1);
console.log(`${entries.length} entry points described in docs/api`);

/** One entry point as one page of Markdown. */
async function describe(specifier, source) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: [source],
    tsconfig: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
    name: specifier,
    readme: "none",
    logLevel: "Error",
    skipErrorChecking: true, // types are checked by the build, with the TypeScript that the packages are written for
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    sort: ["kind", "alphabetical"],
    out: work,
    router: "module",
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    expandObjects: true,
    interfacePropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    parametersFormat: "table",
    enumMembersFormat: "table",
    mergeReadme: true,
  });
  const project = await app.convert();
  if (!project) throw new Error(`${specifier} cannot be described`);
  for (const name of undocumented(project)) {
    console.error(`${specifier} exports ${name} without a docstring`);
    process.exitCode = 1;
  }
  await app.generateOutputs(project);
  return tidy(readFileSync(join(work, "README.md"), "utf8"));
}

/** Exports, and the methods of exported classes and interfaces, that no docstring describes. */
function undocumented(project) {
  const described = (one) => one.hasComment() || one.signatures?.some((signature) => signature.hasComment());
  const method = ({ kind }) => kind === ReflectionKind.Method;
  return (project.children ?? []).flatMap((one) => [
    ...(described(one) ? [] : [one.name]),
    ...(one.children ?? [])
      .filter((member) => method(member) && !described(member))
      .map(({ name }) => `${one.name}.${name}`),
  ]);
}

/** Makes differences small: the union of all error codes is spelt out where it is defined and named elsewhere. */
function tidy(page) {
  const codes = [...new Set(page.match(/"ERR_\w+"/g))].map((code) => `\n  | ${code}`).join("");
  return page
    .split(/(?=^### )/m)
    .map((section) => {
      if (section.startsWith("### AttestationErrorCode")) return section.replace(" keyof typeof REASON_BY_CODE", codes);
      return section
        .replaceAll(/(?:\\\| `"ERR_\w+"` ?){20,}/g, "`AttestationErrorCode` ")
        .replaceAll(/\s+(?:\| "ERR_\w+"\s*){20,}/g, " AttestationErrorCode");
    })
    .join("")
    .replaceAll(/\[([^\]]*)\]\(#property-[^)]*\)/g, "$1")
    .replaceAll(/<a id="property-[^"]*"><\/a> /g, "")
    .replaceAll(/\(([A-Z]\d+(?:, [A-Z]\d+)*)((?:, SPEC-[\d.]+)*)\)/g, linked)
    .replaceAll(/[ \t]+$/gm, "");
}

/** The threats of a docstring's parentheses, as links to what they mean. */
function linked(_, ids, others) {
  const links = ids.split(", ").map((id) => `[${id}](../threats.md#${id.toLowerCase()})`);
  return `(${links.join(", ")}${others})`;
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
