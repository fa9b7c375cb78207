import type { StackSettings, Suite } from "../../servers/index.ts";
import { postfixSockets, stackPaths } from "../stack-paths.ts";

/** What Dovecot listens on in each setting of the IP families. */
export function listenAddresses(families: StackSettings["ipFamilies"]): string {
  return { dual: "*, ::", "prefer-ipv4": "*, ::", "ipv4-only": "*", "ipv6-only": "::" }[families];
}

/**
 * A few processes that each hold many connections before and, for TLS, after the sign-in. The default of one process
 * for each connection ends at the limit of processes, which a hundred mail programs reach.
 */
function sharedLoginProcesses(suite: Suite): string {
  return `  ${suite === "bookworm" ? "service_count = 0" : "restart_request_count = unlimited"}
  client_limit = 1000
  process_min_avail = 2
  process_limit = 10
`;
}

/** The service blocks, which Dovecot 2.3 and 2.4 write alike but for one name. */
export function dovecotServices(suite: Suite): string {
  return `# Without this a reload, as for each new certificate, ends every session that is open some seconds later.
shutdown_clients = no
service imap-login {
${sharedLoginProcesses(suite)}  inet_listener imap {
    port = 143
  }
  inet_listener imaps {
    port = 993
    ssl = yes
  }
}
service managesieve-login {
${sharedLoginProcesses(suite)}  inet_listener sieve {
    port = 4190
  }
}
service lmtp {
  unix_listener ${socketName(postfixSockets.lmtp)} {
    mode = 0600
    user = postfix
    group = postfix
  }
}
service auth {
  unix_listener ${socketName(postfixSockets.auth)} {
    mode = 0600
    user = postfix
    group = postfix
  }
  unix_listener auth-userdb {
    mode = 0600
    user = vmail
  }
}
# The directory is readable by Postfix's group; Dovecot's reader needs no more than that.
service auth-worker {
  user = dovecot
  extra_groups = postfix
}
# Repeated failures are the ban's business; a penalty per address would punish an office behind one address.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service quota-status {
  executable = quota-status -p postfix
  client_limit = 1
  unix_listener ${socketName(postfixSockets.quotaStatus)} {
    mode = 0600
    user = postfix
    group = postfix
  }
}
service quota-warning {
  executable = script ${stackPaths.programs}/quota-warning
  user = vmail
  unix_listener quota-warning {
    mode = 0600
    user = vmail
  }
}
`;
}

/** Dovecot names a socket in its own folder by its last part. */
function socketName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
