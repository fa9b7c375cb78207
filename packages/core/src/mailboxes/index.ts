export * from "./address.ts";
export * from "./client-settings.ts";
export * from "./directory.ts";
export * from "./directory-epoch.ts";
export * from "./directory-lookups.ts";
export * from "./directory-schema.ts";
export * from "./directory-statements.ts";
export * from "./entry-for-role.ts";
export {
  clearProbeAccounts,
  isProbeAddress,
  isProbeDomain,
  type ProbeAccount,
  probeAccount,
  probeAccountsSql,
  putProbeAccount,
} from "./probe-account.ts";
export * from "./provider-lookups.ts";
