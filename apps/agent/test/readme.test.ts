import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const PACKAGES = ["core", "mcp-server", "mcp-client", "cache-redis", "replay-cache-contract"];

it.each(["README.md", ...PACKAGES.map((name) => `packages/${name}/README.md`)])(
  "compiles the examples of %s as a strict user would",
  (file) => {
    const blocks = [...readFileSync(join(root, file), "utf8").matchAll(/^```ts\n(.*?)^```/gms)].map(
      ([, code = ""]) => code,
    );
    expect(blocks.length).toBeGreaterThan(0);
    // A package's examples are compiled beside what that package itself depends on; the root's, beside this app's.
    const home = file === "README.md" ? join(root, "apps/agent") : join(root, dirname(file));
    const project = join(home, ".readme", "compiled");
    folders.push(project);
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
  },
);
