export { givePlaces, type RotationNames, readDelegatedNames } from "./delegated-names.ts";
export {
  type KeyedDomain,
  leaveDomainAction,
  planDomainKeys,
  removeDomainAction,
  replaceKeysAction,
  stopDomainMailAction,
} from "./plan-domain-keys.ts";
