export { readTraceAnswers, type ToldMessage, type TraceAnswer } from "./read-trace-answers.ts";
export { type StartedTrace, startTrace, type TracedServer, tracedServersMax } from "./start-trace.ts";
export { readVisibleDomains } from "./visible-domains.ts";
