import {
  parseCommandCounts,
  parseDelays,
  parseEndpoint,
  parseKeyValues,
  parsePostfixLine,
  parseTlsOutcome,
} from "@mailstead/core/delivery";
import type { Material } from "../material.ts";
import { type ScoreBook, shown } from "../score.ts";
import { type Fields, fieldsOfLine, relayFields } from "./postfix-fields.ts";

interface Named {
  readonly id: string;
  /** A daemon, or a part of a line that stands by itself. */
  readonly family: string;
  readonly line: string;
  readonly expected: Readonly<Record<string, string | number>>;
}

/** Log lines of Postfix's daemons: right when every field that is named was read. */
export async function scoreNamedLines(material: Material, book: ScoreBook): Promise<void> {
  const score = book.open("lines with every field right", 0.98);
  for (const named of material.jsonLines<Named>("lines.jsonl")) {
    await book.attempt(named.id, score, () => {
      const found = fieldsOf(named);
      const wrong = Object.entries(named.expected).filter(
        ([name, value]) => !isSame(name, found[name], value),
      );
      const about = wrong.map(([name, value]) => `${name} ${shown(found[name])}, not ${shown(value)}`);
      score.add(wrong.length === 0, `${named.id}: ${about.join("; ")} in ${shown(named.line)}`);
    });
  }
}

/** Pairs are kept as they stand in the line, with or without a last comma; what counts is what they say. */
function isSame(name: string, found: Fields[string], expected: string | number): boolean {
  if (name !== "postfix_keyvalue_data") return found === expected;
  const pairs = parseKeyValues(String(expected));
  return found instanceof Map && [...pairs].every(([key, value]) => found.get(key) === value);
}

function fieldsOf({ family, line }: Named): Fields {
  const part = parts[family]?.(line);
  if (part !== undefined) return part;
  const parsed = parsePostfixLine(family, line);
  return parsed === null ? {} : fieldsOfLine(family, line, parsed);
}

/** Parts of lines, each by the reader that the whole line uses. */
const parts: Readonly<Record<string, (text: string) => Fields | undefined>> = {
  relay: (text) => {
    const relay = parseEndpoint(text);
    return relay === null ? { postfix_relay_service: text } : relayFields(relay);
  },
  delays: (text) => {
    const delays = parseDelays(text);
    return {
      postfix_delay_before_qmgr: delays?.beforeQueueManagerS,
      postfix_delay_in_qmgr: delays?.inQueueManagerS,
      postfix_delay_conn_setup: delays?.connectionS,
      postfix_delay_transmission: delays?.transmissionS,
    };
  },
  command_counter_data: (text) => {
    const fields: Record<string, number> = {};
    for (const [command, { accepted, given }] of parseCommandCounts(text)) {
      const name = `postfix_cmd_${command === "commands" ? "count" : command}`;
      fields[name] = given;
      fields[`${name}_accepted`] = accepted;
    }
    return fields;
  },
  tls_features: (text) => {
    if (text.includes(": ")) return undefined;
    const { level, isUndecided, features } = parseTlsOutcome(text);
    return {
      postfix_tls_security_level: level,
      postfix_tls_policy_undecided: isUndecided ? "?" : null,
      postfix_tls_features: features,
    };
  },
};
