import { KeyPair } from "@attest/core";
import { decodeJwt } from "jose";
import { expect, it } from "vitest";
import { createScene, messageOf, reasonOf, recordingServer, request } from "./scene.ts";

const START = 1_800_000_000;
const DAY = 86_400;

it.each([
  ["a day ahead", DAY, "attestation_expired"],
  ["a day back", -DAY, "attestation_expired"],
  ["ahead and back", 0, "attestation_unavailable"],
])(
  "a clock that jumps %s: nothing is executed twice, and assertions are of the time that the gateway has (M6, T21, SPEC-22.5)",
  async (_, jump, reason) => {
    let now = START;
    const scene = await createScene(() => now);
    const { url, received } = await recordingServer();
    const signer = await KeyPair.generate();
    const upstream = { url, audience: "https://bank.internal/mcp" };
    const endpoint = await scene.gateway(url, { upstream, signer, issuer: "https://gateway.example" });
    now += 10;
    const used = await scene.alice.post(request(1, "tools/call", { name: "add" }));
    expect((await messageOf(await fetch(endpoint, used))).result).toEqual({});
    if (jump === 0) {
      now += DAY;
      await fetch(endpoint, await scene.alice.post(request(2, "tools/list")));
      now -= DAY;
    } else now += jump;
    expect(reasonOf(await messageOf(await fetch(endpoint, used)))).toBe(reason);
    const executed = received.map(({ body }) => JSON.parse(body).id);
    expect(executed.filter((id) => id === 1)).toHaveLength(1);
    const fresh = async (id: number) =>
      messageOf(await fetch(endpoint, await scene.alice.post(request(id, "tools/list"))));
    // A memory that was made later than it is cannot tell what was used before.
    if (jump < 0) expect(reasonOf(await fresh(3))).toBe("attestation_expired");
    now = Math.max(now, START) + 100;
    const later = await fresh(4);
    // Uses of the time that the clock left behind are forgotten, so none of that time are accepted.
    if (jump === 0) expect(reasonOf(later)).toBe("attestation_unavailable");
    else expect(later.result).toEqual({});
    for (const { headers } of received) {
      const { iat = 0, exp = 0 } = decodeJwt(String(headers["agent-attestation-verified"]));
      expect(exp - iat).toBe(30);
    }
  },
);
