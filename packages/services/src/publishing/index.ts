export { getPublication, planPublication, publishPlan } from "./ask-for-publication.ts";
export { removeDnsConnection, testDnsConnection } from "./change-dns-connection.ts";
export { connectDns } from "./connect-dns.ts";
export { type DnsWork, doDnsWork } from "./do-dns-work.ts";
export { type DnsConnectionRow, listDnsConnections } from "./list-dns-connections.ts";
export type { Publication, PublicationPlan } from "./publication.ts";
export type { PublishingWorker } from "./publishing-worker.ts";
export { openRecordPublisher } from "./record-publisher.ts";
export { type ConnectionTrial, tryConnection } from "./try-connection.ts";
