import { queueNames } from "@mailstead/core/mail-queue";

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

const saidMax = 320;
const wordMax = 40;

/**
 * Reads what the bar holds out of the part of an address behind `#`. It stands there because browsers send that part to
 * nobody, so that no log on the way keeps whose mail was looked for.
 */
export function readQueueHash(hash: string): QueueFilters {
  const params = new URLSearchParams(hash.replace(/^#/, ""));
  const said = (name: keyof QueueFilters) => params.get(name)?.slice(0, saidMax) ?? "";
  const oneOf = (name: keyof QueueFilters, known: readonly string[]) =>
    known.includes(said(name)) ? said(name) : "";
  return {
    sender: said("sender"),
    recipient: said("recipient"),
    domain: said("domain"),
    queue: oneOf("queue", queueNames),
    provider: said("provider").slice(0, wordMax),
    category: said("category").slice(0, wordMax),
    age: oneOf("age", Object.keys(queueAges)),
  };
}

/** The part of an address from its `#` on that says what the bar holds; empty where it limits nothing. */
export function queueHash(filters: QueueFilters): string {
  const params = new URLSearchParams(Object.entries(filters).filter(([, value]) => value.trim() !== ""));
  return params.size === 0 ? "" : `#${params}`;
}

/** The queue of a server with what one sender has in it. */
export function queueOfSenderHref(serverId: string, sender: string): string {
  return `/servers/${serverId}/queue${queueHash({ ...noFilters, sender })}`;
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
