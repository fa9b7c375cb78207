import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { expect, test } from "vitest";
import { clientAddress, countedAs } from "./client-address.ts";

function requestFrom(peer: string, forwarded?: string): IncomingMessage {
  const socket = new Socket();
  Object.defineProperty(socket, "remoteAddress", { value: peer });
  const request = new IncomingMessage(socket);
  if (forwarded !== undefined) request.headers["x-forwarded-for"] = forwarded;
  return request;
}

test.each([
  ["a proxy on this machine is believed", "127.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["also when the socket speaks IPv6", "::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["a proxy in the private network is believed", "172.18.0.4", "2001:db8::7", "2001:db8::7"],
  ["only the entry that the proxy added counts", "127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
  ["a stranger is not believed", "198.51.100.7", "203.0.113.9", "198.51.100.7"],
  ["without a proxy it is the peer", "198.51.100.7", undefined, "198.51.100.7"],
])("%s", (_name, peer, forwarded, expected) => {
  expect(clientAddress(requestFrom(peer, forwarded))).toBe(expected);
});

test.each([
  ["of one /64 all addresses are one", "2001:db8:1:2::7", "2001:db8:1:2:ffff::9", true],
  ["another /64 is another", "2001:db8:1:2::7", "2001:db8:1:3::7", false],
  ["each address of IPv4 is one of its own", "203.0.113.9", "203.0.113.10", false],
])("attempts are counted by network: %s", (_name, one, other, isSame) => {
  expect(countedAs(one) === countedAs(other)).toBe(isSame);
});
