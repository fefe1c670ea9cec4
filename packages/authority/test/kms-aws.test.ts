import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeAttestation, importVerificationKey } from "@attest/core";
import { KMSClient } from "@aws-sdk/client-kms";
import { expect, it, onTestFinished, vi } from "vitest";
import { awsKmsSigner } from "../src/kms/aws.ts";
import { rawSignature } from "../src/kms/raw-signature.ts";
import { rotateKeys } from "../src/node.ts";
import { Asking } from "./asking.ts";
import { GOOD, Written } from "./written.ts";

const SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const KEY_ID = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/** Whether a request is signed as AWS demands it (Signature Version 4), with the secret of the caller. */
function isSigned(method: string, url: string, headers: IncomingHttpHeaders, body: string): boolean {
  const form =
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\d{8})\/us-east-1\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, day = "", signed = "", signature] = form.exec(headers.authorization ?? "") ?? [];
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const names = signed.split(";");
  if (!["host", "x-amz-date", "x-amz-target"].every((name) => names.includes(name))) return false;
  const lines = names.map((name) => `${name}:${headers[name]}`);
  const canonical = [method, url, "", ...lines, "", signed, hash(body)].join("\n");
  const scope = `${day}/us-east-1/kms/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(canonical)].join("\n");
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const key = ["us-east-1", "kms", "aws4_request"].reduce(hmac, hmac(`AWS4${SECRET_KEY}`, day));
  return hmac(key, text).toString("hex") === signature;
}

const SPECS = {
  ECC_NIST_EDWARDS25519: { pair: () => generateKeyPairSync("ed25519"), algorithm: "ED25519_SHA_512", type: "RAW" },
  ECC_NIST_P256: {
    pair: () => generateKeyPairSync("ec", { namedCurve: "P-256" }),
    algorithm: "ECDSA_SHA_256",
    type: "DIGEST",
  },
  RSA_2048: { pair: () => generateKeyPairSync("rsa", { modulusLength: 2048 }), algorithm: "", type: "RAW" },
} as const;

/** Sign and GetPublicKey of AWS KMS as they are documented (AWS JSON 1.1), for one key. */
async function openKms(spec: keyof typeof SPECS, spoil: (signature: Buffer) => Buffer = (signature) => signature) {
  const { pair, algorithm, type } = SPECS[spec];
  const { privateKey, publicKey } = pair() as { privateKey: KeyObject; publicKey: KeyObject };
  const answer = (target: string, input: Record<string, string>): readonly [number, object] => {
    if (input["KeyId"] !== KEY_ID) return [400, { __type: "NotFoundException", message: "secret" }];
    if (target === "TrentService.GetPublicKey") {
      const PublicKey = publicKey.export({ type: "spki", format: "der" }).toString("base64");
      return [
        200,
        { KeyId: KEY_ID, KeySpec: spec, KeyUsage: "SIGN_VERIFY", PublicKey, SigningAlgorithms: [algorithm] },
      ];
    }
    const message = Buffer.from(input["Message"] ?? "", "base64");
    const fits = message.length >= 1 && message.length <= 4096 && (type === "RAW" || message.length === 32);
    const isAsked = input["MessageType"] === type && input["SigningAlgorithm"] === algorithm;
    if (target !== "TrentService.Sign" || !isAsked || !fits) return [400, { __type: "ValidationException" }];
    const signature = type === "RAW" ? sign(null, message, privateKey) : signDigest(message, privateKey);
    return [200, { KeyId: KEY_ID, Signature: spoil(signature).toString("base64"), SigningAlgorithm: algorithm }];
  };
  const server = createServer(async (req, res) => {
    let body = "";
    for await (const chunk of req) body += chunk;
    const { method = "", url = "", headers } = req;
    const [status, json] = isSigned(method, url, headers, body)
      ? answer(String(headers["x-amz-target"]), JSON.parse(body))
      : [400, { __type: "InvalidSignatureException", message: "secret" }];
    res.writeHead(status, { "Content-Type": "application/x-amz-json-1.1" }).end(JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (secretAccessKey = SECRET_KEY) => {
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey };
    const one = new KMSClient({ endpoint, region: "us-east-1", maxAttempts: 1, credentials });
    onTestFinished(() => one.destroy());
    return one;
  };
  return { client, endpoint, publicKey };
}

/** What Node has no function for: ECDSA over a digest that was made elsewhere, by a key that Node itself verifies. */
function signDigest(digest: Buffer, privateKey: KeyObject): Buffer {
  // The double is given the digest; what it hashes to is known from the test's own message.
  const message = digests.get(digest.toString("hex"));
  if (!message) throw new Error("Only what the test announced can be signed");
  return sign("sha256", message, privateKey);
}
const digests = new Map<string, Uint8Array>();
const announce = (message: Uint8Array) =>
  digests.set(createHash("sha256").update(message).digest("hex"), Uint8Array.from(message));

it("attests with an Ed25519 key that stays in AWS KMS, by signed requests", async () => {
  const { client, publicKey } = await openKms("ECC_NIST_EDWARDS25519");
  const signer = await awsKmsSigner({ client: client(), keyId: KEY_ID });
  const key = await importVerificationKey(publicKey.export({ format: "jwk" }) as never);
  expect(signer).toMatchObject({ kid: key.thumbprint, algorithm: "Ed25519" });
  expect(Object.keys(signer.toJwk()).sort()).toEqual(["crv", "kid", "kty", "use", "x"]);
  const asking = await Asking.start({ signer });
  const { status, body } = await asking.ask();
  expect(status).toBe(201);
  const [header, payload, signature] = body.attestation.split(".");
  expect(decodeAttestation(body.attestation).header.kid).toBe(key.thumbprint);
  const bytes = Buffer.from(signature, "base64url");
  expect(verify(null, Buffer.from(`${header}.${payload}`), publicKey, bytes)).toBe(true);
});

it("runs by a configuration that names the key, and the next one", async () => {
  const { endpoint } = await openKms("ECC_NIST_EDWARDS25519");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
  onTestFinished(() => void vi.unstubAllEnvs());
  const kms = `{ provider: aws, region: us-east-1, endpoint: "${endpoint}", keyId: "${KEY_ID}" }`;
  const written = await Written.of(`${GOOD}keys: { kms: ${kms} }\n`);
  const running = await written.run();
  const { keys } = (await (await fetch(new URL(".well-known/jwks.json", running.url))).json()) as { keys: object[] };
  expect(keys).toMatchObject([{ kty: "OKP", crv: "Ed25519", use: "sig" }]);
  await expect(running.rotate()).rejects.toThrow("change by its configuration");
  await expect(rotateKeys(written.path())).rejects.toThrow("are in a key service");
  const other = await Written.of(`${GOOD}keys: { kms: ${kms.replace("1234abcd", "none")} }\n`);
  await expect(other.run()).rejects.toThrow("AWS KMS told no public key (NotFoundException)");
});

it("signs any length with ES256, and says what is too long for Ed25519", async () => {
  const long = new Uint8Array(5000).fill(7);
  announce(long);
  const p256 = await openKms("ECC_NIST_P256");
  const signer = await awsKmsSigner({ client: p256.client(), keyId: KEY_ID, kid: "2026-11" });
  expect(signer).toMatchObject({ kid: "2026-11", algorithm: "ES256" });
  const key = await importVerificationKey(signer.toJwk());
  for (let i = 0; i < 40; i++) expect(await key.verify(long, await signer.sign(long))).toBe(true);
  const edwards = await openKms("ECC_NIST_EDWARDS25519");
  const short = await awsKmsSigner({ client: edwards.client(), keyId: KEY_ID });
  await expect(short.sign(long)).rejects.toThrow("at most 4096 bytes with Ed25519, and this is 5000");
});

it("tells of AWS's errors their name alone (O1)", async () => {
  const { client } = await openKms("ECC_NIST_EDWARDS25519");
  const failure = (options: { client: KMSClient; keyId: string }) => awsKmsSigner(options).catch((error) => error);
  expect(await failure({ client: client(), keyId: "alias/none" })).toMatchObject({
    code: "ERR_KEY_SOURCE_UNAVAILABLE",
    message: "AWS KMS told no public key (NotFoundException)",
  });
  expect(await failure({ client: client("another-secret"), keyId: KEY_ID })).toMatchObject({
    message: "AWS KMS told no public key (InvalidSignatureException)",
  });
});

it("takes no other kind of key, and nothing that is no signature", async () => {
  const rsa = await openKms("RSA_2048");
  await expect(awsKmsSigner({ client: rsa.client(), keyId: KEY_ID })).rejects.toThrow(
    /^keyId must be a key for signing/,
  );
  const spoilt = await openKms("ECC_NIST_EDWARDS25519", (signature) => signature.subarray(1));
  const signer = await awsKmsSigner({ client: spoilt.client(), keyId: KEY_ID });
  await expect(signer.sign(new Uint8Array(3))).rejects.toThrow("something else than a signature");
  const { client } = await openKms("ECC_NIST_P256");
  await expect(awsKmsSigner({ client: {} as KMSClient, keyId: KEY_ID })).rejects.toThrow(/^client must/);
  await expect(awsKmsSigner({ client: client(), keyId: "" })).rejects.toThrow(/^keyId must/);
  await expect(awsKmsSigner({ client: client(), keyId: KEY_ID, kid: "a b" })).rejects.toThrow(/^kid must/);
});

it("reads DER strictly", () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  for (let i = 0; i < 200; i++) {
    const der = sign("sha256", Buffer.from([i]), privateKey);
    const raw = rawSignature(der);
    expect(raw).toHaveLength(64);
    const data = Buffer.from([i]);
    expect(verify("sha256", data, { key: privateKey, dsaEncoding: "ieee-p1363" }, raw as Uint8Array)).toBe(true);
    for (const wrong of [der.subarray(1), der.subarray(0, -1), Buffer.concat([der, der]), Buffer.alloc(0)]) {
      expect(rawSignature(wrong)).toBeUndefined();
    }
  }
});
