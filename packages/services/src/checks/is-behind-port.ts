import { type AddressFacts, type HostCheckFacts, type PortFacts, portAt } from "@mailstead/core/checks";

/** Whether a finding is of something behind a port that did not open, or within TLS or a session that failed. */
export function isBehindPort(key: string, { addresses, page }: HostCheckFacts): boolean {
  const [kind = "", about = ""] = key.split(" ");
  if (page !== null && page.certificate === null && about === page.where.toLowerCase())
    return isOfCertificate(kind) || kind === "web-imprint";
  return addresses.some((address) => address.ports.some((port) => hides(port, { kind, about, address })));
}

function hides(
  port: PortFacts,
  { kind, about, address }: { kind: string; about: string; address: AddressFacts },
): boolean {
  const isOpen = port.kind === "open";
  const hasTls = isOpen && port.certificate !== null;
  if (kind === "tlsa-mismatch") return about === address.address.toLowerCase() && port.port === 25 && !hasTls;
  if (about !== portAt(address, port.port).toLowerCase()) return false;
  switch (kind) {
    case "tls-missing":
      return !isOpen;
    case "helo-differs":
      return !isOpen || port.greetingName === null;
    case "open-relay":
      return !isOpen || port.relayReply === null;
    default:
      return isOfCertificate(kind) && !hasTls;
  }
}

function isOfCertificate(kind: string): boolean {
  return kind.startsWith("certificate-");
}
