import type { Order } from "../checks/order.ts";
import type { UseFacts } from "../checks/use.ts";

/** What binds a statement to one message. */
export interface Use {
  /** The ordered checks of §6 steps 7 and 8. */
  readonly checks: Order<UseFacts, object>;
  /** Whether the statement may be remembered, so that later messages cost only their own checks (T21). */
  readonly remembers: boolean;
}
