import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;

/** A certificate with its private key, both PEM, and the chain that is shown with it. */
export interface Svid {
  readonly cert: string;
  readonly key: string;
  readonly der: Uint8Array;
}

/** What a certificate of a test says. */
export interface SvidOptions {
  readonly uris?: readonly string[];
  readonly dns?: readonly string[];
  readonly ca?: boolean;
  /** Milliseconds. Default: around now. */
  readonly from?: number;
  readonly until?: number;
}

/** An authority of X.509-SVIDs, such as SPIRE is. */
export interface SvidAuthority {
  readonly root: string;
  readonly rootDer: Uint8Array;
  issue(options: SvidOptions): Promise<Svid>;
}

let serial = 16;

export async function createSvidAuthority(trustDomain: string): Promise<SvidAuthority> {
  x509.cryptoProvider.set(crypto);
  const generate = () => crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const keys = await generate();
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: `CN=${trustDomain}`,
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: `spiffe://${trustDomain}` }]),
    ],
  });
  return {
    root: root.toString("pem"),
    rootDer: new Uint8Array(root.rawData),
    async issue({ uris = [], dns = [], ca = false, from = Date.now() - DAY, until = Date.now() + DAY }) {
      const own = await generate();
      const names = [
        ...uris.map((value) => ({ type: "url", value }) as const),
        ...dns.map((value) => ({ type: "dns", value }) as const),
      ];
      const certificate = await x509.X509CertificateGenerator.create({
        serialNumber: (serial++).toString(16),
        subject: "O=SPIRE",
        issuer: root.subject,
        notBefore: new Date(from),
        notAfter: new Date(until),
        signingAlgorithm: ALGORITHM,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.BasicConstraintsExtension(ca, undefined, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      const pkcs8 = await crypto.subtle.exportKey("pkcs8", own.privateKey);
      return {
        cert: certificate.toString("pem"),
        key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
        der: new Uint8Array(certificate.rawData),
      };
    },
  };
}
