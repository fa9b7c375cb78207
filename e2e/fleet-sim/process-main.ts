// One process of a fleet; started by processes.ts, which it obeys and reports to over IPC.
import { createSecureContext } from "node:tls";
import { type Fleet, openFleet } from "./fleet.ts";
import {
  type FleetOrder,
  type FromProcess,
  preciseNowMs,
  received,
  type ToProcess,
} from "./fleet-message.ts";

const tellEveryMs = 250;
let fleet: Fleet | null = null;
let isWatching = false;
let orders: (readonly [string, number])[] = [];

const report = (message: FromProcess) => process.send?.(message);

process.on("message", (message: ToProcess) => {
  switch (message.kind) {
    case "open":
      fleet = open(message);
      return;
    case "watch":
      isWatching = message.isOn;
      return;
    case "ask-starts":
      report({ kind: "starts", starts: [...(fleet?.starts() ?? [])] });
      return;
    case "close":
      fleet?.close();
      clearInterval(telling);
      process.disconnect();
      return;
  }
});
// Whoever started it has gone, so nobody is told anything any more.
process.once("disconnect", () => process.exit(0));
// Ctrl-C goes to every process of the terminal; the first of them ends this one in order.
process.on("SIGINT", () => undefined);

const telling = setInterval(() => {
  if (orders.length > 0) report({ kind: "orders", orders });
  orders = [];
  if (fleet !== null) report({ kind: "tally", tally: fleet.tally() });
}, tellEveryMs);

function open(order: FleetOrder): Fleet {
  const { authority, localAddress, gatewayUrl, shares, seed, rowsPerMinute, startWithinMs } = order;
  return openFleet({
    members: order.members.map(received),
    shares,
    seed,
    rowsPerMinute,
    startWithinMs,
    ...(gatewayUrl === null ? {} : { gatewayUrl: () => gatewayUrl }),
    socketOptions: {
      // One for all: each would hold the same certificates again.
      secureContext: createSecureContext(authority === null ? {} : { ca: [authority] }),
      ...(localAddress === null ? {} : { localAddress }),
    },
    onOrder: (jobId) => {
      if (isWatching) orders.push([jobId, preciseNowMs()]);
    },
  });
}
