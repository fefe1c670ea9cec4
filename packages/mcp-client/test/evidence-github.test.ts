import { expect, it } from "vitest";
import { githubCredential } from "../src/evidence/github.ts";
import { AUDIENCE, ask, openPlatform, type PlatformAnswer, THUMBPRINT } from "./platform-double.ts";

/** The endpoint that a job's environment names, as it is documented. */
const tokens: PlatformAnswer = ({ method, url, headers }) => {
  if (headers.authorization?.toLowerCase() !== "bearer of-the-job") return [401, "{}"];
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const known = method === "GET" && pathname === "/run/idtoken" && searchParams.get("api-version") === "2.0";
  return known ? [200, JSON.stringify({ value: `for:${searchParams.getAll("audience")}` })] : [404, "{}"];
};
const options = (url: string) =>
  ({ audience: AUDIENCE, requestUrl: `${url}/run/idtoken?api-version=2.0`, requestToken: "of-the-job" }) as const;

it("asks GitHub for a token that is good for the agent's key alone", async () => {
  const { url, received } = await openPlatform(tokens);
  expect(await githubCredential(options(url))(ask())).toBe(`for:${AUDIENCE}#${THUMBPRINT}`);
  // The number sign travels as a part of the audience, and ends no URL.
  expect(received[0]?.url).toContain(`%23${THUMBPRINT}`);
  expect(await githubCredential({ ...options(url), keyBound: false })(ask())).toBe(`for:${AUDIENCE}`);
});

it("says that GitHub refused", async () => {
  const { url } = await openPlatform(tokens);
  const failure = githubCredential({ ...options(url), requestToken: "of-another" })(ask());
  await expect(failure).rejects.toMatchObject({
    code: "ERR_SOURCE_UNAVAILABLE",
    message: expect.stringContaining("HTTP 401"),
  });
});

it.each<[string, object]>([
  ["requestUrl", { requestUrl: undefined }],
  ["id-token: write", { requestToken: undefined }],
  ["requestToken", { requestToken: "a b" }],
  ["audience", { audience: "" }],
])("refuses a wrong %s at the start", (name, changes) => {
  expect(() => githubCredential({ ...options("https://actions.example"), ...changes })).toThrow(name);
});
