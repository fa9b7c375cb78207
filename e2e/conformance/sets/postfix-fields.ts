import { type Endpoint, type PostfixLine, parseKeyValues } from "@mailstead/core/delivery";

/** Fields by the names that the material gives them. */
export type Fields = Readonly<
  Record<string, string | number | ReadonlyMap<string, string> | null | undefined>
>;

/** A line as it was read, with what its field names depend on. */
interface ReadLine<Kind extends PostfixLine["kind"]> {
  readonly line: PostfixLine & { readonly kind: Kind };
  /** The daemon, as the material calls it. */
  readonly family: string;
  readonly message: string;
}

/** The fields of a line that was read. */
export function fieldsOfLine(family: string, message: string, line: PostfixLine): Fields {
  const describe = fieldsByKind[line.kind] as (read: ReadLine<PostfixLine["kind"]>) => Fields;
  const queueId = "queueId" in line ? line.queueId : null;
  return { postfix_queueid: queueId, ...describe({ line, family, message }) };
}

/** Which of their names each of our values has. */
const fieldsByKind: { readonly [Kind in PostfixLine["kind"]]: (read: ReadLine<Kind>) => Fields } = {
  delivery: ({ line, family, message }) => ({
    postfix_keyvalue_data: parseKeyValues(message.replace(/,? status=.*/s, "")),
    postfix_status: line.status,
    [`postfix_${["local", "error", "pipe"].includes(family) ? family : "smtp"}_response`]: line.reply,
    [`postfix_${family}_response`]: line.reply,
  }),
  "message-id": ({ line }) => ({ "postfix_message-id": line.messageId }),
  queued: ({ message }) => ({ postfix_keyvalue_data: parseKeyValues(message) }),
  "picked-up": ({ message }) => ({ postfix_keyvalue_data: parseKeyValues(message) }),
  received: ({ line, message }) => ({
    ...clientFields(line.client),
    postfix_keyvalue_data: parseKeyValues(message),
  }),
  expired: ({ line }) => ({ postfix_from: line.from, postfix_status: "expired" }),
  removed: () => ({ postfix_postsuper_action: "removed" }),
  skipped: ({ line }) => ({ postfix_message: line.why }),
  notification: ({ line }) => ({
    postfix_bounce_queueid: line.notificationQueueId,
    postfix_bounce_recipient: line.to,
    postfix_bounce_reason: line.about,
  }),
  "queue-action": ({ line }) => ({ postfix_postsuper_action: line.action }),
  "queue-action-sum": ({ line }) => ({
    postfix_postsuper_summary_action: line.action,
    postfix_postsuper_summary_count: line.count,
  }),
  tls: ({ line }) => ({
    postfix_tls_trustlevel: line.trust,
    ...(line.direction === "to" ? relayFields(line.peer) : clientFields(line.peer)),
    postfix_tls_version: line.version,
    postfix_tls_cipher: line.cipher,
    postfix_tls_cipher_size: line.cipherBits,
    postfix_tls_key_exchange: line.keyExchange,
    postfix_tls_server_signature: line.serverSignature,
    postfix_tls_server_signature_curve: line.serverSignatureDetail,
    postfix_tls_server_signature_size: line.serverSignatureDetail,
    postfix_tls_server_digest: line.serverDigest,
  }),
  refusal: ({ line, message }) => ({
    postfix_action: line.action,
    postfix_milter_result: line.action.replace("milter-", ""),
    postfix_smtp_stage: line.stage,
    ...clientFields(line.client),
    postfix_status_code: line.code === null ? null : Number(line.code),
    postfix_status_code_enhanced: line.enhanced,
    ...reasonFields(line.about, line.reason),
    postfix_postscreen_toobusy_data: line.reason,
    postfix_milter_message: message.slice(message.indexOf(": ", 16) + 2).replace(/; from=.*/s, ""),
    postfix_keyvalue_data: envelopeOf(message),
  }),
  connected: ({ line }) => clientFields(line.client),
  disconnected: ({ line, message }) => ({
    ...clientFields(line.client),
    postfix_command_counter_data: message.slice(message.indexOf("] ") + 2),
  }),
  "lost-client": ({ line }) => ({
    postfix_smtpd_lostconn_data: line.how,
    postfix_smtpd_lostconn_reason: line.detail,
    postfix_improper_pipelining_data: line.detail,
    postfix_smtp_stage: line.stage,
    ...clientFields(line.client),
  }),
  proxied: ({ line, message }) => ({
    postfix_proxy_result: line.result,
    postfix_proxy_smtp_stage: line.stage,
    postfix_proxy_message: line.text,
    postfix_proxy_status_code: Number(line.text.slice(0, 3)),
    postfix_proxy_status_code_enhanced: line.text.split(" ")[1],
    postfix_keyvalue_data: envelopeOf(message),
  }),
  "ehlo-words-left-out": ({ line }) => ({ postfix_discarded_ehlo_keywords: line.words }),
  "not-connected": ({ line }) => ({ ...relayFields(line.relay), postfix_smtp_lostconn_data: line.why }),
  "lost-relay": ({ line }) => ({
    ...relayFields(line.relay),
    postfix_smtp_lostconn_data: line.how,
    postfix_smtp_lostconn_reason: line.stage,
  }),
  "host-reply": ({ line }) => ({
    ...relayFields(line.relay),
    postfix_smtp_response: line.reply,
    postfix_smtp_stage: line.stage,
  }),
  "certificate-refused": ({ line }) => ({ ...relayFields(line.relay), postfix_tls_error: line.why }),
  "odd-receiver": ({ line }) => ({ ...relayFields(line.relay), postfix_pix_workaround: line.detail }),
  counted: ({ line }) => ({
    postfix_anvil_cache_size: line.count,
    postfix_anvil_conn_count: line.count,
    postfix_anvil_conn_rate: line.count,
    postfix_anvil_conn_period: line.perS === null ? null : `${line.perS}s`,
    postfix_service: line.service,
    postfix_client_ip: line.client,
    postfix_client_ip_unknown: line.client,
    postfix_anvil_timestamp: line.at,
  }),
  "lookup-cache": ({ line }) => ({
    postfix_scache_hits: line.hits,
    postfix_scache_miss: line.misses,
    postfix_scache_success: line.successPercent,
  }),
  "cached-connections": ({ line }) => ({
    postfix_scache_domains: line.domains,
    postfix_scache_addresses: line.addresses,
    postfix_scache_connection: line.connections,
  }),
  interval: ({ line }) => ({ postfix_scache_timestamp: line.startedAt }),
  "cache-cleaned": ({ line, family }) => ({
    [`postfix_${family}_cleanup_type`]: line.cleanup,
    [`postfix_${family}_cache_retained`]: line.retained,
    [`postfix_${family}_cache_dropped`]: line.dropped,
  }),
  listed: ({ line }) => ({
    postfix_client_ip: line.address,
    postfix_dnsbl_domain: line.zone,
    postfix_dnsbl_result: line.answer,
  }),
  "at-the-door": ({ line }) => ({
    postfix_postscreen_access: line.verdict,
    postfix_client_ip: line.address,
    postfix_client_port: line.port,
    postfix_server_ip: line.server?.address,
    postfix_server_port: line.server?.port,
  }),
  "listed-client": ({ line }) => ({
    postfix_postscreen_violation: "DNSBL",
    postfix_postscreen_dnsbl_rank: line.rank,
    postfix_client_ip: line.address,
    postfix_client_port: line.port,
  }),
  "bad-manners": ({ line, message }) => ({
    postfix_postscreen_violation: line.what,
    postfix_postscreen_violation_time: line.afterS,
    postfix_postscreen_data: message.slice(message.indexOf(": ") + 2),
    postfix_client_ip: line.address,
    postfix_client_port: line.port,
    postfix_smtp_stage: line.stage,
  }),
  "ended-by-signal": ({ line }) => ({ postfix_termination_signal: line.signal }),
  reloaded: ({ line }) => ({ postfix_version: line.version, postfix_config_path: line.configurationPath }),
  started: ({ line }) => ({ postfix_version: line.version, postfix_config_path: line.configurationPath }),
  note: ({ line }) => ({
    postfix_message_level: line.level,
    postfix_message: line.text,
    postfix_keyvalue_data: parseKeyValues(line.envelope ?? ""),
  }),
  "header-changed": ({ line }) => ({
    postfix_action: line.action,
    postfix_prepend_type: line.part,
    postfix_prepend_trigger: line.found,
    postfix_prepend_value: line.text,
    postfix_keyvalue_data: parseKeyValues(line.envelope),
  }),
};

/** What a relay that the material gives by itself comes to. */
export function relayFields(relay: Endpoint): Fields {
  return {
    postfix_relay_hostname: relay.name,
    postfix_relay_ip: relay.address,
    postfix_relay_service: relay.socket,
    postfix_relay_port: relay.port,
  };
}

function clientFields(client: Endpoint): Fields {
  return {
    postfix_client_hostname: client.name,
    postfix_client_ip: client.address,
    postfix_client_port: client.port,
  };
}

/** Of a block list's refusal they take the client for what it is about, and the rest for the reason. */
function reasonFields(about: string | null, reason: string): Fields {
  const [, client, why] = /^Service unavailable; \S+ \S+ \[([^\]]*)\] (blocked .*)$/s.exec(reason) ?? [];
  return {
    postfix_status_data: about ?? client ?? null,
    postfix_status_message: about === null && why !== undefined ? why : reason,
  };
}

function envelopeOf(message: string): ReadonlyMap<string, string> {
  const at = message.search(/; (?:from|proto)=/);
  return parseKeyValues(at < 0 ? "" : message.slice(at + 2));
}
