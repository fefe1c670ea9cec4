import { optionError, refuseUnknownOptions } from "@attest/core";
import type { FetchLike } from "../attest-fetch.ts";
import type { CredentialAsk } from "../http-source.ts";
import { askPlatform, assertEvidenceOptions, audienceFor, type EvidenceOptions, tokenIn } from "./evidence-request.ts";

export type { EvidenceOptions } from "./evidence-request.ts";

/** How a pod asks its cluster for a token of its service account. */
export interface KubernetesCredentialOptions extends EvidenceOptions {
  /** The namespace of the service account. */
  readonly namespace: string;
  /** The name of the service account that the token is issued for. */
  readonly serviceAccount: string;
  /** Returns the token by which the pod may ask: the one mounted at `/var/run/secrets/kubernetes.io/serviceaccount/token`. */
  readonly token: () => string | Promise<string>;
  /** Default `https://kubernetes.default.svc`. */
  readonly apiServer?: string | URL;
  /** The pod that the token is bound to, so that the cluster ends it with the pod. Default: no pod. */
  readonly pod?: {
    /** The pod's name. */
    readonly name: string;
    /** The pod's `metadata.uid`: another pod of the same name does not count. */
    readonly uid: string;
  };
  /** Seconds, from 600, the least that the API takes. Default 600. */
  readonly expirationSeconds?: number;
  /**
   * Sends the request. Default: the platform's `fetch`, which knows the cluster's certificate authority by
   * `NODE_EXTRA_CA_CERTS=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt`.
   */
  readonly fetch?: FetchLike;
}

const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const PLATFORM = "The Kubernetes API";

/**
 * A `credential` for `httpSource`: asks the TokenRequest API for a token of the service account, for this authority and the
 * agent's key. The service account needs the right to `create` `serviceaccounts/token` of itself.
 *
 * Source: Kubernetes API, `POST /api/v1/namespaces/{namespace}/serviceaccounts/{name}/token`, authentication.k8s.io/v1.
 *
 * @throws AttestationError `ERR_OPTION`; the callback rejects with `ERR_SOURCE_UNAVAILABLE`.
 */
export function kubernetesCredential(options: KubernetesCredentialOptions): (ask: CredentialAsk) => Promise<string> {
  const known = {
    audience: true,
    keyBound: true,
    namespace: true,
    serviceAccount: true,
    token: true,
    apiServer: true,
    pod: true,
    expirationSeconds: true,
    fetch: true,
  } as const;
  refuseUnknownOptions(options, known, "a Kubernetes credential");
  assertEvidenceOptions(options);
  const { namespace, serviceAccount, token, pod, expirationSeconds = 600, fetch: send } = options;
  const { apiServer = "https://kubernetes.default.svc" } = options;
  for (const [name, value] of Object.entries({ namespace, serviceAccount })) {
    if (typeof value !== "string" || !NAME.test(value))
      throw optionError(name, "must be the name of a Kubernetes object");
  }
  if (typeof token !== "function") throw optionError("token", "must be a function that returns the mounted token");
  if (!Number.isSafeInteger(expirationSeconds) || expirationSeconds < 600) {
    throw optionError("expirationSeconds", "must be a whole number of seconds from 600");
  }
  if (!URL.canParse(String(apiServer))) throw optionError("apiServer", "must be an absolute URL");
  const url = new URL(`/api/v1/namespaces/${namespace}/serviceaccounts/${serviceAccount}/token`, apiServer);
  return async (ask) => {
    const boundObjectRef = pod && { apiVersion: "v1", kind: "Pod", name: pod.name, uid: pod.uid };
    const spec = {
      audiences: [audienceFor(options, ask)],
      expirationSeconds,
      ...(boundObjectRef && { boundObjectRef }),
    };
    const init = {
      method: "POST",
      headers: {
        Authorization: `Bearer ${(await token()).trim()}`,
        "Content-Type": "application/json",
        Accept: "application/json",
      },
      body: JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec }),
      signal: ask.signal,
    };
    const { status } = (await askPlatform(PLATFORM, url, init, send)) as { status?: { token?: unknown } };
    return tokenIn(PLATFORM, status?.token);
  };
}
