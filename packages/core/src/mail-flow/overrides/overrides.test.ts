import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noOverrides, type Overrides } from "../../servers/index.ts";
import { RenderError } from "../render-error.ts";
import { checkOverrides } from "./index.ts";

/** The sentence with which an override is refused, or null when it is taken. */
function refusalOf(overrides: Partial<Overrides>): string | null {
  try {
    checkOverrides({ ...noOverrides, ...overrides });
    return null;
  } catch (error) {
    if (!(error instanceof RenderError)) throw error;
    return error.message;
  }
}

describe("an override of main.cf", () => {
  test.each([
    "smtpd_banner = $myhostname ESMTP mine",
    "message_size_limit = 12345678",
    "message_size_limit = as much as you like",
    "smtpd_client_connection_count_limit=41",
    "default_process_limit = 50",
    "smtputf8_enable = yes",
    "maximal_queue_lifetime = 3d",
    "smtp_tls_security_level = encrypt",
    "smtpd_tls_mandatory_protocols = >=TLSv1.3",
    "mynetworks = 127.0.0.0/8 [::1]/128 192.0.2.0/24",
    "postscreen_dnsbl_sites = zen.spamhaus.org*2, bl.example=127.0.0.[2..11]",
    "postscreen_dnsbl_action = enforce",
    "smtpd_client_restrictions = permit_mynetworks, reject_rbl_client zen.spamhaus.org",
    "smtpd_sender_restrictions = check_sender_access inline:{ {bad.example = REJECT} }, reject_unknown_sender_domain",
    "smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:10023",
    "# a remark",
    "",
  ])("may say %j", (line) => {
    expect(refusalOf({ postfixMain: [line] })).toBeNull();
  });

  test.each([
    "hopcount_limit\n= 50",
    "hopcount_limit =\n50",
    "mailbox_command = /bin/sh -c id",
    "mailbox_command_maps = inline:{ {root = id} }",
    "default_privs = root",
    "mail_owner = root",
    "setgid_group = 0",
    "daemon_directory = /tmp",
    "command_directory = /tmp",
    "queue_directory = /etc",
    "alias_maps = hash:/etc/shadow",
    "alias_maps = inline:{ {root = |id} }",
    "virtual_alias_maps = texthash:/etc/shadow",
    "transport_maps = inline:{ {example.com = local:} }",
    "local_transport = pipe:",
    "mailbox_transport = pipe",
    "allow_mail_to_commands = alias,forward,include",
    "forward_path = /tmp/forward",
    "home_mailbox = ../../etc/cron.d/",
    "import_environment = LD_PRELOAD",
    "debugger_command = xterm",
    "smtpd_milters = inet:203.0.113.9:1234",
    "content_filter = smtp:[203.0.113.9]",
    "always_bcc = thief@example.com",
    "relayhost = [203.0.113.9]",
    "smtpd_tls_chain_files = /etc/shadow",
    "smtpd_tls_key_file = /var/lib/mailstead-dkim/a.key",
    "mynetworks = /etc/shadow",
    "mynetworks = texthash:/etc/shadow",
    "smtpd_client_restrictions = check_client_access texthash:/etc/shadow",
    "smtpd_client_restrictions = check_client_access texthash:$config_directory/main.cf",
    "smtpd_client_restrictions = check_client_access proxy:unix:passwd.byname",
    "smtpd_client_restrictions = check_client_access { texthash:/etc/shadow, default_action=DUNNO }",
    "smtpd_recipient_restrictions = check_policy_service unix:/run/docker.sock",
    "smtpd_recipient_restrictions = check_recipient_access static:{BCC thief@example.com}, reject_unauth_destination",
    "smtpd_client_restrictions = check_client_access inline:{1.2.3.4=FILTER smtp:[5.6.7.8]:25}",
    "smtpd_sender_restrictions = check_sender_access static:{redirect thief@example.com}",
    "smtpd_sender_restrictions = check_sender_access inline:{ {a.example = PREPEND X-Spam: No} }",
    "smtpd_sender_login_maps = static:ann@alpha.example",
    "smtp_sasl_password_maps = texthash:/etc/shadow",
    "smtp_tls_CAfile = /etc/shadow",
    "smtpd_banner = `id`",
    "smtp_tls_policy_maps =",
    "multi_instance_wrapper = /bin/sh",
  ])("may not say %j, and the refusal names its line", (line) => {
    expect(refusalOf({ postfixMain: ["smtpd_banner = fine", line] })).toMatch(
      /^Line 2 of the main\.cf override: .+\.$/,
    );
  });
});

describe("an override of Dovecot", () => {
  test.each([
    "verbose_proctitle = yes\n",
    "mail_max_userip_connections = lots\n",
    "imap_idle_notify_interval = 111 secs\nlogin_greeting = Hello there.\n",
    "protocol imap {\n  mail_max_userip_connections = 20\n  mail_plugins = $mail_plugins mail_log notify\n}\n",
    "mail_plugins {\n  notify = yes\n}\n",
    'namespace inbox {\n  mailbox Trash {\n    autoexpunge = 30d\n  }\n  mailbox "Sent Items" {\n    auto = subscribe\n  }\n}\n',
    "plugin {\n  sieve_max_redirects = 3\n  quota_grace = 10%%\n}\n",
    "remote 192.0.2.0/24 {\n  auth_verbose = yes\n}\n",
    "login_trusted_networks = 192.0.2.0/24 2001:db8::/32\n",
    "imap_logout_format = in=%{input} out=%{output}\n",
  ])("may say %j", (dovecot) => {
    expect(refusalOf({ dovecot })).toBeNull();
  });

  test.each([
    "service imap {\nexecutable = /bin/sh\nuser = root\n}",
    "service x {",
    "executable = /bin/sh",
    "user = root",
    "!include /etc/shadow",
    "!include_try /etc/shadow",
    "ssl_key = </etc/shadow",
    "login_greeting = </etc/shadow",
    "login_greeting = $ssl_key",
    "login_greeting = %{env:HOME}",
    "mail_plugins = $mail_plugins mail_lua",
    "mail_plugin_dir = /tmp",
    "mail_plugins {\n  mail_lua = yes\n}",
    "plugin {\n  sieve_plugins = sieve_extprograms\n}",
    "plugin {\n  sieve_pipe_bin_dir = /bin\n}",
    "plugin {\n  sieve_execute_bin_dir = /bin\n}",
    "plugin {\n  sieve_extensions = +vnd.dovecot.execute\n}",
    "plugin {\n  quota_warning = storage=1%% x\n}",
    "passdb {\n  driver = static\n}",
    "userdb sql {\n}",
    "mail_location = maildir:/root",
    "mail_uid = 0",
    "first_valid_uid = 0",
    "auth_debug_passwords = yes",
    "auth_verbose_passwords = plain",
    "base_dir = /tmp",
    "log_path = /etc/cron.d/x",
    "default_internal_user = root",
    "import_environment = LD_PRELOAD=/tmp/x",
    "verbose_proctitle = yes \\\nservice",
    "protocol imap { mail_plugins = x }",
    "protocol ../x {",
    "namespace other {",
    "service_imap_user = root",
    "service/imap/user = root",
    "verbose_proctitle = yes\u2028user = root",
    "verbose_proctitle = yes\ruser = root",
    "}",
    "protocol imap {",
    "constructor {",
  ])("may not say %j, and the refusal names its line", (dovecot) => {
    expect(refusalOf({ dovecot })).toMatch(/^Line \d of the Dovecot override: .+\.$/);
  });

  test("that is refused says which of its lines it is for", () => {
    expect(refusalOf({ dovecot: "verbose_proctitle = yes\n\nservice auth {\n}\n" })).toMatch(
      /^Line 3 of the Dovecot override: the block "service auth" may not be overridden;/,
    );
  });
});

describe("an override of Rspamd", () => {
  test.each([
    ["local.d/actions.conf", 'reject = 20;\nadd_header = 6; # mild\nsubject = "*** SPAM *** %s";\n'],
    ["local.d/greylist.conf", "timeout = 5min;\nenabled = false\n"],
    ["override.d/options.inc", 'max_message = 7654321;\nlocal_addrs = ["10.0.0.0/8", "::1/128"];\n'],
    [
      "local.d/multimap.conf",
      'BAD_SENDERS {\n  type = "from";\n  map = "$LOCAL_CONFDIR/local.d/bad-senders.map";\n  score = 8.0;\n  action = "reject";\n  description = "Senders that we know";\n}\n',
    ],
    ["local.d/bad-senders.map", "/anything at all/ {{{\n.include /etc/shadow\n"],
    ["local.d/ratelimit.conf", 'rates {\n  user = { bucket = { burst = 5; rate = "5 / 1h"; } }\n}\n'],
    ["local.d/rbl.conf", 'rbls { mine { rbl = "bl.example"; returncodes { MINE = "127.0.0.2"; } } }'],
    ["local.d/headers_group.conf", 'symbols = { "MISSING_DATE" { weight = 2.5; description = "No date" } }'],
    ["local.d/composites.conf", 'MINE { expression = "R_SPF_FAIL & !DKIM_TRACE"; score = 3; }'],
    ["local.d/dmarc.conf", 'actions = { quarantine = "add_header"; reject = "reject" }'],
  ])("may hold %s %j", (name, text) => {
    expect(refusalOf({ rspamd: { [name]: text } })).toBeNull();
  });

  test.each([
    ["local.d/worker-controller.inc", 'password = "x";'],
    ["local.d/worker-proxy.inc", 'bind_socket = "*:11332";'],
    ["local.d/logging.inc", 'filename = "/etc/cron.d/x";'],
    ["local.d/redis.conf", 'servers = "203.0.113.9";'],
    ["local.d/rspamd.conf", 'lua = "/tmp/x.lua";'],
    ["local.d/modules.conf", 'path = "/tmp";'],
    ["local.d/metadata_exporter.conf", "enabled = true;"],
    ["local.d/external_services.conf", "enabled = true;"],
    ["local.d/antivirus.conf", 'clamav { servers = "203.0.113.9:3310"; }'],
    ["local.d/settings.conf", "x { }"],
    ["local.d/dkim_signing.conf", 'path = "/var/lib/mailstead-dkim/x.key";'],
    ["local.d/actions.conf", '.include "/etc/shadow"\n'],
    ["local.d/actions.conf", 'reject = 1; .include "/etc/shadow"\n'],
    ["local.d/actions.conf", 'reject = a#; .include "/etc/shadow"\n'],
    ["local.d/actions.conf", "reject = /* */ 3;\n"],
    ["local.d/actions.conf", "reject = <<EOD\nx\nEOD\n"],
    ["local.d/actions.conf", "subject = '/etc/shadow';"],
    ["local.d/actions.conf", 'subject = "two\nlines";'],
    ["local.d/actions.conf", "reject = 20\nbroken {{{\n"],
    ["local.d/actions.conf", "reject = 20; }\n"],
    ["local.d/arc.conf", 'sign_condition = "return function() end";'],
    ["local.d/milter_headers.conf", 'custom { x = "return function() end" }'],
    ["local.d/classifier-bayes.conf", 'learn_condition = "return os.execute";'],
    ["local.d/classifier-bayes.conf", 'per_user = "return os.execute";'],
    ["local.d/multimap.conf", 'X { type = "from"; map = "/etc/shadow"; }'],
    ["local.d/multimap.conf", 'X { type = "from"; map = "https://example.com/map"; }'],
    ["local.d/multimap.conf", 'X { type = "from"; map = "$LOCAL_CONFDIR/local.d/../../shadow"; }'],
    ["local.d/multimap.conf", 'X { type = "from"; map { url = "/etc/shadow" } }'],
    ["local.d/regexp.conf", 'X { re = "lua:dofile"; }'],
    ["local.d/regexp.conf", "lua { x = 1 }"],
    ["override.d/options.inc", 'dynamic_conf = "/tmp/x";'],
    ["override.d/options.inc", 'control_socket = "/tmp/x mode=0666";'],
    ["override.d/options.inc", 'tempdir = "/etc";'],
    ["override.d/options.inc", 'pidfile = "x";'],
  ])("may not hold %s %j, and the refusal names the line", (name, text) => {
    expect(refusalOf({ rspamd: { [name]: text } })).toMatch(
      new RegExp(`^Line \\d of the Rspamd override ${name.replaceAll(".", "\\.")}: .+\\.$`),
    );
  });

  test("names the line of a block that is never closed and of a macro", () => {
    expect(refusalOf({ rspamd: { "local.d/greylist.conf": 'timeout = 5min;\n.include "/x"\n' } })).toBe(
      'Line 2 of the Rspamd override local.d/greylist.conf: ".include "/x"" is a macro, and an override may hold none.',
    );
  });
});

test("an override of sieve may sort mail, and runs no program", () => {
  const sort = 'require ["fileinto"];\nif header :is "x" "y" { fileinto "Z"; }\n';
  expect(refusalOf({ sieveBefore: sort })).toBeNull();
  for (const line of ['require "vnd.dovecot.pipe";', 'require ["#", "vnd.dovecot.execute"];'])
    expect(refusalOf({ sieveBefore: `keep;\n${line}\n` })).toMatch(/^Line 2 of the sieve override: /);
});

test.each(["\0", "\u0007", "\r", "\u2028", "\ud83d", "\ude00"])(
  "no override holds %j, in a remark either, and the sentence names the line",
  (character) => {
    const text = `# first\n# se${character}cond\n`;
    const says =
      /^Line 2 of the .* override.*: it holds (?:the control character|half of the character) U\+[0-9A-F]{4}/;
    expect(refusalOf({ sieveBefore: text })).toMatch(says);
    expect(refusalOf({ dovecot: text })).toMatch(says);
    expect(refusalOf({ rspamd: { "local.d/actions.conf": text } })).toMatch(says);
    expect(refusalOf({ rspamd: { "local.d/senders.map": text } })).toMatch(says);
    expect(refusalOf({ postfixMain: text.trimEnd().split("\n") })).toMatch(says);
  },
);

test("an override may hold letters of any script, signs beyond the first plane and tabs", () => {
  expect(refusalOf({ sieveBefore: "# Grüße, 邮件\n\tkeep; # 📬\n" })).toBeNull();
});

const dangerous = [
  ".include",
  "!include",
  "service x {",
  "user = root",
  "/etc/shadow",
  "</etc/shadow",
  "lua",
  "{",
  "}",
  "\\",
  "\n",
  '"',
  "'",
  "<<EOD",
  "/*",
  "#",
  ";",
  "=",
  "reject",
  " ",
];
const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...dangerous), fc.string({ maxLength: 5 })), { maxLength: 12 })
  .map((parts) => parts.join(""));

test("no override that is taken includes a file, names a service or leads to a path, whatever it is made of", () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      if (refusalOf({ dovecot: text }) === null)
        expect(text.replaceAll(/^\s*#.*$/gm, "")).not.toMatch(/include|service|executable|user *=|<|\//);
      if (refusalOf({ rspamd: { "local.d/actions.conf": text } }) === null)
        expect(text.replaceAll(/#[^\n]*/g, "")).not.toMatch(/^\s*\.include|<<|\/\*|\/etc/m);
      if (refusalOf({ postfixMain: [text] }) === null && !text.startsWith("#"))
        expect(text.trim()).not.toMatch(/\/etc|\n/);
    }),
    { numRuns: 2000 },
  );
});
