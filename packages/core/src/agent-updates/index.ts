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
  parseRootKey,
  rootKeyText,
} from "./documents.ts";
export {
  followRootKeys,
  readChain,
  readSigned,
  rootKeysMax,
  type SignedDocuments,
  type VerifySignature,
  withSignature,
} from "./read-chain.ts";
export { agentVersionSchema, updateAgentArgsSchema, updateAgentResultSchema } from "./update-order.ts";
