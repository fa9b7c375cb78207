export { givePlaces, type RotationNames, readDelegatedNames } from "./delegated-names.ts";
export {
  type KeyedDomain,
  planDomainKeys,
  removeDomainAction,
  replaceKeysAction,
} from "./plan-domain-keys.ts";
