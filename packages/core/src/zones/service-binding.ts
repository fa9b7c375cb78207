import { ipBits } from "../dns/index.ts";
import { targetNameProblem } from "./zone-name.ts";

/** Parameters whose names every Knot of Debian knows; any other is written by its number, like key7 (RFC 9460 §2.1). */
const valueForms: Readonly<Record<string, (value: string) => boolean>> = {
  mandatory: (value) => /^[a-z0-9-]+(?:,[a-z0-9-]+)*$/.test(value),
  alpn: (value) => /^[a-z0-9/._-]{1,255}(?:,[a-z0-9/._-]{1,255})*$/i.test(value),
  "no-default-alpn": (value) => value === "",
  port: (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535,
  ipv4hint: (value) => value.split(",").every((one) => ipBits(one)?.width === 32),
  ipv6hint: (value) => value.split(",").every((one) => ipBits(one)?.width === 128),
  ech: (value) => /^[a-z0-9+/]+={0,2}$/i.test(value),
};
// Without what would begin or end a string, a comment or a word.
const plainValue = /^[\x21\x23-\x27\x2a-\x3a\x3c-\x5b\x5d-\x7e]{0,1000}$/;

/** Says why a text cannot be the value of an SVCB or HTTPS record, or null when it can (RFC 9460 §2). */
export function serviceBindingProblem(value: string): string | null {
  const [priority = "", target = "", ...parameters] = value.split(" ");
  if (!/^\d{1,5}$/.test(priority) || Number(priority) > 65_535 || target === "")
    return `"${value.slice(0, 60)}" is not in the form of 1 . alpn=h2,h3`;
  const nameProblem = target === "." ? null : targetNameProblem(target);
  if (nameProblem !== null) return nameProblem;
  if (Number(priority) === 0 && parameters.length > 0)
    return "a record of priority 0 only leads to another name, and has no parameters";
  const given = new Map<string, string>();
  for (const parameter of parameters) {
    const at = parameter.indexOf("=");
    const key = at < 0 ? parameter : parameter.slice(0, at);
    const problem = parameterProblem(key, at < 0 ? "" : parameter.slice(at + 1));
    if (problem !== null) return problem;
    if (given.has(key)) return `the parameter ${key} stands there twice`;
    given.set(key, parameter);
  }
  if (given.has("no-default-alpn") && !given.has("alpn")) return "no-default-alpn needs alpn beside it";
  const missing = given
    .get("mandatory")
    ?.slice("mandatory=".length)
    .split(",")
    .find((key) => key === "mandatory" || !given.has(key));
  return missing === undefined ? null : `${missing} is called mandatory and is not among the parameters`;
}

function parameterProblem(key: string, value: string): string | null {
  const form = valueForms[key];
  if (form !== undefined) return form(value) ? null : `"${value.slice(0, 60)}" is no value of ${key}`;
  // RFC 9460 §14.3.1: the last number is reserved.
  if (!/^key(?:0|[1-9]\d{0,4})$/.test(key) || Number(key.slice(3)) >= 65_535)
    return `the parameter "${key.slice(0, 60)}" is not known here; write it by its number, like key7`;
  return plainValue.test(value) ? null : `"${value.slice(0, 60)}" is no value of ${key}`;
}

/** What was typed in the one form in which it is kept: one space between its parts, and no quotation marks. */
export function foldServiceBinding(value: string, foldTarget: (name: string) => string): string {
  const [priority = "", target = "", ...parameters] = value.split(/\s+/);
  const plain = parameters.map((parameter) => {
    const [, key = "", text] = /^([^=]*)(?:=(.*))?$/s.exec(parameter) ?? [];
    return text === undefined ? key.toLowerCase() : `${key.toLowerCase()}=${text.replace(/^"(.*)"$/s, "$1")}`;
  });
  return [priority, foldTarget(target), ...plain].join(" ");
}
