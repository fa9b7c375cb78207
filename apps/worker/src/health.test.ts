import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { serveHealth } from "./health.ts";

test("a port that is taken is refused with one sentence", async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void holder.close());
  const { port } = holder.address() as AddressInfo;
  await expect(serveHealth(port)).rejects.toThrow(
    `The worker cannot listen on HEALTH_PORT ${port} (listen EADDRINUSE: address already in use 127.0.0.1:${port}); choose another.`,
  );
});
