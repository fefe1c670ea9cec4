import type { Attack, AttackCategory } from "../attack.ts";
import { type AttackSheet, type Attempt, planned, presentation } from "../stage/define-attack.ts";
import type { Scene } from "../stage/scene.ts";
import type { Channel } from "../targets/attack-target.ts";
import { INITIALIZE, withCredentials } from "../targets/envelope.ts";
import type { Message, OccasionOptions } from "../targets/message.ts";

const REQUIRED = ["attestation_required"] as const;
const NOTHING = "has nothing";
const message = { category: "message" as AttackCategory, threat: "M2" };
/** Refusals of a message's form: by JSON-RPC, or by HTTP. */
const FORM = [-32600, -32700, 400];

/** Messages that look for a way around the guard. */
export const messageAttacks: readonly Attack[] = [
  barehanded(
    {
      ...message,
      id: "side-doors",
      name: "Side doors",
      description: "Requests that a guard could forget, without credentials: streams, unknown methods, strange names",
      defence: "every request is guarded but `ping` and `server/discover`",
      needs: ["live"],
    },
    (method: string) => ({ kind: "request", method, params: {} }),
    [
      "subscriptions/listen",
      "resources/list",
      "resources/templates/list",
      "prompts/list",
      "attacker/unknown",
      "Ping",
      "ping ",
      "server/discover/",
      "__proto__",
      "",
    ],
  ),
  barehanded(
    {
      ...message,
      id: "unattested-notification",
      name: "Unattested notification",
      description: "Notifications without credentials, which are never answered and so easily forgotten",
      defence: "notifications are guarded like requests",
      needs: ["http"],
    },
    (method: string) => ({ kind: "notification", method, params: { requestId: 1 } }),
    ["notifications/initialized", "notifications/cancelled", "notifications/roots/list_changed", "attacker/unknown"],
    { kind: "notification", method: "notifications/initialized" },
  ),
  barehanded(
    {
      ...message,
      id: "open-name",
      name: "An open name on a closed door",
      description: "Notifications under the names of the two requests that are open to everybody",
      defence: "only requests of those names are open",
      needs: ["http"],
    },
    (method: string) => ({ kind: "notification", method, params: {} }),
    ["ping", "server/discover"],
    { kind: "notification", method: "notifications/initialized" },
  ),
  raw(
    {
      ...message,
      id: "batch",
      name: "In a crowd",
      description:
        "A request without credentials within a JSON-RPC batch, where a guard that expects one message sees none",
      defence: "batches are refused",
      expected: REQUIRED,
    },
    ({ compose }) => ({
      "a batch of one": [compose()],
      "behind an open request": [compose({ kind: "request", method: "ping" }), compose()],
      "a batch in a batch": [[compose()]],
    }),
  ),
  raw(
    {
      ...message,
      id: "ambiguous-message",
      name: "Two messages in one",
      description:
        "A message without credentials that one reader takes for a request and another for an answer, or for nothing",
      defence: "a message is exactly one request, notification, answer or error",
      expected: REQUIRED,
    },
    ({ compose }) => ({
      "a request and a result": { ...compose(), result: {} },
      "a request and an error": { ...compose(), error: { code: 1, message: "x" } },
      "an id that is null": { ...compose(), id: null },
      "an id that is an object": { ...compose(), id: {} },
      "of another version": { ...compose(), jsonrpc: "1.0" },
      "of no version": { ...compose(), jsonrpc: undefined },
      "a method that is a list": { ...compose(), method: ["ping"] },
    }),
  ),
  raw(
    {
      ...message,
      id: "lax-reading",
      name: "For lax readers",
      description:
        "A request without credentials in bytes that a strict reader refuses and a lax one behind it would take",
      defence: "what the guard cannot read, it answers itself",
      expected: REQUIRED,
    },
    ({ compose }) => {
      const text = JSON.stringify(compose());
      return {
        "a byte-order mark": `\uFEFF${text}`,
        "bytes that are no UTF-8": Buffer.concat([
          Buffer.from(text.slice(0, -1)),
          Buffer.from([0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
        ]),
        "UTF-16": Buffer.from(text, "utf16le"),
        "a comment": `/**/${text}`,
        "a name twice": text.replace("{", '{"method":"ping",'),
      };
    },
  ),
  planned(
    {
      ...message,
      id: "other-http-methods",
      name: "Other HTTP methods",
      attacker: NOTHING,
      description: "The same request without credentials under another HTTP method, or with one to override it",
      defence: "POST, GET and DELETE are guarded, all other methods refused",
      expected: REQUIRED,
      refusals: [400, 404, 405, 501],
      never: true,
      needs: ["http"],
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: async () => {
        const override = { "X-HTTP-Method-Override": "OPTIONS", "X-Method-Override": "OPTIONS" };
        const options: Readonly<Record<string, OccasionOptions>> = {
          PUT: { httpMethod: "PUT" },
          PATCH: { httpMethod: "PATCH" },
          QUERY: { httpMethod: "QUERY" },
          "POST, overridden": { fields: override },
        };
        const attempts = Object.entries(options).map(async ([label, options]) =>
          presentation(label, await scene.occasion(undefined, options), {}),
        );
        return Promise.all(attempts);
      },
    }),
  ),
  planned(
    {
      ...message,
      id: "two-carriers",
      name: "Two sets of credentials",
      attacker: "is an attested agent that wants to be taken for another",
      description:
        "Good credentials in the message and others in HTTP fields, or a field twice, for two readers to choose from",
      defence: "one carrier for a message, one field of each name",
      expected: ["attestation_invalid"],
      needs: ["http"],
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: async () => [await twoCarriers(scene), await twoFields(scene)],
    }),
  ),
  planned(
    {
      ...message,
      id: "wrong-place",
      name: "The older carrier for the newer credential",
      category: "downgrade",
      threat: "T24",
      attacker: "stole an attestation, without the key inside it",
      description: "A bound attestation as the token of `initialize`'s capability, where none needs a proof",
      defence: "each profile has carriers of its own, and a bound attestation needs a proof in all of them",
      expected: ["attestation_invalid", "attestation_proof_invalid"],
      never: true,
      needs: ["live", "connection"],
    },
    (scene) => ({
      control: () => scene.honest(INITIALIZE),
      attempts: async () => {
        const occasion = await scene.occasion(INITIALIZE, { carrier: "bearer" });
        return [presentation("as a bearer token", occasion, { attestation: await scene.agent.attestation() })];
      },
    }),
  ),
  planned(
    {
      id: "era-downgrade",
      name: "In the manner of another age",
      category: "downgrade",
      threat: "T23",
      attacker: NOTHING,
      description: "Requests without credentials in the other era's form, for a server that speaks both and guards one",
      defence: "both eras are guarded alike",
      expected: REQUIRED,
      never: true,
      needs: ["live"],
    },
    (scene) => ({
      control: () => scene.honest(),
      attempts: async () => {
        const list: Message = { kind: "request", method: "tools/list", params: {} };
        return [
          presentation("stateless", await scene.occasion(list, { era: "stateless" }), {}),
          presentation("with a handshake", await scene.occasion(list, { era: "handshake" }), {}),
          presentation("the handshake itself", await scene.occasion(INITIALIZE, { era: "handshake" }), {}),
        ];
      },
    }),
  ),
];

/** An attack that presents nothing with messages of several names. */
function barehanded(
  sheet: Omit<AttackSheet, "attacker" | "expected">,
  make: (method: string) => Message,
  methods: readonly string[],
  honest?: Message,
): Attack {
  return planned({ ...sheet, attacker: NOTHING, expected: REQUIRED, never: true }, (scene) => ({
    control: async () => {
      const occasion = (await scene.ready()).prepare(honest);
      return occasion.present(await scene.agent.credentialsFor(occasion));
    },
    attempts: async () => {
      const channel = await scene.ready();
      return methods.map((method) => presentation(method || "no name", channel.prepare(make(method)), {}));
    },
  }));
}

/** An attack that presents nothing, with text in the place of a message. */
function raw(
  sheet: Omit<AttackSheet, "attacker">,
  make: (channel: Pick<Channel, "compose">) => Readonly<Record<string, unknown>>,
): Attack {
  const demand = { refusals: FORM, silence: true, never: true, needs: ["live"] } as const;
  return planned({ ...sheet, ...demand, attacker: NOTHING }, (scene) => ({
    control: () => scene.honest(),
    attempts: async () => {
      const channel = await scene.open();
      const bodies = make({ compose: (message) => channel.compose(message) });
      return Object.entries(bodies).map(
        ([label, body]): Attempt => ({
          label,
          send: () =>
            channel.sendRaw(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body)),
        }),
      );
    },
  }));
}

/** Good credentials in the message, and good credentials for all of it in fields. */
async function twoCarriers(scene: Scene): Promise<Attempt> {
  const channel = await scene.open();
  const content = channel.compose();
  const attestation = await scene.agent.attestation();
  const request = { kind: "message", method: String(content["method"]), params: content["params"] } as const;
  const inBand = { attestation, proof: await scene.agent.prove({ request }, attestation) };
  const body = new TextEncoder().encode(JSON.stringify(withCredentials(content, inBand, "in-band")));
  const http = { kind: "http", method: "POST", body } as const;
  const credentials = { attestation, proof: await scene.agent.prove({ request: http }, attestation) };
  return { label: "in the message and in fields", credentials, send: () => channel.sendRaw(body, credentials) };
}

/** The same field twice. */
async function twoFields(scene: Scene): Promise<Attempt> {
  const occasion = await scene.occasion();
  const { attestation, proof } = await scene.agent.credentialsFor(occasion);
  return presentation("a field twice", occasion, { attestation: [attestation, attestation], proof });
}
