import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = fileURLToPath(new URL("../.readme", import.meta.url));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  "README.md",
  "packages/attacks/README.md",
  "packages/core/README.md",
  "packages/jwks/README.md",
  "packages/mcp-client/README.md",
  "packages/mcp-server/README.md",
  "packages/observability/README.md",
])("compiles the examples of %s as a strict user would", (file) => {
  const blocks = [...readFileSync(join(root, file), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(
    ([, code = ""]) => code,
  );
  expect(blocks.length).toBeGreaterThan(0);
  const project = join(folder, dirname(file));
  mkdirSync(project, { recursive: true });
  blocks.forEach((code, i) => {
    writeFileSync(join(project, `example-${i}.ts`), `${code}\nexport {};\n`);
  });
  const config = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: { noUnusedLocals: false },
    include: ["*.ts"],
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
  const compile = () =>
    execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], {
      encoding: "utf8",
    });
  try {
    expect(compile()).toBe("");
  } catch (error) {
    throw new Error((error as { stdout?: string }).stdout ?? String(error));
  }
});
