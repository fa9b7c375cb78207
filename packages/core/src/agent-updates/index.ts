export { type AgentRelease, readAgentRelease } from "./agent-release.ts";
export {
  type Decision,
  decideUpdate,
  type RefusalReason,
  type UpdateQuestion,
} from "./decide-update.ts";
export {
  type Delegation,
  delegationText,
  type Manifest,
  type ManifestFile,
  manifestText,
  parseDelegation,
  parseManifest,
} from "./documents.ts";
export { readChain, type SignedDocuments, type VerifySignature, withSignature } from "./read-chain.ts";
export { agentVersionSchema, updateAgentArgsSchema, updateAgentResultSchema } from "./update-order.ts";
