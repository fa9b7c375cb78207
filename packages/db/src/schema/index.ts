export * from "./access.ts";
export * from "./checks.ts";
export * from "./domains.ts";
export * from "./jobs.ts";
export * from "./mailboxes.ts";
export * from "./servers.ts";
export * from "./zones.ts";
