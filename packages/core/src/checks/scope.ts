import { type Allow, allowsName, allowsUri } from "../claims/allow.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Dispatched, UseFacts, VerificationRequest } from "./use.ts";

/** What a message is about, for those methods that are allowed by name or URI. */
type Decide = (allow: Allow, params: Readonly<Record<string, unknown>>) => boolean;

const always: Decide = () => true;
const byUri: Decide = ({ resources }, { uri }) => allowsUri(resources, uri);

/** Everything that a chain with `allow` may do, whole: a method that is not here is refused (SPEC-21.9). */
const METHODS: Readonly<Record<string, Decide>> = {
  initialize: always,
  ping: always,
  "server/discover": always,
  "tools/list": always,
  "prompts/list": always,
  "resources/list": always,
  "resources/templates/list": always,
  "notifications/initialized": always,
  "notifications/cancelled": always,
  "notifications/progress": always,
  "notifications/roots/list_changed": always,
  // A task outlives the call: its result is asked for by a method that names no tool.
  "tools/call": ({ tools }, { name, task }) => task === undefined && allowsName(tools, name),
  "prompts/get": ({ prompts }, { name }) => allowsName(prompts, name),
  "resources/read": byUri,
  "resources/subscribe": byUri,
  "resources/unsubscribe": byUri,
  "subscriptions/listen": ({ resources }, { notifications }) => {
    const uris = own(own(notifications)["resourceSubscriptions"]);
    return Array.isArray(uris) && uris.length > 0 && uris.every((uri) => allowsUri(resources, uri));
  },
  "completion/complete": ({ prompts, resources }, { ref }) => {
    const { type, name, uri } = own(ref);
    if (type === "ref/prompt") return allowsName(prompts, name);
    return type === "ref/resource" && typeof uri === "string" && allowsTemplate(resources, uri);
  },
};

/** A template is met by an entry that equals it, or by a prefix that its constant beginning meets. */
function allowsTemplate(resources: Allow["resources"], template: string): boolean {
  if (resources?.includes(template)) return true;
  const prefixes = resources?.filter((entry) => entry.endsWith("*"));
  return allowsUri(prefixes, template.split("{")[0]);
}

/** §6 step 7, SPEC-21.8: every link of the chain allows what is dispatched. */
export function checkScope({ statement: { delegation }, request }: UseFacts): Refusal | undefined {
  const allows = delegation?.links.flatMap(({ claims }) => claims.allow ?? []) ?? [];
  if (allows.length === 0) return undefined;
  const dispatched = dispatchedBy(request);
  if (dispatched === undefined) {
    return refusal(
      "ERR_DELEGATION_SCOPE",
      "A delegation with `allow` is judged by the message, which is not known here",
    );
  }
  if (dispatched === "response") return undefined;
  const { method, params } = dispatched;
  const decide = Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  if (decide && allows.every((allow) => decide(allow, own(params)))) return undefined;
  return refusal("ERR_DELEGATION_SCOPE", "The delegation does not allow this message (allow)");
}

/** What the server is to act on; `undefined` where only bytes are known. */
export function dispatchedBy(request: VerificationRequest | undefined): Dispatched | undefined {
  if (request?.dispatched !== undefined) return request.dispatched;
  if (request?.kind === "message") return request;
  if (request?.kind === "response") return "response";
  // GET and DELETE have no body, and open or end the session of the proof.
  return request?.kind === "http" && ["GET", "DELETE"].includes(request.method) ? "response" : undefined;
}

/** An object's members, or none; own ones only (T11). */
function own(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return {};
  return Array.isArray(value) ? (value as never) : Object.assign(Object.create(null), value);
}
