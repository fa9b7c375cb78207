import type { FleetTally } from "./tally.ts";

const columns: readonly { readonly title: string; readonly of: (tally: FleetTally) => number }[] = [
  { title: "connected", of: ({ connected }) => connected },
  { title: "welcomes", of: ({ welcomes }) => welcomes },
  { title: "lost", of: ({ losses }) => losses },
  { title: "busy", of: ({ busy }) => busy },
  { title: "locked out", of: ({ lockedOut }) => lockedOut },
  { title: "orders", of: ({ orders }) => orders },
  { title: "succeeded", of: ({ succeeded }) => succeeded },
  { title: "failed", of: ({ failed }) => failed },
  { title: "confirmed", of: ({ confirmed }) => confirmed },
  { title: "run twice", of: ({ startedAgain }) => startedAgain },
  { title: "batches", of: ({ batchesStored }) => batchesStored },
];
const secondsTitle = "seconds";

export function tableHead(): string {
  return [secondsTitle, ...columns.map(({ title }) => title)].join("  ");
}

/** What happened so far, under the words of the head. */
export function tableRow(seconds: number, tally: FleetTally): string {
  return [
    String(Math.round(seconds)).padStart(secondsTitle.length),
    ...columns.map(({ title, of }) => String(of(tally)).padStart(title.length)),
  ].join("  ");
}

/** The end of a run in a few sentences. */
export function summarise(tally: FleetTally): string {
  const { agents, connected, started, startedAgain, succeeded, failed, confirmed, lies, clones, vanished } =
    tally;
  return [
    `${connected} of ${agents} agents were connected at the end; ${tally.losses} connections were lost and ${tally.lockedOut} refused for good.`,
    `${tally.orders} orders came and ${started} jobs were begun, ${startedAgain} of them twice; ${succeeded} succeeded, ${failed} failed, and the control plane confirmed ${confirmed}.`,
    `${tally.batchesStored} of ${tally.batchesSent} batches of telemetry that were sent are stored.`,
    `${vanished} agents went with an order in hand, ${clones} were cloned, and ${lies} times one lied about a job.`,
  ].join("\n");
}
