import { library } from "../../tsup.base.ts";

export default library(
  ["src/index.ts", "src/node.ts", "src/kms/aws.ts", "src/crypto/node.ts", "src/crypto/web.ts"],
  ["#crypto"],
);
