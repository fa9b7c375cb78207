import { expandIpv6 } from "./reverse-name.ts";

/** Whether two texts name the same, with or without the final dot; DNS does not tell capitals apart (RFC 4343). */
export function sameName(left: string, right: string): boolean {
  return withoutDot(left).toLowerCase() === withoutDot(right).toLowerCase();
}

/** Whether two texts are the same address, however IPv6 is shortened. */
export function sameAddress(left: string, right: string): boolean {
  if (left.includes(":") !== right.includes(":")) return false;
  return left.includes(":") ? expandIpv6(left) === expandIpv6(right) : left === right;
}

export function withoutDot(name: string): string {
  return name.endsWith(".") ? name.slice(0, -1) : name;
}
