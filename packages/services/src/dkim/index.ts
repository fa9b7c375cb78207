export {
  type KeyedDomain,
  leaveDomainAction,
  planDomainKeys,
  removeDomainAction,
  replaceKeysAction,
} from "./plan-domain-keys.ts";
