import { request } from "node:https";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Connection, EvidenceError } from "../src/index.ts";
import { type ServedAuthority, serveAuthority, x509SvidEvidence } from "../src/node.ts";
import { Asking, aurora } from "./asking.ts";
import { presenting, vetted } from "./platform.ts";
import { createSvidAuthority, type Svid, type SvidAuthority, type SvidOptions } from "./svid-authority.ts";

const ID = "spiffe://corp.example/finance/bot";
const NOW = Date.now() / 1000;

let spire: SvidAuthority;
let foreign: SvidAuthority;
let bot: Svid;
beforeAll(async () => {
  [spire, foreign] = await Promise.all([createSvidAuthority("corp.example"), createSvidAuthority("other.example")]);
  bot = await spire.issue({ uris: [ID] });
});

const rules = [{ name: "bot", evidence: "spire", default: true, subject: ID, attest: { identity: aurora } }] as const;

/** What a verifier says of a connection or a header: the subject, or why not. */
async function judged(verifier: ReturnType<typeof x509SvidEvidence>, connection: Connection, headers = {}, now = NOW) {
  const presented = { ...presenting(undefined, now), connection, headers: new Headers(headers) };
  return verifier.verify(presented).then(
    ({ subject }) => subject,
    (error) => (error instanceof EvidenceError ? error.code : `not an EvidenceError: ${error}`),
  );
}

describe("a certificate that TLS verified", () => {
  const verifierOf = (trustDomain = "corp.example", roots = spire.root) => x509SvidEvidence({ trustDomain, roots });
  const over = (...certificates: Uint8Array[]) => ({ certificates });

  it("says who the workload is, again and again", async () => {
    const presented = { ...presenting(undefined, NOW), connection: over(bot.der, spire.rootDer) };
    const evidence = await verifierOf().verify(presented);
    expect(evidence).toEqual({
      subject: ID,
      claims: { sub: ID, serial: expect.any(String) },
      handle: expect.stringMatching(/^[0-9A-F:]{95}$/),
    });
  });

  it.each<[string, string, SvidOptions]>([
    ["of another trust domain", "issuer", { uris: ["spiffe://other.example/finance/bot"] }],
    ["of two workloads", "claims", { uris: [ID, "spiffe://corp.example/admin"] }],
    ["of none", "claims", { dns: ["bot.corp.example"] }],
    ["of a host and of no workload", "issuer", { uris: ["https://corp.example/finance/bot"] }],
    ["of an authority", "trap", { uris: [ID], ca: true }],
    ["that has expired", "expired", { uris: [ID], until: Date.now() - 60_000 }],
    ["that is not valid yet", "expired", { uris: [ID], from: Date.now() + 60_000 }],
  ])("%s is refused (A5)", async (_, code, options) => {
    const { der } = await spire.issue(options);
    expect(await judged(verifierOf(), over(der, spire.rootDer))).toBe(code);
  });

  it("whose other name is written like a URI is refused", async () => {
    const { der } = await spire.issue({ uris: [ID], dns: ["a, URI:spiffe://corp.example/admin"] });
    expect(await judged(verifierOf(), over(der, spire.rootDer))).toBe("format");
  });

  it("of another trust domain's authority, which the server trusts too, names no workload of this one (A5)", async () => {
    const { der } = await foreign.issue({ uris: [ID] });
    expect(await judged(verifierOf(), over(der, foreign.rootDer))).toBe("signature");
    // A chain that names a root does not end there.
    expect(await judged(verifierOf(), over(der, spire.rootDer))).toBe("signature");
    // A workload is no authority.
    expect(await judged(verifierOf(), over(der, bot.der, spire.rootDer))).toBe("signature");
  });

  it("must be there: a header counts for nothing", async () => {
    const headers = { "Client-Cert": `:${Buffer.from(bot.der).toString("base64")}:` };
    expect(await judged(verifierOf(), {}, headers)).toBe("missing");
  });
});

describe("a certificate from a proxy", () => {
  const addresses = ["10.0.0.7"];
  const rfc9440 = (svid: Svid) => `:${Buffer.from(svid.der).toString("base64")}:`;

  it("counts where it comes from that proxy, in the form that is agreed", async () => {
    const verifier = x509SvidEvidence({ trustDomain: "corp.example", proxy: { addresses } });
    const headers = { "Client-Cert": rfc9440(bot) };
    expect(await judged(verifier, { peerAddress: "10.0.0.7" }, headers)).toBe(ID);
    expect(await judged(verifier, { peerAddress: "10.0.0.8", address: "10.0.0.7" }, headers)).toBe("trap");
    expect(await judged(verifier, { address: "10.0.0.7" }, headers)).toBe("trap");
    expect(await judged(verifier, { peerAddress: "10.0.0.7", certificates: [bot.der] })).toBe("missing");
    for (const value of [
      "x",
      "::",
      bot.cert.replaceAll("\n", ""),
      `${rfc9440(bot)}, ${rfc9440(bot)}`,
      ":AAAA:",
      ":".repeat(20_000),
    ]) {
      expect(await judged(verifier, { peerAddress: "10.0.0.7" }, { "Client-Cert": value })).toBe("format");
    }
  });

  it("may be escaped PEM, as nginx writes it", async () => {
    const proxy = { addresses, header: "X-Client-Cert", format: "escaped-pem" } as const;
    const verifier = x509SvidEvidence({ trustDomain: "corp.example", proxy });
    const of = (value: string) => judged(verifier, { peerAddress: "10.0.0.7" }, { "X-Client-Cert": value });
    expect(await of(encodeURIComponent(bot.cert))).toBe(ID);
    expect(await of(encodeURIComponent(`${bot.cert}\n${bot.cert}`))).toBe("format");
    expect(await of("%")).toBe("format");
  });
});

describe("over mutual TLS with this process", () => {
  let served: ServedAuthority | undefined;
  let asking: Asking | undefined;
  afterEach(async () => {
    await served?.close(100);
    await asking?.authority.close();
  });

  async function statusFor(client: Partial<Svid>, headers = {}): Promise<number | undefined> {
    const server = await foreign.issue({ dns: ["localhost"] });
    asking = await Asking.start({
      evidence: { spire: x509SvidEvidence({ trustDomain: "corp.example", roots: spire.root }) },
      rules,
      clock: () => Date.now() / 1000,
    });
    const tls = { key: server.key, cert: server.cert, clientCa: `${spire.root}\n${foreign.root}` };
    served = await serveAuthority(asking.authority, { host: "127.0.0.1", port: 0, tls });
    const { cert, key } = client;
    return new Promise((resolve, reject) => {
      const options = { method: "POST", ca: foreign.root, servername: "localhost", headers, agent: false, cert, key };
      const sent = request(new URL("attestations/challenge", served?.url), options, async (response) => {
        await text(response);
        resolve(response.statusCode);
      });
      sent.on("error", reject).end("{}");
    });
  }

  it("a workload that holds its certificate's key is admitted", async () => expect(await statusFor(bot)).toBe(200));

  it("one without a certificate is not, whatever it writes into a header", async () => {
    expect(await statusFor({}, { "Client-Cert": `:${Buffer.from(bot.der).toString("base64")}:` })).toBe(401);
  });

  it("one that another trust domain's authority named like it is not", async () => {
    expect(await statusFor(await foreign.issue({ uris: [ID] }))).toBe(403);
  });

  it("one whose certificate TLS did not verify is taken as one without", async () => {
    const unknown = await createSvidAuthority("corp.example");
    expect(await statusFor(await unknown.issue({ uris: [ID] }))).toBe(401);
  });
});

it("rules are those of a trust domain", () => {
  const verifier = x509SvidEvidence({ trustDomain: "corp.example", roots: spire.root });
  expect(vetted(verifier, { subject: "spiffe://corp.example/finance/*" })).toBeUndefined();
  expect(vetted(verifier, { subject: "spiffe://other.example/*" })).toContain("own trust domain");
});

it.each<[string, object]>([
  ["roots", {}],
  ["roots", { roots: "x" }],
  ["roots", { roots: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }],
  ["roots", { roots: "x", proxy: { addresses: ["10.0.0.7"] } }],
  ["proxy.addresses", { proxy: { addresses: [] } }],
  ["proxy.header", { proxy: { addresses: ["10.0.0.7"], header: "a b" } }],
  ["proxy.format", { proxy: { addresses: ["10.0.0.7"], format: "xfcc" } }],
  ["trustDomain", { trustDomain: "*", roots: "x" }],
])("a wrong %s is refused at the start: %o", (name, changes) => {
  expect(() => x509SvidEvidence({ trustDomain: "corp.example", ...changes })).toThrow(name);
});
