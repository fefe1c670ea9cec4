import type { IncomingMessage } from "node:http";
import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { Connection } from "../evidence/evidence.ts";

/** Proxies that are trusted to name the client's address. */
export interface TrustedProxy {
  /** The addresses that they connect from, as the system writes them. */
  readonly addresses: readonly string[];
  /** The header in which they put the client's address, the last one where it lists several. */
  readonly addressHeader: string;
}

const MAX_CHAIN = 8;

/** What Node knows of the connection that a request came over. */
export function connectionOf(message: IncomingMessage, proxy: TrustedProxy | undefined): Connection {
  const { socket } = message;
  const peerAddress = socket.remoteAddress;
  const certificates = verifiedChain(socket as TLSSocket);
  const forwarded =
    proxy && peerAddress !== undefined && proxy.addresses.includes(peerAddress)
      ? lastOf(message.headers[proxy.addressHeader.toLowerCase()])
      : undefined;
  const address = forwarded ?? peerAddress;
  return {
    ...(address !== undefined && { address }),
    ...(peerAddress !== undefined && { peerAddress }),
    ...(certificates.length > 0 && { certificates }),
  };
}

function lastOf(value: string | readonly string[] | undefined): string | undefined {
  const last = [value ?? []].flat().join(",").split(",").at(-1)?.trim();
  return last === "" ? undefined : last;
}

/** The client's certificates, leaf first, if the handshake verified them. */
function verifiedChain(socket: TLSSocket): readonly Uint8Array[] {
  if (socket.authorized !== true || typeof socket.getPeerCertificate !== "function") return [];
  const chain: Uint8Array[] = [];
  let at: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (at?.raw && chain.length < MAX_CHAIN) {
    chain.push(at.raw);
    const next: DetailedPeerCertificate | undefined = at.issuerCertificate;
    // A root is its own issuer.
    at = next === at ? undefined : next;
  }
  return chain;
}
