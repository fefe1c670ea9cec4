import { X509Certificate } from "node:crypto";
import { optionError, refuseUnknownOptions } from "@attest/core";
import { type Evidence, EvidenceError, type EvidenceVerifier, type Presented } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { isOfTrustDomain, trustDomainOption, vetSpiffeRule } from "./spiffe-rule.ts";

/** Options of `x509SvidEvidence`: either `roots`, or `proxy`. */
export interface X509SvidEvidenceOptions {
  /** The trust domain whose workloads are admitted, without `spiffe://`. */
  readonly trustDomain: string;
  /**
   * The PEM certificates of this trust domain's authorities, where workloads connect to this process by mutual TLS. A chain
   * must end at one of them, whatever else the TLS server trusts: no other trust domain's authority can name this one's
   * workloads.
   */
  readonly roots?: string | readonly string[];
  /** The proxy that ends TLS, if there is one. It must demand a certificate and verify it for this trust domain alone. */
  readonly proxy?: {
    /** The addresses that it connects from, as the system writes them. From any other address the header counts for nothing. */
    readonly addresses: readonly string[];
    /** The header in which it puts the certificate. It must remove one that a client sends. Default `Client-Cert` (RFC 9440). */
    readonly header?: string;
    /** `rfc9440`: `:base64 DER:`, as in RFC 9440. `escaped-pem`: percent-encoded PEM, nginx's `$ssl_client_escaped_cert`. */
    readonly format?: "rfc9440" | "escaped-pem";
  };
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MAX_CHAIN = 8;
const MAX_HEADER = 16_384;
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE = 30;

/**
 * X.509-SVIDs of one trust domain, by mutual TLS with this process, or from a proxy that is named. The handshake proves
 * possession of the certificate's key, so this evidence can be shown again and again.
 *
 * A header counts only where it comes from the named proxy: anybody else could write one.
 *
 * Source: SPIFFE X.509-SVID §5; RFC 9440.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function x509SvidEvidence(options: X509SvidEvidenceOptions): EvidenceVerifier {
  refuseUnknownOptions(options, { trustDomain: true, roots: true, proxy: true }, "X.509-SVID evidence");
  const trustDomain = trustDomainOption(options.trustDomain);
  if ((options.roots === undefined) === (options.proxy === undefined)) {
    throw optionError("roots", "or proxy must be given, and not both: who has verified the certificate");
  }
  const find = options.proxy ? fromProxy(options.proxy) : fromConnection(readRoots(options.roots));
  return {
    kind: "x509-svid",
    vetRule: (checks: RuleChecks) => vetSpiffeRule(checks, trustDomain),
    async verify(presented): Promise<Evidence> {
      const certificate = find(presented);
      const subject = spiffeIdOf(certificate, trustDomain, presented.now);
      const { fingerprint256, serialNumber } = certificate;
      return { subject, claims: { sub: subject, serial: serialNumber }, handle: fingerprint256 };
    },
  };
}

function spiffeIdOf(certificate: X509Certificate, trustDomain: string, now: number): string {
  const [from, until] = [certificate.validFrom, certificate.validTo].map((date) => Date.parse(date) / 1000);
  if (!(Number(from) - CLOCK_TOLERANCE <= now && now < Number(until) + CLOCK_TOLERANCE)) {
    throw new EvidenceError("expired", "The certificate is not valid at this time");
  }
  if (certificate.ca) throw new EvidenceError("trap", "The certificate is that of an authority, and no workload's");
  const names = certificate.subjectAltName ?? "";
  // Node quotes a name that holds what stands between names: no SPIFFE ID does.
  if (names.includes('"')) throw new EvidenceError("format", "The certificate's names cannot be told apart");
  const uris = names.split(", ").filter((name) => name.startsWith("URI:"));
  const id = uris[0]?.slice("URI:".length);
  if (uris.length !== 1 || id === undefined)
    throw new EvidenceError("claims", "The certificate has not exactly one URI");
  if (!isOfTrustDomain(id, trustDomain)) {
    throw new EvidenceError("issuer", "The certificate's URI is no SPIFFE ID of the trust domain");
  }
  return id;
}

function readRoots(roots: string | readonly string[] | undefined): readonly X509Certificate[] {
  const found = [roots ?? []].flat().flatMap((text) => (typeof text === "string" ? (text.match(PEM) ?? []) : []));
  if (found.length === 0) throw optionError("roots", "must be PEM certificates");
  try {
    return found.map((pem) => new X509Certificate(pem));
  } catch {
    throw optionError("roots", "must be PEM certificates: one of them cannot be read");
  }
}

function fromConnection(roots: readonly X509Certificate[]): (presented: Presented) => X509Certificate {
  return ({ connection: { certificates = [] } }) => {
    const chain = certificates.slice(0, MAX_CHAIN).map((der) => new X509Certificate(der));
    const [leaf] = chain;
    if (!leaf) throw new EvidenceError("missing", "The connection has no client certificate that TLS verified");
    if (!endsAtRoot(chain, roots)) {
      throw new EvidenceError("signature", "The certificate's chain does not end at an authority of the trust domain");
    }
    return leaf;
  };
}

/** Whether each certificate is issued by the next one, and one of them by a root. */
function endsAtRoot(chain: readonly X509Certificate[], roots: readonly X509Certificate[]): boolean {
  for (const [i, certificate] of chain.entries()) {
    if (roots.some((root) => isIssuedBy(certificate, root))) return true;
    const next = chain[i + 1];
    if (!next?.ca || !isIssuedBy(certificate, next)) return false;
  }
  return false;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function fromProxy(proxy: NonNullable<X509SvidEvidenceOptions["proxy"]>): (presented: Presented) => X509Certificate {
  refuseUnknownOptions(proxy, { addresses: true, header: true, format: true }, "a proxy");
  const { header = "Client-Cert", format = "rfc9440" } = proxy;
  const addresses = new Set(proxy.addresses);
  if (addresses.size === 0 || ![...addresses].every((address) => typeof address === "string" && address !== "")) {
    throw optionError("proxy.addresses", "must name the addresses that the proxy connects from");
  }
  if (!/^[A-Za-z0-9-]{1,64}$/.test(header)) throw optionError("proxy.header", "must be the name of a header");
  if (format !== "rfc9440" && format !== "escaped-pem")
    throw optionError("proxy.format", "must be rfc9440 or escaped-pem");
  return ({ headers, connection: { peerAddress } }) => {
    if (peerAddress === undefined || !addresses.has(peerAddress)) {
      throw new EvidenceError("trap", "The request does not come from the proxy that may name a certificate");
    }
    const value = headers.get(header);
    if (value === null || value === "") throw new EvidenceError("missing", "The proxy has sent no certificate");
    const certificate = value.length <= MAX_HEADER ? readHeader(value, format) : undefined;
    if (!certificate) throw new EvidenceError("format", `The proxy's header is no certificate in the form ${format}`);
    return certificate;
  };
}

function readHeader(value: string, format: "rfc9440" | "escaped-pem"): X509Certificate | undefined {
  try {
    if (format === "escaped-pem") {
      const [pem, second] = decodeURIComponent(value).match(PEM) ?? [];
      return pem === undefined || second !== undefined ? undefined : new X509Certificate(pem);
    }
    const base64 = /^:([A-Za-z0-9+/]+={0,2}):$/.exec(value)?.[1];
    return base64 === undefined ? undefined : new X509Certificate(Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}
