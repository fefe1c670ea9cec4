import { encodeBase64url, InMemoryReplayCache, KeyPair } from "@attest/core";
import { beforeEach, describe, expect, it } from "vitest";
import { Asking, OTHER_SECRET, rules, SECRET, signedOver } from "./asking.ts";
import { START } from "./platform.ts";

let asking: Asking;
beforeEach(async () => {
  asking = await Asking.start();
});

type Send = (url: string, init: RequestInit) => Promise<Response>;
const ask: Send = (url, init) => asking.authority.fetch(new Request(url, init));

/** An agent that has one authority configured, and asks it as the answer's `possession` says. */
async function askAs(agent: KeyPair, address: string, secret: string, send: Send = ask): Promise<number> {
  const post = async (url: string, body: object) =>
    send(url, { method: "POST", headers: { Authorization: `Bearer ${secret}` }, body: JSON.stringify(body) });
  const { challenge, possession: form } = (await (await post(`${address}/challenge`, {})).json()) as {
    challenge: string;
    possession?: number;
  };
  const possession =
    form === 2
      ? await asking.possessionOf(agent, challenge, address)
      : await signedOver(agent, challenge, `io.github.attest/possession\n${challenge}`);
  return (await post(address, { confirmation_key: agent.toJwk(), possession })).status;
}

const RELAY = "https://malicious.example/attestations";

/**
 * An authority that has what it is asked asked of another one, where it is a workload itself: to have the keys of its own
 * clients attested as its own. @returns How it is asked, and what the other one answered.
 */
function openRelay(change: (answer: object) => object = (answer) => answer) {
  const answers: { status: number; error?: string }[] = [];
  const send: Send = async (url, { body }) => {
    const path = url.slice(RELAY.length);
    const headers = { Authorization: `Bearer ${SECRET}` };
    const answer = await ask(asking.address + path, { method: "POST", headers, body: body as string });
    const said = (await answer.json()) as { error?: string };
    answers.push({ status: answer.status, ...(said.error !== undefined && { error: said.error }) });
    return new Response(JSON.stringify(path === "" ? said : change(said)), { status: answer.status });
  };
  return { send, answers };
}

describe("possession of the key", () => {
  it("is proved to the authority that is asked: what a malicious one passes on is refused (A2, SPEC-8.9)", async () => {
    const relay = openRelay();
    expect(await askAs(asking.key, RELAY, "a-credential-at-the-relay", relay.send)).toBe(403);
    expect(relay.answers).toEqual([{ status: 200 }, { status: 403, error: "possession_not_proved" }]);
    // The same agent, without anybody in between.
    expect(await askAs(asking.key, asking.address, SECRET)).toBe(201);
  });

  it("is not proved by form 1, which a malicious authority gets by not offering form 2 (A2)", async () => {
    const relay = openRelay(({ possession: _, ...answer }: { possession?: number }) => answer);
    expect(await askAs(asking.key, RELAY, "a-credential-at-the-relay", relay.send)).toBe(403);
    expect(relay.answers.at(-1)).toEqual({ status: 403, error: "possession_not_proved" });
  });

  it("is proved by form 1 only where that is accepted by name, and a relay can use it then", async () => {
    asking = await Asking.start({ acceptPossession1: true });
    const challenge = await asking.challenge();
    const possession = await signedOver(asking.key, challenge, `io.github.attest/possession\n${challenge}`);
    expect((await asking.ask({ possession })).status).toBe(201);
    expect((await asking.ask()).status).toBe(201);
    const relay = openRelay(({ possession: _, ...answer }: { possession?: number }) => answer);
    expect(await askAs(asking.key, RELAY, "a-credential-at-the-relay", relay.send)).toBe(201);
  });

  it("is proved for any of the authority's own addresses, as they are configured, and for no other", async () => {
    const bases = ["https://public.example", "https://authority.internal:8443/v1"];
    const addresses = bases.map((base) => `${base}/attestations`);
    const proved = async (address: string) => {
      const possession = await asking.possessionOf(asking.key, await asking.challenge(), address);
      return (await asking.ask({ possession })).status;
    };
    asking = await Asking.start({ publicUrl: bases });
    for (const address of addresses) expect(await proved(address)).toBe(201);
    for (const address of [
      asking.address,
      "https://public.example/attestations/",
      "https://public.example:443/attestations",
      "https://PUBLIC.example/attestations",
      "https://public.example",
      "",
    ]) {
      expect(await proved(address), address).toBe(403);
    }
    expect((await asking.ask()).body.detail).toContain(addresses.join(" or "));
  });

  it("is asked for by a challenge that says which form is wanted", async () => {
    const { body } = await asking.post("attestations/challenge", {});
    expect(body).toEqual({ challenge: expect.stringMatching(/^[\w-]{76}$/), possession: 2, expires_in: 60 });
  });

  it("is not proved by another key's signature, nor by one over something else (A2)", async () => {
    const other = await KeyPair.generate();
    const text = await asking.challenge();
    const bare = encodeBase64url(await asking.key.sign(new TextEncoder().encode(text)));
    for (const possession of [
      await asking.possessionOf(other, text),
      { challenge: await asking.challenge(), signature: bare },
      { challenge: await asking.challenge(), signature: `${bare}=` },
    ]) {
      expect(await asking.ask({ possession })).toMatchObject({ status: 403, body: { error: "possession_not_proved" } });
    }
  });

  it("is proved once by each challenge, in time, by the workload that asked for it (A3)", async () => {
    const unknown = { status: 400, body: { error: "challenge_unknown" } };
    const used = await asking.possessionOf(asking.key, await asking.challenge());
    expect((await asking.ask({ possession: used })).status).toBe(201);
    expect(await asking.ask({ possession: used })).toMatchObject(unknown);
    const others = await asking.possessionOf(asking.key, await asking.challenge(OTHER_SECRET, { rule: "other" }));
    expect(await asking.ask({ possession: others })).toMatchObject(unknown);
    expect(await asking.ask({ possession: await asking.possessionOf(asking.key, "invented") })).toMatchObject(unknown);
    const late = await asking.possessionOf(asking.key, await asking.challenge());
    asking.now += 60;
    expect(await asking.ask({ possession: late })).toMatchObject(unknown);
  });

  it("is proved by no challenge that was altered, spelt differently, or made by another process (A3)", async () => {
    const text = await asking.challenge();
    const altered = [
      ...Array.from(text, (letter, i) => text.slice(0, i) + (letter === "A" ? "B" : "A") + text.slice(i + 1)),
      `${text}=`,
      `${text}A`,
      text.slice(1),
    ];
    for (const challenge of altered.filter((_, i) => i % 5 === 0 || i > 71)) {
      const possession = await asking.possessionOf(asking.key, challenge);
      expect((await asking.ask({ possession })).body, challenge).toMatchObject({ error: "challenge_unknown" });
    }
    const possession = await asking.possessionOf(asking.key, text);
    expect((await asking.ask({ possession })).status).toBe(201);
    const earlier = await asking.challenge();
    const { key } = asking;
    asking = await Asking.start();
    expect(await asking.ask({ possession: await asking.possessionOf(key, earlier) })).toMatchObject({
      body: { error: "challenge_unknown" },
    });
  });

  it("costs no memory until it is proved, and other challenges of the workload close none (A3)", async () => {
    asking = await Asking.start({ limits: { perWorkload: 10_000 } });
    const first = await asking.possessionOf(asking.key, await asking.challenge());
    for (let i = 0; i < 1000; i++) await asking.challenge();
    expect((await asking.ask({ possession: first })).status).toBe(201);
  });

  it("is not taken as proved where it cannot be known whether a challenge was used (A3)", async () => {
    expect((await asking.ask()).status).toBe(201);
    // Behind what was forgotten.
    asking.now -= 3600;
    const { status, body, headers } = await asking.ask();
    expect({ status, error: body.error, wait: headers.get("retry-after") }).toEqual({
      status: 503,
      error: "unavailable",
      wait: "5",
    });
    expect(asking.reported.splice(0)).toEqual([expect.objectContaining({ code: "ERR_REPLAY_CACHE_UNAVAILABLE" })]);
  });

  it("leaves a challenge no second guess (A3)", async () => {
    const text = await asking.challenge();
    const wrong = await asking.possessionOf(await KeyPair.generate(), text);
    expect(await asking.ask({ possession: wrong })).toMatchObject({ body: { error: "possession_not_proved" } });
    expect(await asking.ask({ possession: await asking.possessionOf(asking.key, text) })).toMatchObject({
      body: { error: "challenge_unknown" },
    });
  });

  it("refuses a private key, and repeats none of it (K3)", async () => {
    const jwk = await asking.key.toPrivateJwk();
    const { status, body } = await asking.ask({ confirmation_key: jwk });
    expect(status).toBe(400);
    expect(body.error).toBe("key_not_accepted");
    expect(JSON.stringify(body)).not.toContain(jwk.d);
  });

  it("refuses a key of small order (K2)", async () => {
    const x = encodeBase64url(new Uint8Array(32));
    expect(await asking.ask({ confirmation_key: { kty: "OKP", crv: "Ed25519", x } })).toMatchObject({
      status: 400,
      body: { error: "key_not_accepted" },
    });
  });

  it("is proved by the key that the challenge was asked for, where the caller named one (A2)", async () => {
    const other = await KeyPair.generate();
    const challenge = await asking.challenge(SECRET, { confirmation_key: other.toJwk() });
    const possession = await asking.possessionOf(asking.key, challenge);
    expect(await asking.ask({ possession })).toMatchObject({ body: { error: "challenge_unknown" } });
    const own = await asking.challenge(SECRET, { confirmation_key: asking.key.toJwk() });
    expect((await asking.ask({ possession: await asking.possessionOf(asking.key, own) })).status).toBe(201);
  });

  it("is proved under the rule that the challenge was asked for (A3)", async () => {
    const twice = [...rules, { ...rules[0], name: "aurora-2", default: false }] as typeof rules;
    asking = await Asking.start({ rules: twice });
    const possession = await asking.possessionOf(asking.key, await asking.challenge(SECRET, { rule: "aurora" }));
    expect((await asking.ask({ rule: "aurora-2", possession })).body.error).toBe("challenge_unknown");
  });
});

describe("replicas", () => {
  const secrets = [1, 2, 3].map((fill) => new Uint8Array(32).fill(fill));
  const [old, current, foreign] = secrets as [Uint8Array, Uint8Array, Uint8Array];

  it("with the same secrets accept each other's challenges, once among them (A3)", async () => {
    const replayCache = new InMemoryReplayCache({ clock: () => START - 60 });
    asking = await Asking.start({ secrets: [old], replayCache });
    const second = await Asking.start({ secrets: [current, old], replayCache });
    const possession = await asking.possessionOf(asking.key, await asking.challenge());
    expect((await second.ask({ possession }, SECRET, asking.key)).status).toBe(201);
    expect((await asking.ask({ possession })).body.error).toBe("challenge_unknown");
    const later = await second.possessionOf(asking.key, await second.challenge());
    expect((await asking.ask({ possession: later })).body.error).toBe("challenge_unknown");
    const third = await Asking.start({ secrets: [foreign], replayCache });
    expect((await third.ask({ possession: later }, SECRET, asking.key)).body.error).toBe("challenge_unknown");
  });

  it("whose store of used challenges is new accept none from before it, and say to come again (A3, R17)", async () => {
    asking = await Asking.start({ secrets: [current] });
    const possession = await asking.possessionOf(asking.key, await asking.challenge());
    const restarted = await Asking.start({
      secrets: [current],
      replayCache: new InMemoryReplayCache({ clock: () => START }),
    });
    const { status, headers } = await restarted.ask({ possession }, SECRET, asking.key);
    expect({ status, wait: headers.get("retry-after") }).toEqual({ status: 503, wait: "1" });
    restarted.now += 1;
    expect((await restarted.ask({}, SECRET)).status).toBe(201);
  });
});
