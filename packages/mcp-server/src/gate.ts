// The parts of a gate, for programs that forward what a guard let through instead of handling it

export type { AnswerFilter, Asked } from "./attach/answer-filter.ts";
export { filterOf, finishJson } from "./attach/answer-filter.ts";
export { eventsOf, type StreamEvent } from "./attach/events-of.ts";
export {
  ambiguousSession,
  type GateDecision,
  type GateParts,
  type GateReply,
  type GateSessions,
  HttpGate,
  methodNotAllowed,
  type RawRequest,
  rpcError,
  tooLarge,
} from "./attach/http-gate.ts";
export { HttpSessions } from "./attach/http-sessions.ts";
export { refuseDemand } from "./attach/neighbours.ts";
export { fieldOf, type NodeBody, readNodeBody } from "./attach/node-request.ts";
export { Pieces } from "./attach/pieces.ts";
export { readBody } from "./attach/read-body.ts";
export { refuseBody } from "./attach/refuse-body.ts";
export { textOf } from "./attach/text-of.ts";
export { type Demand, type DemandProblem, readDemand } from "./demand.ts";
export { isOwnField } from "./guard/answers.ts";
export { type Exchange, exchangeIn, type Finding } from "./guard/exchange.ts";
export { GuardSession } from "./guard/guard-session.ts";
export {
  bodyOf,
  classify,
  type JsonRpcId,
  type JsonRpcMessage,
  methodOf,
  objectAt,
} from "./guard/json-rpc.ts";
