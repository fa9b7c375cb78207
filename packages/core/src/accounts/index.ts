export * from "./account-alert.ts";
export * from "./account-batch.ts";
export * from "./account-findings.ts";
export * from "./account-record.ts";
export * from "./account-thresholds.ts";
export * from "./judge-account.ts";
