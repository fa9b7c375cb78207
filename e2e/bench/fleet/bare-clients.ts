// Clients of the bare server: so many WebSockets, opened a few at a time, held until the bench ends.
import { createSecureContext } from "node:tls";
import { WebSocket } from "ws";

export interface BareClientsOrder {
  readonly url: string;
  readonly count: number;
  readonly authority: string;
  readonly localAddress: string;
}

const openingAtOnce = 50;

process.once("message", async ({ url, count, authority, localAddress }: BareClientsOrder) => {
  const options = { localAddress, secureContext: createSecureContext({ ca: [authority] }) };
  const open = () =>
    new Promise<void>((resolve, reject) => {
      const socket = new WebSocket(url, { perMessageDeflate: false, ...options });
      socket.once("open", () => resolve());
      socket.once("error", reject);
      socket.on("message", () => undefined);
    });
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await open();
    }
  };
  await Promise.all(Array.from({ length: openingAtOnce }, work));
  process.send?.({ opened: count });
});
process.once("disconnect", () => process.exit(0));
process.on("SIGINT", () => undefined);
