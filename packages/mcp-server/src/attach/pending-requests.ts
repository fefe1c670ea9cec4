import { type Exchange, isSameAgent } from "../guard/exchange.ts";
import type { JsonRpcId } from "../guard/json-rpc.ts";

/** The requests of one connection that are not answered yet. Several agents may share a connection (M12). */
export class PendingRequests {
  readonly #exchanges = new Map<JsonRpcId, Exchange>();

  /** Begins a request. `false` if another agent's request with this id is pending: one would receive the other's answer. */
  begin(id: JsonRpcId, exchange: Exchange): boolean {
    if (this.#isOthers(id, exchange)) return false;
    this.#exchanges.set(id, exchange);
    return true;
  }

  /** Cancels a request. `false` if it is another agent's. */
  cancel(id: JsonRpcId, exchange: Exchange): boolean {
    if (this.#isOthers(id, exchange)) return false;
    this.#exchanges.delete(id);
    return true;
  }

  /** A request that is not answered yet. */
  pending(id: JsonRpcId): Exchange | undefined {
    return this.#exchanges.get(id);
  }

  /** The request that an answer is for, which is then no longer pending. */
  answer(id: JsonRpcId): Exchange | undefined {
    const exchange = this.#exchanges.get(id);
    this.#exchanges.delete(id);
    return exchange;
  }

  #isOthers(id: JsonRpcId, { finding }: Exchange): boolean {
    const pending = this.#exchanges.get(id);
    return pending !== undefined && !isSameAgent(pending.finding, finding);
  }
}
