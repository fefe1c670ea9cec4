import { library } from "../../tsup.base.ts";

export default library(
  [
    "src/index.ts",
    "src/advice-of.ts",
    "src/formats/spiffe-jwt-svid.ts",
    "src/formats/wimse-wit.ts",
    "src/testing/index.ts",
    "src/crypto/node.ts",
    "src/crypto/web.ts",
  ],
  ["#crypto"],
);
