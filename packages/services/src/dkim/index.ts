export {
  type KeyedDomain,
  planDomainKeys,
  removeDomainAction,
  replaceKeysAction,
} from "./plan-domain-keys.ts";
