// What can be made of an honest signature: R and S of Ed25519, or r and s of ES256, each 32 bytes.
import { bigEndian, fromBigEndian, fromLittleEndian, littleEndian } from "./bytes.mjs";
import { N, UNSAFE_POINTS } from "./test-keys.mjs";

const firstOf = (signature) => signature.subarray(0, 32);
const secondOf = (signature) => signature.subarray(32);

export const zeros = () => Buffer.alloc(64);
export const withFirst = (bytes) => (signature) => Buffer.concat([bytes, secondOf(signature)]);
export const withSecond = (bytes) => (signature) => Buffer.concat([firstOf(signature), bytes]);
export const swapped = (signature) => Buffer.concat([secondOf(signature), firstOf(signature)]);
export const bitFlipped = (signature) => Buffer.concat([signature.subarray(0, 63), Buffer.from([signature[63] ^ 1])]);

/** Another S of Ed25519. */
export const withS = (alter) => (signature) =>
  withSecond(littleEndian(alter(fromLittleEndian(secondOf(signature)))))(signature);
/** The other S that P-256 takes for the same statement: n − s. */
export const mirrored = (signature) => withSecond(bigEndian(N - fromBigEndian(secondOf(signature))))(signature);

/** Points for R that must be refused, by what is wrong with them. */
export const UNSAFE_R = UNSAFE_POINTS.map(([name, point]) => [`R with ${name}`, withFirst(point)]);

/** r ‖ s as the DER SEQUENCE that other protocols have. */
export function derOf(signature) {
  const integer = (bytes) => {
    const positive = bytes[0] & 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
    return Buffer.concat([Buffer.from([2, positive.length]), positive]);
  };
  const body = Buffer.concat([integer(firstOf(signature)), integer(secondOf(signature))]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}
