import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import { parseDelays, parseTlsOutcome } from "./delivery-line.ts";
import { parseEndpoint } from "./endpoint.ts";
import { parseKeyValues } from "./key-values.ts";
import { type PostfixLine, parsePostfixLine } from "./postfix-line.ts";
import { parseCommandCounts } from "./session-line.ts";

test("an attempt is read with its relay, its delays and the receiver's words", () => {
  expect(
    parsePostfixLine(
      "smtp",
      "4XyZ0j1Bz3zqD1L: to=<a@b.example>, orig_to=<c@d.example>, relay=mx.b.example[2001:db8::1]:25, conn_use=2, delay=1.5, delays=0.1/0.02/1/0.38, dsn=4.7.1, status=deferred (host mx.b.example[2001:db8::1] said: 450 4.7.1 Later (in reply to RCPT TO command))",
    ),
  ).toEqual({
    kind: "delivery",
    queueId: "4XyZ0j1Bz3zqD1L",
    to: "a@b.example",
    originalTo: "c@d.example",
    relay: { name: "mx.b.example", address: "2001:db8::1", socket: null, port: 25 },
    relayName: "mx.b.example[2001:db8::1]:25",
    connectionUse: 2,
    delayS: 1.5,
    delays: { beforeQueueManagerS: 0.1, inQueueManagerS: 0.02, connectionS: 1, transmissionS: 0.38 },
    tls: null,
    dsn: "4.7.1",
    status: "deferred",
    reply: "host mx.b.example[2001:db8::1] said: 450 4.7.1 Later (in reply to RCPT TO command)",
  });
});

test("a line that tells nothing we know is nothing, and never a mistake", () => {
  for (const message of ["", "hello", "ABC: to=<", "4XyZ0j1Bz3zqD1L: from=<a@b>, size=x"])
    expect(parsePostfixLine("smtp", message)).toBeNull();
});

// Lies beside the checkout, not in it.
const suitePath = resolve(import.meta.dirname, "../../../../../../shared/datasets/postfix-lines/lines.jsonl");
const isHere = existsSync(suitePath);
interface Named {
  id: string;
  family: string;
  line: string;
  expected: Record<string, string | number>;
}

describe.skipIf(!isHere)(
  `log lines with named fields${isHere ? "" : " (skipped: their file is not here)"}`,
  () => {
    const named: Named[] = isHere
      ? readFileSync(suitePath, "utf8")
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];
    it("are read with every field in 98 of 100", () => {
      const wrong = named.filter((one) => {
        const found = fieldsOf(one);
        return Object.entries(one.expected).some(([name, value]) => !isSame(name, found[name], value));
      });
      const list = wrong.map(
        (one) => `${one.id}: ${JSON.stringify(fieldsOf(one))} not ${JSON.stringify(one.expected)}`,
      );
      expect(wrong.length / named.length, list.join("\n")).toBeLessThanOrEqual(0.02);
    });
  },
);

type Fields = Record<string, string | number | ReadonlyMap<string, string> | null | undefined>;

/** The suite keeps pairs as they stand in the line, with or without a last comma; what counts is what they say. */
function isSame(name: string, found: Fields[string], expected: string | number): boolean {
  if (name !== "postfix_keyvalue_data") return found === expected;
  const pairs = parseKeyValues(String(expected));
  return found instanceof Map && [...pairs].every(([key, value]) => found.get(key) === value);
}

function fieldsOf({ family, line }: Named): Fields {
  if (family === "relay") {
    const relay = parseEndpoint(line);
    return { postfix_relay_hostname: relay?.name, postfix_relay_service: relay?.socket };
  }
  if (family === "delays") return delayFields(line);
  if (family === "command_counter_data") return countFields(line);
  if (family === "tls_features" && !line.includes(":")) {
    const { level, isUndecided } = parseTlsOutcome(line);
    return { postfix_tls_security_level: level, postfix_tls_policy_undecided: isUndecided ? "?" : null };
  }
  const parsed = parsePostfixLine(family, line);
  return parsed === null ? {} : fieldsOfLine(family, line, parsed);
}

function delayFields(line: string): Fields {
  const delays = parseDelays(line);
  return {
    postfix_delay_before_qmgr: delays?.beforeQueueManagerS,
    postfix_delay_in_qmgr: delays?.inQueueManagerS,
    postfix_delay_conn_setup: delays?.connectionS,
    postfix_delay_transmission: delays?.transmissionS,
  };
}

function countFields(line: string): Fields {
  const fields: Fields = {};
  for (const [command, { accepted, given }] of parseCommandCounts(line)) {
    const name = `postfix_cmd_${command === "commands" ? "count" : command}`;
    fields[name] = given;
    fields[`${name}_accepted`] = accepted;
  }
  return fields;
}

function fieldsOfLine(family: string, line: string, parsed: PostfixLine): Fields {
  const queueId = "queueId" in parsed ? parsed.queueId : null;
  return { postfix_queueid: queueId, ...fieldsOfKind(family, line, parsed) };
}

function fieldsOfKind(family: string, line: string, parsed: PostfixLine): Fields {
  const tail = line.slice(line.indexOf("; from=") + 2);
  switch (parsed.kind) {
    case "delivery": {
      const response = { local: "local", error: "error", pipe: "pipe" }[family] ?? "smtp";
      return {
        postfix_keyvalue_data: parseKeyValues(line.replace(/, status=.*/s, "")),
        postfix_status: parsed.status,
        [`postfix_${response}_response`]: parsed.reply,
      };
    }
    case "message-id":
      return { "postfix_message-id": parsed.messageId };
    case "expired":
      return { postfix_from: parsed.from, postfix_status: "expired" };
    case "skipped":
      return { postfix_message: parsed.why };
    case "notification":
      return {
        postfix_bounce_queueid: parsed.notificationQueueId,
        postfix_bounce_recipient: parsed.to,
        postfix_bounce_reason: parsed.about,
      };
    case "queue-action":
      return { postfix_postsuper_action: parsed.action };
    case "queue-action-sum":
      return {
        postfix_postsuper_summary_action: parsed.action,
        postfix_postsuper_summary_count: parsed.count,
      };
    case "tls": {
      const side = parsed.direction === "to" ? "relay" : "client";
      return {
        postfix_tls_trustlevel: parsed.trust,
        [`postfix_${side}_hostname`]: parsed.peer.name,
        [`postfix_${side}_ip`]: parsed.peer.address,
        [`postfix_${side}_port`]: parsed.peer.port,
        postfix_tls_version: parsed.version,
        postfix_tls_cipher: parsed.cipher,
        postfix_tls_cipher_size: parsed.cipherBits,
        postfix_tls_key_exchange: parsed.keyExchange,
        postfix_tls_server_signature: parsed.serverSignature,
        postfix_tls_server_signature_curve: parsed.serverSignatureDetail,
        postfix_tls_server_digest: parsed.serverDigest,
      };
    }
    case "refusal":
      return {
        postfix_action: parsed.action,
        postfix_smtp_stage: parsed.stage,
        postfix_client_hostname: parsed.client.name,
        postfix_client_ip: parsed.client.address,
        postfix_client_port: parsed.client.port,
        postfix_status_code: parsed.code === null ? null : Number(parsed.code),
        postfix_status_code_enhanced: parsed.enhanced,
        postfix_status_data: parsed.about,
        postfix_status_message: parsed.reason,
        postfix_keyvalue_data: parseKeyValues(tail),
      };
    case "disconnected":
      return {
        postfix_client_hostname: parsed.client.name,
        postfix_client_ip: parsed.client.address,
        postfix_command_counter_data: line.slice(line.indexOf("] ") + 2),
      };
    case "lost-client":
      return {
        postfix_smtpd_lostconn_data: parsed.how,
        postfix_smtp_stage: parsed.stage,
        postfix_client_hostname: parsed.client.name,
        postfix_client_ip: parsed.client.address,
      };
    case "proxied":
      return {
        postfix_proxy_result: parsed.result,
        postfix_proxy_smtp_stage: parsed.stage,
        postfix_proxy_message: parsed.text,
        postfix_proxy_status_code: Number(parsed.text.slice(0, 3)),
        postfix_proxy_status_code_enhanced: parsed.text.split(" ")[1],
        postfix_keyvalue_data: parseKeyValues(tail),
      };
    case "ehlo-words-left-out":
      return { postfix_discarded_ehlo_keywords: parsed.words };
    case "not-connected":
      return { ...relayFields(parsed.relay), postfix_smtp_lostconn_data: parsed.why };
    case "lost-relay":
      return {
        ...relayFields(parsed.relay),
        postfix_smtp_lostconn_data: parsed.how,
        postfix_smtp_lostconn_reason: parsed.stage,
      };
    case "host-reply":
      return {
        ...relayFields(parsed.relay),
        postfix_smtp_response: parsed.reply,
        postfix_smtp_stage: parsed.stage,
      };
    case "certificate-refused":
      return { ...relayFields(parsed.relay), postfix_tls_error: parsed.why };
    case "counted":
      return {
        postfix_anvil_cache_size: parsed.count,
        postfix_anvil_conn_count: parsed.count,
        postfix_service: parsed.service,
        postfix_client_ip: parsed.client,
        postfix_client_ip_unknown: parsed.client,
        postfix_anvil_timestamp: parsed.at,
      };
    case "lookup-cache":
      return {
        postfix_scache_hits: parsed.hits,
        postfix_scache_miss: parsed.misses,
        postfix_scache_success: parsed.successPercent,
      };
    case "interval":
      return { postfix_scache_timestamp: parsed.startedAt };
    case "cache-cleaned":
      return {
        postfix_verify_cleanup_type: parsed.cleanup,
        [`postfix_${family}_cache_retained`]: parsed.retained,
        [`postfix_${family}_cache_dropped`]: parsed.dropped,
      };
    case "listed":
      return {
        postfix_client_ip: parsed.address,
        postfix_dnsbl_domain: parsed.zone,
        postfix_dnsbl_result: parsed.answer,
      };
    case "at-the-door":
      return {
        postfix_postscreen_access: parsed.verdict,
        postfix_client_ip: parsed.address,
        postfix_client_port: parsed.port,
      };
    case "bad-manners":
      return {
        postfix_postscreen_violation: parsed.what,
        postfix_postscreen_violation_time: parsed.afterS,
        postfix_client_ip: parsed.address,
        postfix_client_port: parsed.port,
        postfix_smtp_stage: parsed.stage,
      };
    case "ended-by-signal":
      return { postfix_termination_signal: parsed.signal };
    case "reloaded":
      return { postfix_version: parsed.version, postfix_config_path: parsed.configurationPath };
    case "note":
      return {
        postfix_message_level: parsed.level,
        postfix_message: parsed.text,
        postfix_keyvalue_data: parseKeyValues(parsed.envelope ?? ""),
      };
    case "header-changed":
      return {
        postfix_prepend_type: parsed.part,
        postfix_prepend_trigger: parsed.found,
        postfix_prepend_value: parsed.text,
        postfix_keyvalue_data: parseKeyValues(parsed.envelope),
      };
    default:
      return {};
  }
}

function relayFields({
  name,
  address,
  port,
}: {
  name: string;
  address: string | null;
  port: number | null;
}): Fields {
  return { postfix_relay_hostname: name, postfix_relay_ip: address, postfix_relay_port: port };
}
