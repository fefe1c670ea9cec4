import { rulesOf } from "../checks/format-rules.ts";
import { TOKEN } from "../checks/in-order.ts";
import { Refusal } from "../checks/refusal.ts";
import { type Presented, type Statement, statementOf } from "../checks/statement.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";

/**
 * Assesses one token by the checks of its format. May be called again for a token inside or after another.
 *
 * @param facts What is known of the token. What its checks establish is added, so that a refused one can be reported on.
 */
export function assessStatement(facts: Presented): MaybePromise<Refusal | Statement> {
  return after(TOKEN(facts), (recognised) => {
    if (recognised instanceof Refusal) return recognised;
    return after(rulesOf(recognised.format).checks(recognised), (assessed) =>
      assessed instanceof Refusal ? assessed : statementOf(assessed),
    );
  });
}
