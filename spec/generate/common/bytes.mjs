// Texts and numbers as the bytes that keys, signatures and tokens are made of.
import { createHash } from "node:crypto";

export const base64url = (data) => Buffer.from(data).toString("base64url");
export const sha256 = (data) => base64url(createHash("sha256").update(data).digest());

/** A number as big-endian bytes: 32 of them, as P-256 writes it, unless told otherwise. */
export const bigEndian = (value, bytes = 32) => Buffer.from(value.toString(16).padStart(2 * bytes, "0"), "hex");
export const fromBigEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);

/** A number as 32 little-endian bytes, as Ed25519 writes them (RFC 8032 §5.1). */
export const littleEndian = (value) => bigEndian(value).reverse();
export const fromLittleEndian = (bytes) => fromBigEndian(Buffer.from(bytes).reverse());
