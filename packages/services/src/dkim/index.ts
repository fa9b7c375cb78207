export { findUnseenAliases, givePlaces, type RotationNames, readDelegatedNames } from "./delegated-names.ts";
export { handNamesOver } from "./hand-names-over.ts";
export { type MovedKey, placeFirstKeys } from "./place-first-keys.ts";
export {
  type KeyedDomain,
  leaveDomainAction,
  planDomainKeys,
  removeDomainAction,
  replaceKeysAction,
  stopDomainMailAction,
} from "./plan-domain-keys.ts";
