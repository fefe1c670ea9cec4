// Writes docs/api/<package>.md: the public surface of every package, with its docstrings, in the groups of the package's index.ts;
// and docs/api/README.md, which lists everything by task. Reviewed like code: a change of the surface is a change of these files,
// and --check fails where one was not made on purpose.
// Usage: node tools/api-reference/write.mjs [--check]
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, Comment, CommentTag, Converter, ReflectionKind } from "typedoc";
import { programs } from "./programs.mjs";
import { writeIndex } from "./write-index.mjs";

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
      description: manifest.description,
      source: join(root, "packages", name, target["@attest/source"]),
    }));
});

const nextProgram = programs(fileURLToPath(new URL("tsconfig.json", import.meta.url)));
let stale = false;
mkdirSync(folder, { recursive: true });
const written = new Set();
const described = [];
for (const { specifier, source, description } of entries) {
  const file = `${specifier.replace("@attest/", "").replaceAll("/", "-")}.md`;
  const { page, exports } = await describe(specifier, source);
  described.push({ specifier, description, file, exports });
  put(file, page);
}
put("README.md", withThreats(writeIndex(described)));
for (const file of readdirSync(folder).filter((name) => !written.has(name))) {
  stale = true;
  if (check) console.error(`docs/api/${file} describes nothing that is there`);
  else rmSync(join(folder, file));
}
if (check && stale) process.exit(1);
console.log(`${entries.length} entry points described in docs/api`);

/** Writes a page, or with --check says that it would change. */
function put(file, page) {
  written.add(file);
  if (read(join(folder, file)) === page) return;
  stale = true;
  if (check) console.error(`docs/api/${file} is not what the code says: run node tools/api-reference/write.mjs`);
  else writeFileSync(join(folder, file), page);
}

/** One entry point as one page of Markdown, and what it exports. */
async function describe(specifier, source) {
  const app = await Application.bootstrapWithPlugins({
    plugin: ["typedoc-plugin-markdown"],
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
    tableColumnSettings: { hideInherited: true, hideOverrides: true },
    mergeReadme: true,
  });
  app.getEntryPoints = () => {
    const program = nextProgram();
    return [{ displayName: specifier, program, sourceFile: program.getSourceFile(source) }];
  };
  const groups = groupsOf(source);
  app.options.setValue("groupOrder", [...new Set(groups.values())]);
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const one of project.children ?? []) group(one, groups.get(one.name));
  });
  const project = await app.convert();
  if (!project) throw new Error(`${specifier} cannot be described`);
  for (const name of undocumented(project)) {
    console.error(`${specifier} exports ${name} without a docstring`);
    process.exitCode = 1;
  }
  await app.generateOutputs(project);
  const page = tidy(readFileSync(join(work, "README.md"), "utf8"));
  for (const [row] of page.matchAll(/^\|.*\| - \|$/gm)) {
    console.error(`${specifier} has a member without a docstring: ${row}`);
    process.exitCode = 1;
  }
  return { page, exports: exportsOf(project, groups, page) };
}

/** The comment above each export of an index.ts, which groups them; empty where there are no such comments. */
function groupsOf(source) {
  const groups = new Map();
  let group;
  for (const statement of readFileSync(source, "utf8").split(/(?<=;)\n|\n(?=\/\/)|(?<=^\/\/.*)\n/m)) {
    const heading = /^\s*\/\/ (.*)$/m.exec(statement)?.[1];
    if (heading !== undefined) group = heading;
    const names = /\{([^}]*)\}/s.exec(statement)?.[1] ?? "";
    for (const name of names.split(",").map((each) => each.trim().replace(/^type /, ""))) {
      if (name !== "" && group !== undefined) groups.set(name, group);
    }
  }
  return groups;
}

/** Puts an export into a group of its page. */
function group(one, title) {
  if (title === undefined) return;
  const tag = () => new CommentTag("@group", [{ kind: "text", text: title }]);
  for (const each of one.signatures?.length ? one.signatures : [one]) {
    each.comment ??= new Comment();
    each.comment.blockTags.push(tag());
  }
}

/** What an entry point exports: name, kind, group, the first sentence of its docstring and its anchor on the page. */
function exportsOf(project, groups, page) {
  const anchors = anchorsOf(page);
  const order = [...new Set(groups.values())];
  const placeOf = ({ name }) => order.indexOf(groups.get(name));
  const sorted = (project.children ?? []).toSorted((a, b) => placeOf(a) - placeOf(b));
  return sorted.map((one) => {
    const comment = one.comment?.summary.length ? one.comment : one.signatures?.[0]?.comment;
    const deprecated = one.comment?.getTag("@deprecated")?.content;
    const words = comment?.summary.length
      ? comment.summary
      : [{ kind: "text", text: "Deprecated: " }, ...(deprecated ?? [])];
    const text = Comment.combineDisplayParts(words).split(/\n\n/)[0].replaceAll("\n", " ");
    const anchor = anchors.get(one.name) ?? "";
    const sentence = /^.*?[.!?](?= |$)/.exec(text.replaceAll("i.e.", "that is"))?.[0] ?? text;
    const isType = one.kindOf([ReflectionKind.Interface, ReflectionKind.TypeAlias]);
    return { name: one.name, isType, group: groups.get(one.name), sentence, anchor };
  });
}

/** The anchor of each export's heading, as GitHub makes it. */
function anchorsOf(page) {
  const taken = new Map();
  const anchors = new Map();
  for (const [, level, heading] of page.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/^(#+) (.*)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
    const times = taken.get(slug) ?? 0;
    taken.set(slug, times + 1);
    const anchor = times === 0 ? slug : `${slug}-${times}`;
    if (level === "###") anchors.set(heading.replace(/\(\)(?=~*$)/, "").replaceAll(/[\\~]/g, ""), anchor);
  }
  return anchors;
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
    .replaceAll(/[ \t]+$/gm, "")
    .replace(/^[\s\S]*$/, (text) => withAnchors(withThreats(text)));
}

/** Links to an export lead to its heading, also where typedoc counted another of the same name that the page does not show. */
function withAnchors(page) {
  const anchors = anchorsOf(page);
  return page.replaceAll(/\[`(\w+)`\]\(#[\w-]+\)/g, (link, name) => {
    const anchor = anchors.get(name);
    return anchor === undefined ? link : `[\`${name}\`](#${anchor})`;
  });
}

/** The threats in docstrings' parentheses, as links to what they mean. */
function withThreats(text) {
  return text.replaceAll(/\(([A-Z]\d+(?:, [A-Z]\d+)*)((?:, SPEC-[\d.]+)*)\)/g, (_, ids, others) => {
    const links = ids.split(", ").map((id) => `[${id}](../threats.md#${id.toLowerCase()})`);
    return `(${links.join(", ")}${others})`;
  });
}

function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
