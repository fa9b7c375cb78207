export { type CheckedRecord, checkRecords, type RecordCheck } from "./check-records.ts";
export * from "./providers/index.ts";
export { publishByHand } from "./publish-by-hand.ts";
export { DnsQueryError, type NameServerAddress, queryNameServer } from "./query-name-server.ts";
export type { PublishOutcome, PublishRequest, RecordPublisher } from "./record-publisher.ts";
export type { Resolver } from "./resolver.ts";
export { resolverFromText } from "./resolver-address.ts";
export { type Witness, type WitnessedServer, witnessNames } from "./witness-names.ts";
