export { type CheckedRecord, type CheckOptions, checkRecords, type RecordCheck } from "./check-records.ts";
export { DnsMemory } from "./dns-memory.ts";
export { DnsView } from "./dns-view.ts";
export { DnsQueryError, type NameServerAddress, queryNameServer } from "./query-name-server.ts";
export type { PublishOutcome, PublishRequest, RecordPublisher } from "./record-publisher.ts";
export type { Resolver } from "./resolver.ts";
export { resolverFromText } from "./resolver-address.ts";
