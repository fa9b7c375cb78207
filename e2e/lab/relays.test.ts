import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHatch, type Relay } from "./relays.ts";
import { waitFor } from "./wait-for.ts";

describe("a hatch", () => {
  let folder: string;
  let target: Server;
  let hatch: Relay;
  let hostPort: number;
  const accepted: Socket[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mailstead-hatch-"));
    accepted.length = 0;
    target = createServer({ allowHalfOpen: true }, (socket) => {
      accepted.push(socket.on("error", () => undefined));
      text(socket).then(
        (words) => socket.end(words.toUpperCase().repeat(1_000)),
        () => undefined,
      );
    });
    await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
    const bound = target.address();
    hostPort = bound !== null && typeof bound === "object" ? bound.port : 0;
    hatch = await openHatch({ socketPath: join(folder, "hatch.sock"), hostPort });
  });
  afterEach(async () => {
    await hatch.close();
    target.close();
    await rm(folder, { recursive: true });
  });

  const call = (): Socket => connect({ path: join(folder, "hatch.sock"), allowHalfOpen: true });

  it("delivers the whole answer to a caller who has already said its last word", async () => {
    const socket = call();
    socket.end("a".repeat(1_000));
    expect((await text(socket)).length).toBe(1_000_000);
  });

  it("ends the connection behind it when the caller breaks off", async () => {
    const socket = call();
    socket.write("begun");
    await waitFor("the connection", () => accepted.length === 1);
    socket.destroy();
    await waitFor("its end", () => accepted[0]?.readableEnded || accepted[0]?.destroyed);
  });

  it("ends open connections when it is closed, so that nothing keeps the process alive", async () => {
    const socket = call();
    socket.write("begun");
    await waitFor("the connection", () => accepted.length === 1);
    await hatch.close();
    await waitFor("the caller's end", () => socket.readableEnded || socket.destroyed);
    await waitFor("the target's end", () => accepted[0]?.readableEnded || accepted[0]?.destroyed);
    socket.destroy();
  });
});
