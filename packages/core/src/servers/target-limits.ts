/** What one target state may hold; every domain of it is rendered, keyed and reported by one host. */
export const domainsPerServerMax = 5000;
/** Each carries a chain of some kilobytes, and every process of Postfix that greets a client reads them all. */
export const certificatesPerServerMax = 1000;
/** Private keys of domains that left, which one target state names to be destroyed. */
export const destroyedKeysMax = 500;
/** Zones that one host answers for, and what the people may write into each. */
export const zonesPerServerMax = 1000;
export const recordsPerZoneMax = 2000;
/** A host keeps some of its target states and parses one at each look. */
export const targetDocumentMaxBytes = 8 * 1_048_576;
/** UTF-16 units of a document that fit into one frame, however they are written in JSON. */
export const targetPartLength = 300_000;
