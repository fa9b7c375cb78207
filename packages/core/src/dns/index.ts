export * from "./dkim-record.ts";
export * from "./judge-record.ts";
export * from "./plan-records.ts";
export * from "./planned-record.ts";
export * from "./reverse-name.ts";
export * from "./spf-record.ts";
export * from "./tag-list.ts";
