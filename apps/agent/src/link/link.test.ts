import type { AddressInfo } from "node:net";
import type { GatewayFrame } from "@mailstead/core/wire";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { makeIdentity } from "../testing/test-identity.ts";
import { type Link, openLink } from "./link.ts";

let server: WebSocketServer;
let link: Link;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((resolve) => server.once("listening", resolve));
});
afterEach(() => {
  link.close();
  server.close();
});

it("waits longer each time before it connects again when connections end as soon as they stand", async () => {
  const welcome: GatewayFrame = { type: "welcome", serverTimeUnixMs: Date.now(), protocolVersion: 1 };
  server.on("connection", (socket) => {
    socket.on("message", () => {
      socket.send(JSON.stringify(welcome));
      socket.close(1011, "what it brought cannot be stored");
    });
    socket.send(JSON.stringify({ type: "challenge", nonce: "nonce-1" }));
  });
  const { identity } = makeIdentity();
  const waitsMs: number[] = [];
  link = openLink({
    identity: { ...identity, gatewayUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` },
    bootId: "boot-1",
    takeCounter: async () => waitsMs.length + 1,
    onWelcome: () => undefined,
    onFrame: () => undefined,
    onLost: () => undefined,
    onState: () => undefined,
    chance: () => 0.999,
    // The wait is told and cut short.
    schedule(connect, delayMs) {
      waitsMs.push(delayMs);
      return setTimeout(connect, waitsMs.length < 5 ? 0 : delayMs);
    },
  });
  await vi.waitFor(() => expect(waitsMs).toHaveLength(5));
  expect(waitsMs.map((delayMs) => Math.round(delayMs / 1000))).toEqual([2, 4, 8, 16, 32]);
});
