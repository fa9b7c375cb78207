/** Which messages of a queue are shown, as its bar holds it. */
export interface QueueFilters {
  sender: string;
  recipient: string;
  domain: string;
  queue: string;
  provider: string;
  category: string;
  age: string;
}

export const noFilters: QueueFilters = {
  sender: "",
  recipient: "",
  domain: "",
  queue: "",
  provider: "",
  category: "",
  age: "",
};

/** What the bar holds at first: the sender that the page's address names, as a finding about an account does. */
export function readQueueFilters(params: { get(name: string): string | null }): QueueFilters {
  return { ...noFilters, sender: params.get("sender") ?? "" };
}

/** The queue of a server with what one sender has in it. */
export function queueOfSenderHref(serverId: string, sender: string): string {
  return `/servers/${serverId}/queue?${new URLSearchParams({ sender })}`;
}

const hourMs = 3_600_000;
export const queueAges = { hour: hourMs, hours: 4 * hourMs, day: 24 * hourMs } as const;
export type QueueAge = keyof typeof queueAges;

/** The filter as the server takes it. */
export function filterOf({ age, ...filters }: QueueFilters, now: Date): Record<string, string | number> {
  const said = Object.entries(filters).filter(([, value]) => value.trim() !== "");
  const isAge = Object.hasOwn(queueAges, age);
  return {
    ...Object.fromEntries(said),
    ...(isAge ? { arrivedUntil: now.getTime() - queueAges[age as QueueAge] } : {}),
  };
}

/**
 * The same for an order to all that match: no message that arrived after they were shown is meant, so that what a person
 * agreed to is what is done.
 */
export function filterAsShown(filters: QueueFilters, readAt: number) {
  const filter = filterOf(filters, new Date(readAt));
  return { ...filter, arrivedUntil: Number(filter["arrivedUntil"] ?? readAt) };
}

export function isFiltered(filters: QueueFilters): boolean {
  return Object.values(filters).some((value) => value !== "");
}
