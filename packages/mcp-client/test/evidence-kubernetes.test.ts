import { expect, it } from "vitest";
import { kubernetesCredential } from "../src/evidence/kubernetes.ts";
import { AUDIENCE, ask, openPlatform, type PlatformAnswer, THUMBPRINT } from "./platform-double.ts";

/** The TokenRequest API as it is documented: what it does not know, it refuses. */
const tokenRequest: PlatformAnswer = ({ method, url, headers, body }) => {
  if (headers.authorization !== "Bearer mounted") return [401, '{"kind":"Status","message":"Unauthorized: mounted"}'];
  if (method !== "POST" || url !== "/api/v1/namespaces/finance/serviceaccounts/bot/token") return [404, "{}"];
  const { apiVersion, kind, spec } = JSON.parse(body);
  const good = apiVersion === "authentication.k8s.io/v1" && kind === "TokenRequest" && spec.expirationSeconds >= 600;
  if (!good || headers["content-type"] !== "application/json") return [422, "{}"];
  return [201, JSON.stringify({ apiVersion, kind, spec, status: { token: `for:${spec.audiences}` } })];
};
const options = (apiServer: string) =>
  ({ audience: AUDIENCE, namespace: "finance", serviceAccount: "bot", apiServer, token: () => "mounted\n" }) as const;

it("asks the TokenRequest API for a token that is good for the agent's key alone", async () => {
  const { url, received } = await openPlatform(tokenRequest);
  const pod = { name: "bot-7d9c", uid: "5e0bd49b" };
  expect(await kubernetesCredential({ ...options(url), pod })(ask())).toBe(`for:${AUDIENCE}#${THUMBPRINT}`);
  const boundObjectRef = { apiVersion: "v1", kind: "Pod", ...pod };
  expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ spec: { boundObjectRef, expirationSeconds: 600 } });
});

it("asks for the bare audience where that is wanted", async () => {
  const { url } = await openPlatform(tokenRequest);
  expect(await kubernetesCredential({ ...options(url), keyBound: false })(ask())).toBe(`for:${AUDIENCE}`);
});

it.each<[string, PlatformAnswer, string]>([
  ["refuses", () => [403, '{"message":"secret"}'], "HTTP 403"],
  ["redirects", () => [302, "", { Location: "http://127.0.0.1:1/" }], "HTTP 302"],
  ["answers with a web page", () => [200, "<html>secret"], "no JSON"],
  ["answers without a token", () => [201, '{"status":{}}'], "without a token"],
])("says that the API %s, and repeats nothing of it (O1)", async (_, answer, problem) => {
  const { url } = await openPlatform(answer);
  const failure = kubernetesCredential(options(url))(ask());
  await expect(failure).rejects.toMatchObject({
    code: "ERR_SOURCE_UNAVAILABLE",
    message: expect.stringContaining(problem),
  });
  await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("secret") });
});

it.each<[string, object]>([
  ["audience", { audience: `${AUDIENCE}#x` }],
  ["namespace", { namespace: "../kube-system" }],
  ["serviceAccount", { serviceAccount: "bot/token?x" }],
  ["token", { token: "mounted" }],
  ["expirationSeconds", { expirationSeconds: 60 }],
  ["apiServer", { apiServer: "kubernetes" }],
  ["keyBound", { keyBound: 1 }],
  ["ca", { ca: "x" }],
])("refuses a wrong %s at the start", (name, changes) => {
  expect(() => kubernetesCredential({ ...options("https://kubernetes.default.svc"), ...changes })).toThrow(name);
});
