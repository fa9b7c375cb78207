/** How long a change of keys is given to reach the slowest secondary, in days. */
export const keyPropagationDays = 1;

/** How long others may remember the SOA record of a zone, and with it its keys, whose time to live Knot takes from it. */
export const soaTtlSeconds = 3600;

/** From when a new key stands beside the former one until nobody remembers the former one alone. */
export const keySpreadSeconds = keyPropagationDays * 86_400 + soaTtlSeconds;
