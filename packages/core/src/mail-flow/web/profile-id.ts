import { sha256Hex } from "../../dns/index.ts";

/**
 * A UUID without its first two digits, made of a domain's name: version 8, whose bits are the maker's own (RFC 9562
 * §5.8).
 */
export function profileIdTail(domain: string): string {
  const hex = sha256Hex(`mobileconfig ${domain}`);
  return [
    hex.slice(0, 6),
    hex.slice(6, 10),
    `8${hex.slice(10, 13)}`,
    `8${hex.slice(13, 16)}`,
    hex.slice(16, 28),
  ].join("-");
}
