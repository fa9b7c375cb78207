export { givePlaces, type RotationNames, readDelegatedNames } from "./delegated-names.ts";
export {
  type KeyedDomain,
  leaveDomainAction,
  planDomainKeys,
  removeDomainAction,
  replaceKeysAction,
} from "./plan-domain-keys.ts";
