import { library } from "../../tsup.base.ts";

export default library(["src/index.ts", "src/http/node.ts", "src/http/web.ts"], ["#http"]);
