export * from "./dmarc-step.ts";
export * from "./mail-settings.ts";
export * from "./record-wishes.ts";
