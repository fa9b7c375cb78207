/**
 * Source of a pattern that captures a queue id: hexadecimal, or long with letters that are no vowels
 * (enable_long_queue_ids). A refusal before there is a message stands under NOQUEUE.
 */
export const queueIdPattern = "(NOQUEUE|[0-9A-F]{5,24}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{11,24})";
