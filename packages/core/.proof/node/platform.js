// proof/platform.ts
import {
  decodeBase64url as decodeBase64url2,
  InMemoryKeyResolver as InMemoryKeyResolver3,
  importVerificationKey,
  messageDigest,
  possessionInput,
  possessionInput1
} from "@attest/core";

// test/vectors/verifier-of.ts
import {
  AttestationVerifier,
  decodeBase64url,
  InMemoryKeyResolver,
  InMemoryReplayCache
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
var LONG_AGO = 1;
var down = () => {
  throw new Error("unavailable");
};
async function verifierOf({
  keys,
  revoked,
  statusLists,
  tickets,
  unavailable = [],
  unavailableIssuers = [],
  replayCapacity,
  replayCacheMadeAt = LONG_AGO,
  trustedIssuers,
  requiredClaims,
  maxLifetime,
  ...options
}, clock, observer, recorded) {
  const keyResolver = new InMemoryKeyResolver();
  const issuers = trustedIssuers.map(
    ({ formats: names, ...issuer2 }) => names ? { ...issuer2, formats: names.map(foreignFormat), keys: keys[issuer2.issuer]?.keys } : issuer2
  );
  for (const { issuer: issuer2 } of issuers.filter((one) => !("formats" in one))) {
    for (const jwk of keys[issuer2]?.keys ?? []) await keyResolver.addKey(issuer2, jwk);
  }
  const replayCache = new InMemoryReplayCache({
    clock: () => replayCacheMadeAt,
    ...replayCapacity !== void 0 && { maxEntries: replayCapacity, maxShare: 1 }
  });
  return new AttestationVerifier({
    ...options,
    trustedIssuers: issuers,
    requiredClaims,
    // The vectors have the profiles' names.
    ...maxLifetime && { maxLifetime: lifetimesOf(maxLifetime) },
    clock,
    ...observer && { observer },
    ...tickets !== void 0 && {
      tickets: tickets && { ring: tickets.ring.map((text) => decodeBase64url(text)) }
    },
    keyResolver: {
      resolve: (issuer2, kid) => unavailable.includes("keys") || unavailableIssuers.includes(issuer2) ? down() : keyResolver.resolve(issuer2, kid)
    },
    replayCache: unavailable.includes("replayCache") ? { scope: "process", consume: down } : recording(replayCache, recorded, tickets ? "shared" : "process"),
    ...revoked && { isRevoked: ({ iss, jti }) => revoked.some((one) => one.iss === iss && one.jti === jti) },
    ...unavailable.includes("revocation") && { isRevoked: down },
    ...statusLists && { statusSource: statusesIn(statusLists) }
  });
}
function recording(replayCache, recorded, scope) {
  return {
    scope,
    consume(use) {
      recorded?.(use);
      return replayCache.consume(use);
    }
  };
}
function statusesIn(lists) {
  return {
    check(_issuer, { uri, idx }) {
      const list = lists[uri];
      if (!list || idx >= list.size) throw new Error("unavailable");
      return (list.statuses[idx] ?? 0) === 0 ? "valid" : "revoked";
    }
  };
}
function lifetimesOf({ bound, ...others }) {
  return { attestation: bound, ...others };
}
function foreignFormat(name) {
  const found = [spiffeJwtSvid, wimseWit].find((format) => format.name === name);
  if (!found) throw new Error(`No foreign format ${name}`);
  return found;
}
function requestOf({
  request,
  proof,
  sessionId,
  accessToken,
  overHttp
}) {
  if (request === void 0 && proof === void 0) return void 0;
  const body = request?.kind === "http" && request.body !== void 0 ? { body: decodeBase64url(request.body) } : {};
  return {
    ...request,
    ...body,
    ...proof !== void 0 && { proof },
    ...sessionId !== void 0 && { sessionId },
    ...accessToken !== void 0 && { accessToken },
    ...overHttp !== void 0 && { overHttp }
  };
}
function resultOf({ expected: { serverTime, ...expected } }) {
  return serverTime === void 0 ? expected : { ...expected, advice: { serverTime } };
}

// proof/smoke.ts
import {
  AttestationIssuer,
  AttestationVerifier as AttestationVerifier2,
  createProof,
  InMemoryKeyResolver as InMemoryKeyResolver2,
  InMemoryReplayCache as InMemoryReplayCache2,
  KeyPair,
  systemClock
} from "@attest/core";
var issuer = "https://authority.example";
var audience = "https://server.example/mcp";
var identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
var message = { kind: "message", method: "tools/call", params: { name: "transfer", to: "Zo\xEB" } };
var response = { kind: "response", id: 1, result: { action: "accept" } };
var http = { kind: "http", method: "POST", body: new TextEncoder().encode('{"jsonrpc":"2.0"}') };
async function smoke() {
  const problems = [];
  const check = (name, result, expected) => {
    const actual = "code" in result ? result.code : result.outcome;
    if (actual !== expected) problems.push(`${name}: ${actual} instead of ${expected}`);
  };
  const pairs = () => Promise.all([KeyPair.generate(), KeyPair.generate({ algorithm: "ES256" })]);
  const [authorityKeys, agentKeys] = [await pairs(), await pairs()];
  const keyResolver = new InMemoryKeyResolver2();
  for (const key of authorityKeys) await keyResolver.addKeyPair(issuer, key);
  const verifier = new AttestationVerifier2({
    trustedIssuers: [
      { issuer, trustLevel: "provider", trustDomains: ["example.com"], algorithms: ["Ed25519", "ES256"] }
    ],
    keyResolver,
    audience,
    allowBearer: true,
    // Of a process that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache2({ clock: () => systemClock() - 60 })
  });
  for (const authorityKey of authorityKeys) {
    const provider2 = new AttestationIssuer({ issuer, signer: authorityKey });
    for (const signer of agentKeys) {
      const name = `${authorityKey.algorithm} for ${signer.algorithm}`;
      const attestation = await provider2.createToken({ identity, confirmationKey: signer.toJwk() });
      const prove = (request) => createProof({ attestation, signer, audience, request });
      for (const request of [message, response, http]) {
        const proof2 = await prove(request);
        check(`${name}: ${request.kind}`, await verifier.verify(attestation, { ...request, proof: proof2 }), "verified");
        check(`${name}: replay`, await verifier.verify(attestation, { ...request, proof: proof2 }), "ERR_REPLAY");
      }
      const proof = await prove(message);
      const foreign = `${proof.slice(0, -86)}${(await prove(message)).slice(-86)}`;
      const verify = (token, request, withProof) => verifier.verify(token, { ...request, ...withProof !== void 0 && { proof: withProof } });
      check(`${name}: another message`, await verify(attestation, response, proof), "ERR_PROOF_DIGEST");
      check(`${name}: another signature`, await verify(attestation, message, foreign), "ERR_PROOF_SIGNATURE");
      check(`${name}: padded`, await verify(`${attestation}=`, message, proof), "ERR_ATTESTATION_ENCODING");
      check(`${name}: no proof`, await verify(attestation, message), "ERR_PROOF_REQUIRED");
    }
  }
  const provider = new AttestationIssuer({ issuer, signer: authorityKeys[0] });
  const bearer = await provider.createToken({ identity, bearer: true, audience });
  check("bearer", await verifier.verify(bearer), "verified");
  check("bearer again", await verifier.verify(bearer), "ERR_REPLAY");
  check("nothing", await verifier.verify(void 0), "ERR_ATTESTATION_REQUIRED");
  return problems;
}

// proof/platform.ts
async function provePlatform({
  presentations: files,
  keys,
  digests,
  messages,
  possession
}) {
  const problems = await smoke();
  let vectors = 0;
  for (const { verifiers, vectors: list } of files) {
    for (const vector of list) {
      vectors++;
      let now = 0;
      const verifier = await verifierOf(verifiers[vector.verifier], () => now);
      for (const presentation of vector.presentations) {
        now = presentation.time ?? Number.NaN;
        const result = await verifier.verify(presentation.attestation, requestOf(presentation));
        const differing = Object.entries(resultOf(presentation)).find(
          ([name, value]) => JSON.stringify(result[name]) !== JSON.stringify(value)
        );
        if (differing) problems.push(`${vector.title}: ${differing[0]} is not ${JSON.stringify(differing[1])}`);
      }
    }
  }
  for (const { title, keys: jwks, expected } of keys) {
    vectors++;
    const resolver = new InMemoryKeyResolver3();
    let code;
    for (const jwk of jwks) {
      code = await resolver.addKey("issuer", jwk).then(
        () => void 0,
        (error) => error.code ?? "untyped"
      );
    }
    if (code !== expected.code) problems.push(`${title}: ${code} instead of ${expected.code}`);
  }
  for (const { title, request, digest } of digests) {
    vectors++;
    if ((await messageDigest(request) ?? null) !== digest) problems.push(`${title}: another digest`);
  }
  for (const { title, text, passedOn } of messages) {
    vectors++;
    const { method, params } = JSON.parse(text);
    const digest = await messageDigest({ kind: "message", method, params });
    if (digest !== passedOn[0]?.digest) problems.push(`${title}: another digest`);
  }
  for (const { title, form, authority = "", challenge, jwk, signature } of possession) {
    vectors++;
    const input = form === 2 ? possessionInput(challenge, authority) : possessionInput1(challenge);
    const key = await importVerificationKey(jwk);
    const valid = await key.verify(input, decodeBase64url2(signature) ?? new Uint8Array());
    if (valid !== true) problems.push(`${title}: not the text that is signed`);
  }
  return { vectors, problems };
}
var platform_default = {
  async fetch(request) {
    return Response.json(await provePlatform(await request.json()));
  }
};
export {
  platform_default as default,
  provePlatform
};
//# sourceMappingURL=platform.js.map