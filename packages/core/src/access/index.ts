export * from "./client-network.ts";
export * from "./email.ts";
export * from "./password.ts";
export * from "./role.ts";
export * from "./sign-in-delay.ts";
