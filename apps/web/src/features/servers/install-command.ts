/** Whether an install command calls an address that means the machine it is pasted on, and so not this control plane. */
export function callsLoopback(command: string): boolean {
  const address = /https?:\/\/\S+/.exec(command)?.[0];
  const hostname = URL.parse(address ?? "")?.hostname ?? "";
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
