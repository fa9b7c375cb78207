export * from "./certificate-facts.ts";
export * from "./check-digest.ts";
export * from "./finding-changes.ts";
export * from "./host-facts.ts";
export * from "./judge-host.ts";
export * from "./judge-mta-sts.ts";
export * from "./mta-sts-policy.ts";
export * from "./record-findings.ts";
