import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** A certificate with its private key, both PEM. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of the test's own, and certificates of it. */
export interface TestCa {
  readonly ca: string;
  /** Of a server, for the names and addresses that were asked for. */
  readonly server: Certificate;
  /** Of a client, for mutual TLS. */
  readonly client: Certificate;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 86_400_000;

export async function createTestCa(names: string[], addresses: string[]): Promise<TestCa> {
  x509.cryptoProvider.set(crypto);
  const generate = () => crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const caKeys = await generate();
  const validity = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=Test CA",
    ...validity,
    signingAlgorithm: ALGORITHM,
    keys: caKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const certify = async (serialNumber: string, name: string, extensions: x509.Extension[]): Promise<Certificate> => {
    const { publicKey, privateKey } = await generate();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber,
      subject: `CN=${name}`,
      issuer: ca.subject,
      ...validity,
      signingAlgorithm: ALGORITHM,
      publicKey,
      signingKey: caKeys.privateKey,
      extensions: [new x509.BasicConstraintsExtension(false, undefined, true), ...extensions],
    });
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", privateKey);
    return { cert: certificate.toString("pem"), key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
  };
  const [server, client] = await Promise.all([
    certify("02", "Hostile server", [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: "dns", value }) as const),
        ...addresses.map((value) => ({ type: "ip", value }) as const),
      ]),
    ]),
    certify("03", "Client", [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])]),
  ]);
  return { ca: ca.toString("pem"), server, client };
}
