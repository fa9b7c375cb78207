export { openProvider } from "./open-provider.ts";
export {
  type DnsProvider,
  DnsProviderError,
  type DnsProviderProblem,
  type ProviderZone,
} from "./provider.ts";
export { type WriteOptions, type WriteOutcome, writeChanges } from "./write-changes.ts";
