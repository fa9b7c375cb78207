export { delegateDomainKeys, keepDomainKeys } from "./delegate-domain-keys.ts";
export { type DelegationZone, getDelegationZone } from "./get-delegation-zone.ts";
export { getDomainDelegation } from "./get-domain-delegation.ts";
export { setDelegationZone } from "./set-delegation-zone.ts";
