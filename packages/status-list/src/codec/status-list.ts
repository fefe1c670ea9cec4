import { decodeBase64url, encodeBase64url, optionError } from "@attest/core";
import { deflate } from "./deflate.ts";
import { inflate } from "./inflate.ts";
import { statusListError } from "./status-list-error.ts";

/** Bits that each status takes. */
export type StatusBits = 1 | 2 | 4 | 8;

/** A status list as JSON: the claim `status_list` of a status list token. */
export interface EncodedStatusList {
  /** Bits of one status. */
  readonly bits: StatusBits;
  /** base64url of the compressed bytes. */
  readonly lst: string;
}

/** What bounds a list that others made. Bytes. */
export interface StatusListLimits {
  /** Before decompression. Default 1 MiB. */
  readonly maxCompressedBytes?: number;
  /** After decompression; as much is held in memory. Default 8 MiB. */
  readonly maxBytes?: number;
}

const MIB = 1024 * 1024;
/** Default limits, in bytes. */
export const DEFAULT_LIMITS: Required<StatusListLimits> = { maxCompressedBytes: MIB, maxBytes: 8 * MIB };

/**
 * Statuses by their index, packed into bytes from the least significant bit on (Token Status List §4.1). Holds no more than
 * those bytes.
 */
export class StatusList {
  /** Bits of one status: 1, 2, 4 or 8. */
  readonly bits: StatusBits;
  /** How many statuses the list has. */
  readonly size: number;
  readonly #bytes: Uint8Array;
  /** Statuses in a byte, as a power of two. */
  readonly #shift: number;
  readonly #mask: number;

  private constructor(bits: StatusBits, bytes: Uint8Array) {
    this.bits = bits;
    this.#bytes = bytes;
    this.#shift = 3 - Math.log2(bits);
    this.#mask = (1 << bits) - 1;
    this.size = bytes.length << this.#shift;
  }

  /**
   * A list whose statuses are all 0, valid.
   *
   * @param bits Bits of one status.
   * @param size How many, at least; filled up to whole bytes.
   * @throws AttestationError `ERR_OPTION`.
   */
  static create(bits: StatusBits, size: number): StatusList {
    if (!isStatusBits(bits)) throw optionError("bits", "must be 1, 2, 4 or 8");
    if (!Number.isSafeInteger(size) || size < 1 || size > 2 ** 30) {
      throw optionError("size", `must be a whole number from 1 to ${2 ** 30}`);
    }
    return new StatusList(bits, new Uint8Array(Math.ceil((size * bits) / 8)));
  }

  /**
   * Reads a list that others made. Unknown members are ignored.
   *
   * @throws AttestationError `ERR_REVOCATION_UNAVAILABLE` for anything else than a list within the limits.
   */
  static async decode(encoded: unknown, limits: StatusListLimits = {}): Promise<StatusList> {
    const { maxCompressedBytes, maxBytes } = { ...DEFAULT_LIMITS, ...limits };
    const { bits, lst } = (typeof encoded === "object" && encoded !== null ? encoded : {}) as Record<string, unknown>;
    if (!isStatusBits(bits)) throw statusListError("has a `bits` other than 1, 2, 4 and 8");
    if (typeof lst !== "string") throw statusListError("has no `lst`");
    if (lst.length > Math.ceil((maxCompressedBytes * 4) / 3)) {
      throw statusListError(`has more than ${maxCompressedBytes} bytes of compressed data`);
    }
    const compressed = decodeBase64url(lst);
    if (!compressed) throw statusListError("is not in canonical base64url");
    const bytes = await inflate(compressed, maxBytes);
    if (bytes.length === 0) throw statusListError("is empty");
    return new StatusList(bits, bytes);
  }

  /** The status at an index; `undefined` for anything that is not the index of a status of this list. */
  get(index: number): number | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) return undefined;
    const byte = this.#bytes[Math.floor(index / (1 << this.#shift))] as number;
    return (byte >> this.#offset(index)) & this.#mask;
  }

  /** Sets the status at an index. @throws AttestationError `ERR_OPTION` for an index or a status that the list cannot hold. */
  set(index: number, status: number): void {
    if (this.get(index) === undefined) throw optionError("index", `must be a whole number from 0 to ${this.size - 1}`);
    if (!Number.isInteger(status) || status < 0 || status > this.#mask) {
      throw optionError("status", `must be a whole number from 0 to ${this.#mask}`);
    }
    const at = Math.floor(index / (1 << this.#shift));
    const offset = this.#offset(index);
    this.#bytes[at] = ((this.#bytes[at] as number) & ~(this.#mask << offset)) | (status << offset);
  }

  /** The list as JSON, compressed as much as the platform does. */
  async encode(): Promise<EncodedStatusList> {
    return { bits: this.bits, lst: encodeBase64url(await deflate(this.#bytes)) };
  }

  /** Where in its byte the status at an index begins. */
  #offset(index: number): number {
    return (index & ((1 << this.#shift) - 1)) * this.bits;
  }
}

function isStatusBits(bits: unknown): bits is StatusBits {
  return bits === 1 || bits === 2 || bits === 4 || bits === 8;
}
