/** A queue id as its own instance of Postfix says it. */
export function bareQueueId(queueId: string): string {
  return queueId.slice(queueId.lastIndexOf("/") + 1);
}

/** Another queue id, of the instance that a first one is of. */
export function sameInstance(queueId: string, other: string): string {
  return `${queueId.slice(0, queueId.lastIndexOf("/") + 1)}${other}`;
}
