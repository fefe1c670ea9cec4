import { statusListError } from "./status-list-error.ts";

/** Bytes of compressed data given to the platform at a time. DEFLATE makes at most 1032 bytes of one, so at most 4 MiB come back. */
const SLICE = 4096;
const CHECKSUM_BYTES = 4;
/** The largest prime below 2^16 (RFC 1950 §8.2). */
const ADLER_BASE = 65_521;
/** Bytes whose sums stay exact integers of 32 bits before they have to be reduced. */
const ADLER_RUN = 3800;

/**
 * Inflates data in the ZLIB format (RFC 1950) with the platform's own decompressor.
 *
 * Stops at `maxBytes`, before more is held. It also compares the checksum itself: that refuses truncated data, and data
 * with something behind its end, on platforms whose decompressor takes them.
 *
 * @param maxBytes Most bytes after decompression. @throws AttestationError `ERR_REVOCATION_UNAVAILABLE`.
 */
export async function inflate(compressed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const { readable, writable } = new DecompressionStream("deflate");
  const writing = writeSlices(writable, compressed);
  const chunks: Uint8Array[] = [];
  let length = 0;
  let sum = 1;
  const reader = readable.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  try {
    for (let next = await reader.read(); next.value !== undefined; next = await reader.read()) {
      length += next.value.length;
      if (length > maxBytes) throw statusListError(`inflates to more than ${maxBytes} bytes`);
      sum = adler32(next.value, sum);
      chunks.push(next.value);
    }
    await writing;
  } catch (error) {
    // A stream that failed rejects these too.
    await Promise.allSettled([reader.cancel(), writing]);
    throw error instanceof Error && "code" in error && error.code === "ERR_REVOCATION_UNAVAILABLE" ? error : notZlib();
  }
  const { buffer, byteOffset, byteLength } = compressed;
  if (byteLength < CHECKSUM_BYTES) throw notZlib();
  const written = new DataView(buffer, byteOffset, byteLength).getUint32(byteLength - CHECKSUM_BYTES);
  if (written !== sum) throw notZlib();
  return concatenate(chunks, length);
}

async function writeSlices(writable: WritableStream<Uint8Array<ArrayBuffer>>, compressed: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  // Its rejection is that of the writes below.
  writer.closed.catch(() => {});
  for (let at = 0; at < compressed.length; at += SLICE) {
    await writer.ready;
    await writer.write(compressed.slice(at, at + SLICE));
  }
  await writer.close();
}

/** Continues the checksum of RFC 1950 §9. */
function adler32(bytes: Uint8Array, sum: number): number {
  let low = sum & 0xffff;
  let high = sum >>> 16;
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(at + ADLER_RUN, bytes.length);
    for (; at < end; at++) {
      low += bytes[at] as number;
      high += low;
    }
    low %= ADLER_BASE;
    high %= ADLER_BASE;
  }
  return high * 0x1_0000 + low;
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function notZlib(): Error {
  return statusListError("is not whole data in the ZLIB format");
}
