import { open } from "node:fs/promises";
import type { HostListeners } from "@mailstead/core/servers";
import { isMissing } from "../platform/files.ts";
import type { Host } from "../platform/host.ts";

/** A socket that waits for others: of TCP one that listens, of UDP one that is bound and not connected. */
export interface ListeningSocket {
  /** In the kernel's own hex: four bytes of IPv4, or sixteen of IPv6, in words of the host's byte order. */
  hexAddress: string;
  port: number;
  inode: string;
}

export type SocketTable = "tcp" | "tcp6" | "udp" | "udp6";

// Listeners stand before connections (tcp_seq_start), so a busy host costs no more to read than an idle one.
const tableReadMaxBytes = 65_536;
const portsMax = 500;

/** Reads one of the kernel's tables; empty where it has none. */
export async function readListeningSockets(host: Host, table: SocketTable): Promise<ListeningSocket[]> {
  return parseSocketTable((await readStart(host.path(`/proc/net/${table}`))) ?? "", table);
}

/** TCP ports that take connections from outside; null where the kernel shows none of its tables. */
export async function readListeners(host: Host): Promise<HostListeners | null> {
  const [ipv4, ipv6] = await Promise.all([
    readStart(host.path("/proc/net/tcp")),
    readStart(host.path("/proc/net/tcp6")),
  ]);
  if (ipv4 === null) return null;
  return {
    ipv4: outerPorts(parseSocketTable(ipv4, "tcp")),
    ipv6: outerPorts(parseSocketTable(ipv6 ?? "", "tcp6")),
  };
}

/** The waiting sockets of a table of /proc/net (proc_net_tcp: state 0A listens, 07 is a bound UDP socket). */
export function parseSocketTable(text: string, table: SocketTable): ListeningSocket[] {
  const state = table.startsWith("tcp") ? "0A" : "07";
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [hexAddress = "", hexPort = ""] = (fields[1] ?? "").split(":");
      if (fields[3] !== state || hexPort === "") return [];
      return [{ hexAddress, port: Number.parseInt(hexPort, 16), inode: fields[9] ?? "" }];
    });
}

/** Loopback of IPv4, and of IPv6 also in the form that stands for an IPv4 address. */
export function isLoopback(hexAddress: string): boolean {
  if (hexAddress.length === 8) return hexAddress.endsWith("7F");
  return hexAddress === "00000000000000000000000001000000" || /^0{16}FFFF0000[0-9A-F]{6}7F$/.test(hexAddress);
}

function outerPorts(sockets: readonly ListeningSocket[]): number[] {
  const ports = sockets.filter(({ hexAddress }) => !isLoopback(hexAddress)).map(({ port }) => port);
  return [...new Set(ports)].sort((left, right) => left - right).slice(0, portsMax);
}

async function readStart(path: string): Promise<string | null> {
  try {
    const file = await open(path, "r");
    try {
      const bytes = Buffer.alloc(tableReadMaxBytes);
      let length = 0;
      // The kernel hands out a page at a time.
      for (;;) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === bytes.length) break;
      }
      const text = bytes.toString("latin1", 0, length);
      return length < bytes.length ? text : text.slice(0, text.lastIndexOf("\n"));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
