import { createHash, createHmac } from "node:crypto";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "vitest";
import { awsCredential } from "../src/evidence/aws.ts";
import { AUDIENCE, ask, openPlatform, type PlatformAnswer, type Received, THUMBPRINT } from "./platform-double.ts";

const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const xml = { "Content-Type": "text/xml" };

/** Whether a request is signed as AWS demands it (Signature Version 4), with the secret of the caller. */
function isSigned({ method, url, headers, body }: Received): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\d{8})\/us-east-1\/sts\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, day = "", signed = "", signature] = form.exec(headers.authorization ?? "") ?? [];
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const names = signed.split(";");
  if (!names.includes("host") || !names.includes("x-amz-date")) return false;
  const canonical = [method, url, "", ...names.map((name) => `${name}:${headers[name]}`), "", signed, hash(body)].join(
    "\n",
  );
  const scope = `${day}/us-east-1/sts/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(canonical)].join("\n");
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const key = ["us-east-1", "sts", "aws4_request"].reduce(hmac, hmac(`AWS4${SECRET_KEY}`, day));
  return hmac(key, text).toString("hex") === signature;
}

/** `GetWebIdentityToken` of the STS query API, as it is documented. */
const sts: PlatformAnswer = (received) => {
  const form = new URLSearchParams(received.body);
  const error = (status: number, code: string) =>
    [
      status,
      `<ErrorResponse><Error><Code>${code}</Code><Message>secret</Message></Error></ErrorResponse>`,
      xml,
    ] as const;
  if (received.method !== "POST" || received.url !== "/") return error(404, "InvalidAction");
  if (!isSigned(received)) return error(403, "SignatureDoesNotMatch");
  const known = form.get("Action") === "GetWebIdentityToken" && form.get("Version") === "2011-06-15";
  const duration = Number(form.get("DurationSeconds"));
  if (!known || duration < 60 || duration > 3600) return error(400, "ValidationError");
  const token = `for:${form.get("Audience.member.1")}:${form.get("SigningAlgorithm")}:${form.get("Audience.member.2")}`;
  const result = `<GetWebIdentityTokenResult><WebIdentityToken>${token}</WebIdentityToken></GetWebIdentityTokenResult>`;
  return [200, `<GetWebIdentityTokenResponse>${result}</GetWebIdentityTokenResponse>`, xml];
};

const clientAt = (endpoint: string, secretAccessKey = SECRET_KEY) =>
  new STSClient({
    endpoint,
    region: "us-east-1",
    maxAttempts: 1,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey },
  });

it("asks AWS STS, in a signed request, for a token that is good for the agent's key alone", async () => {
  const { url } = await openPlatform(sts);
  const client = clientAt(url);
  expect(await awsCredential({ client, audience: AUDIENCE })(ask())).toBe(`for:${AUDIENCE}#${THUMBPRINT}:ES384:null`);
  const bare = awsCredential({ client, audience: AUDIENCE, keyBound: false, signingAlgorithm: "RS256" });
  expect(await bare(ask())).toBe(`for:${AUDIENCE}:RS256:null`);
  client.destroy();
});

it("says by AWS's own name why there is no token, and repeats nothing else (O1)", async () => {
  const { url } = await openPlatform(sts);
  const client = clientAt(url, "another-secret");
  const failure = awsCredential({ client, audience: AUDIENCE })(ask());
  await expect(failure).rejects.toMatchObject({
    code: "ERR_SOURCE_UNAVAILABLE",
    message: "AWS STS gave no token (SignatureDoesNotMatch)",
  });
  client.destroy();
});

it.each<[string, object]>([
  ["client", { client: {} }],
  ["signingAlgorithm", { signingAlgorithm: "HS256" }],
  ["durationSeconds", { durationSeconds: 59 }],
  ["audience", { audience: "a b" }],
])("refuses a wrong %s at the start", (name, changes) => {
  expect(() => awsCredential({ client: clientAt("https://sts.example"), audience: AUDIENCE, ...changes })).toThrow(
    name,
  );
});
