import { resolveMx } from "node:dns/promises";
import { connect } from "node:net";

// Domains whose mail servers are always up; one that answers is enough.
const wellKnownDomains = ["gmail.com", "outlook.com", "yahoo.com"] as const;
const connectWithinMs = 5_000;

/**
 * Whether this host may connect outward to port 25, which many providers forbid: true when one well-known mail server
 * accepts, false when several were tried and none did, null when not even their names could be resolved.
 */
export async function canReachPort25(): Promise<boolean | null> {
  const found = await Promise.allSettled(wellKnownDomains.map(findExchange));
  const exchanges = found.flatMap((one) => (one.status === "fulfilled" && one.value ? [one.value] : []));
  if (exchanges.length === 0) return null;
  return (await Promise.all(exchanges.map(accepts))).includes(true);
}

async function findExchange(domain: string): Promise<string | undefined> {
  const records = await resolveMx(domain);
  return records.toSorted((left, right) => left.priority - right.priority)[0]?.exchange;
}

function accepts(exchange: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: exchange, port: 25 });
    const done = (isOpen: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(isOpen);
    };
    const timer = setTimeout(() => done(false), connectWithinMs);
    socket.once("connect", () => done(true));
    socket.once("error", () => done(false));
  });
}
