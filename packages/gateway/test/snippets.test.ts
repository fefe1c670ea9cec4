import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const GUIDE = readFileSync(new URL("../../../docs/with-an-unchanged-client.md", import.meta.url), "utf8");
const COMMAND = readFileSync(new URL("../../cli/src/commands/connect.ts", import.meta.url), "utf8");
const snippets = [...GUIDE.matchAll(/^```json\n(.*?)^```/gms)].map(([, code = ""]) => JSON.parse(code));

it("what the guide has clients configured with is JSON in their form, and names options that there are", () => {
  expect(snippets).toHaveLength(3);
  const servers = snippets.flatMap((each) => Object.values(each.mcpServers ?? each.servers)) as Record<
    string,
    unknown
  >[];
  for (const { command, args, url, headers } of servers) {
    if (url !== undefined) {
      expect(new URL(url as string).hostname).toBe("127.0.0.1");
      expect(headers).toHaveProperty("Authorization");
      continue;
    }
    expect(command).toBe("npx");
    const given = (args as string[]).filter((arg) => arg.startsWith("--"));
    expect(given.filter((option) => !COMMAND.includes(`"${option} `))).toEqual([]);
  }
});
