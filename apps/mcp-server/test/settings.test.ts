import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { readSettings } from "../src/settings.ts";

const issuer = {
  issuer: "https://models.example",
  trustLevel: "provider",
  trustDomains: ["example.com"],
  jwksUri: "https://models.example/.well-known/jwks.json",
};
const good = { audience: "https://bank.example/mcp", issuers: [issuer] };
const read = (settings: object, environment: NodeJS.ProcessEnv = {}) =>
  readSettings({ ATTEST_SERVER: JSON.stringify(settings), ...environment });

describe("the server's settings", () => {
  it("have defaults that open nothing", async () => {
    expect(await read(good)).toMatchObject({
      host: "127.0.0.1",
      replicas: 1,
      policy: "required",
      dangerouslyAllowLocalKeySources: false,
      maxDelegationDepth: 0,
    });
  });

  it("let the environment take precedence", async () => {
    const environment = { REDIS_URL: "redis://redis:6379", ATTEST_SERVER_PORT: "8080", ATTEST_SERVER_HOST: "0.0.0.0" };
    expect(await read({ ...good, replicas: 3 }, environment)).toMatchObject({
      redisUrl: "redis://redis:6379",
      port: 8080,
      host: "0.0.0.0",
      replicas: 3,
    });
  });

  it("refuse replicas that would not share what was used (R6)", async () => {
    await expect(read({ ...good, replicas: 2 })).rejects.toThrow("redisUrl");
  });

  it.each<[string, object]>([
    ["audience", { audience: "bank" }],
    ["issuers", { issuers: [] }],
    ["keys or jwksUri", { issuers: [{ ...issuer, jwksUri: undefined }] }],
    ["keys or jwksUri", { issuers: [{ ...issuer, keys: [{ kty: "OKP" }] }] }],
    ["jwksUri", { issuers: [{ ...issuer, jwksUri: "file:///etc/passwd" }] }],
    ["trustLevel", { issuers: [{ ...issuer, trustLevel: "none" }] }],
    ["policy", { policy: "none" }],
    ["replicas", { replicas: 0 }],
    ["redisUrl", { redisUrl: "http://redis" }],
    ["allowBearer", { allowBearer: true }],
    ["maxDelegationDepth", { maxDelegationDepth: 5 }],
    ["statusLists", { issuers: [{ ...issuer, statusLists: [] }] }],
    ["statusLists", { issuers: [{ ...issuer, statusLists: ["file:///etc/passwd"] }] }],
    ["ticketRing", { ticketRing: ["short"] }],
  ])("refuse at the start a wrong %s: %o", async (name, changes) => {
    await expect(read({ ...good, ...changes })).rejects.toThrow(name);
  });

  it("must be there, and be JSON", async () => {
    await expect(readSettings({})).rejects.toThrow("ATTEST_SERVER");
    await expect(readSettings({ ATTEST_SERVER: "{" })).rejects.toThrow("JSON");
    await expect(readSettings({ ATTEST_SERVER_CONFIG: "/nonexistent/settings.json" })).rejects.toThrow("ENOENT");
  });

  it("are not quoted when they are no JSON, passwords least of all (O1)", async () => {
    const problem = await readSettings({ ATTEST_SERVER: "hunter2" }).catch((error) => error);
    expect(problem).toBeInstanceOf(Error);
    expect(inspect(problem)).not.toContain("hunter2");
    const ring = await read({ ...good, ticketRing: ["hunter2"] }).catch((error) => error);
    expect(inspect(ring)).not.toContain("hunter2");
  });
});
