import type { LabOptions } from "../../src/index.ts";

/** What differs between the SDKs' generations. Their own types do too, which is why none of them is here. */
interface Sdk {
  // biome-ignore-start lint/suspicious/noExplicitAny: functions and classes of both SDKs and of zod
  demand: (handler: any, more?: object) => any;
  schema: (shape: any) => any;
  completable: any;
  ResourceTemplate: any;
  subscribe: any;
  any: () => any;
  string: () => any;
  // biome-ignore-end lint/suspicious/noExplicitAny: functions and classes of both SDKs and of zod
}

export declare function addLab(server: object, sdk: Sdk): void;
export declare function addTask(server: object): void;
export declare const lab: LabOptions;
