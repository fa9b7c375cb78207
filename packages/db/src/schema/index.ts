export * from "./access.ts";
export * from "./dns-publishing.ts";
export * from "./domains.ts";
export * from "./jobs.ts";
export * from "./mailboxes.ts";
export * from "./servers.ts";
