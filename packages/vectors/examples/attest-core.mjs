// A driver for @attest/core: what a driver for another implementation looks like. Run it from a folder with both packages:
// npx @attest/vectors run -- node node_modules/@attest/vectors/examples/attest-core.mjs
import { createInterface } from "node:readline";
import {
  AttestationVerifier,
  decodeBase64url,
  definitionProblem,
  digest,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  messageDigest,
  possessionInput,
  possessionInput1,
  readAuthorization,
  readTicketField,
  reasonOf,
  toolDigest,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";

const FOREIGN = { [spiffeJwtSvid.name]: spiffeJwtSvid, [wimseWit.name]: wimseWit };
/** The verifier that is asked, the time that its clock tells, and what its replay cache recorded last. */
let verifier;
let now = Number.NaN;
let recorded;

const ANSWERS = {
  async verifier({ verifier: configuration }) {
    verifier = await verifierOf(configuration);
    return {};
  },
  async verify({ time, attestation, request, proof, ...rest }) {
    now = time ?? Number.NaN;
    recorded = undefined;
    const { body } = request ?? {};
    const shown = { ...request, ...(body !== undefined && { body: decodeBase64url(body) }), ...rest };
    const asked =
      request === undefined && proof === undefined ? undefined : { ...shown, ...(proof !== undefined && { proof }) };
    const { advice, ...result } = await verifier.verify(attestation, asked);
    return { ...result, ...advice, recorded };
  },
  async key({ keys }) {
    const resolver = new InMemoryKeyResolver();
    try {
      for (const jwk of keys) await resolver.addKey("issuer", jwk);
    } catch ({ code }) {
      return { outcome: "refused", code };
    }
    return { outcome: "accepted", thumbprint: resolver.resolve("issuer", keys.at(-1).kid).thumbprint };
  },
  async digest({ request }) {
    return { digest: (await messageDigest(request)) ?? null };
  },
  async definition({ definition, call }) {
    let digest = null;
    try {
      digest = await toolDigest(definition);
    } catch ({ code }) {
      if (code !== "ERR_OPTION") throw new Error(code);
    }
    if (call === undefined) return { digest };
    const problem = definitionProblem(call, digest);
    return problem === undefined ? { outcome: "met" } : { outcome: "refused", reason: reasonOf(problem) };
  },
  async message({ text }) {
    const { method, params } = JSON.parse(text);
    return { digest: (await messageDigest({ kind: "message", method, params })) ?? null };
  },
  possession({ form, challenge, authority }) {
    const input = form === 2 ? possessionInput(challenge, authority) : possessionInput1(challenge);
    return { text: new TextDecoder().decode(input) };
  },
  ticket({ kind, field }) {
    return kind === "field" ? { grant: readTicketField(field) ?? null } : { unsupported: true };
  },
  async authorization({ field }) {
    const { accessToken: credential, problem } = readAuthorization(field);
    if (problem !== undefined) return { outcome: "refused" };
    return credential === undefined
      ? { outcome: "none" }
      : { outcome: "credential", credential, ath: await digest(credential) };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ask, ...question } = JSON.parse(line);
  const answer = ANSWERS[ask] ? await ANSWERS[ask](question) : { unsupported: true };
  process.stdout.write(`${JSON.stringify({ ...answer, id })}\n`);
}

async function verifierOf(configuration) {
  const { keys, revoked, statusLists, unavailable = [], unavailableIssuers = [], ...options } = configuration;
  const { replayCapacity, replayCacheMadeAt = 1, maxLifetime, tickets, ...verifying } = options;
  const keyResolver = new InMemoryKeyResolver();
  const trustedIssuers = options.trustedIssuers.map(({ formats, ...issuer }) =>
    formats ? { ...issuer, formats: formats.map((name) => FOREIGN[name]), keys: keys[issuer.issuer]?.keys } : issuer,
  );
  for (const { issuer } of trustedIssuers.filter((one) => !("formats" in one))) {
    for (const jwk of keys[issuer]?.keys ?? []) await keyResolver.addKey(issuer, jwk);
  }
  const replayCache = new InMemoryReplayCache({
    clock: () => replayCacheMadeAt,
    ...(replayCapacity !== undefined && { maxEntries: replayCapacity, maxShare: 1 }),
  });
  return new AttestationVerifier({
    ...verifying,
    trustedIssuers,
    ...(tickets && { tickets: { ring: tickets.ring.map((secret) => decodeBase64url(secret)) } }),
    ...(tickets === false && { tickets }),
    ...(maxLifetime && { maxLifetime: lifetimesOf(maxLifetime) }),
    clock: () => now,
    keyResolver: {
      resolve: (issuer, kid) =>
        unavailable.includes("keys") || unavailableIssuers.includes(issuer) ? down() : keyResolver.resolve(issuer, kid),
    },
    replayCache: {
      // A ring is for several instances, which share a replay cache.
      scope: tickets ? "shared" : "process",
      consume(use) {
        recorded = { key: use.key, until: use.expiresAt };
        return unavailable.includes("replayCache") ? down() : replayCache.consume(use);
      },
    },
    ...(revoked && { isRevoked: ({ iss, jti }) => revoked.some((one) => one.iss === iss && one.jti === jti) }),
    ...(unavailable.includes("revocation") && { isRevoked: down }),
    ...(statusLists && { statusSource: statusesIn(statusLists) }),
  });
}

function lifetimesOf({ bound, ...others }) {
  return { attestation: bound, ...others };
}

function statusesIn(lists) {
  return {
    check(_issuer, { uri, idx }) {
      const list = lists[uri];
      if (!list || idx >= list.size) throw new Error("unavailable");
      return (list.statuses[idx] ?? 0) === 0 ? "valid" : "revoked";
    },
  };
}

function down() {
  throw new Error("unavailable");
}
