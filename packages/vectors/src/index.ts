export { DriverError, type DriverOptions } from "./driver.ts";
export type { Judgement } from "./judge.ts";
export type { Profile } from "./profile.ts";
export type { Answer, Presentation, Question } from "./protocol.ts";
export { type FileReport, type RunOptions, runVectors } from "./run-vectors.ts";
export { FILES, type FileName, readVectors, type Vector, type VectorFile } from "./vector.ts";
