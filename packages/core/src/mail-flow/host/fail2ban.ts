import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { fileNotice, stackFile } from "../rendered-file.ts";

const folder = "/etc/fail2ban";

// A crafted user name must not name another address to be banned. Postfix writes the address before anything that the
// client chose, so its expression is bound to the start of the line; Dovecot writes it after the user name, so its
// expression is bound to the end of the line, which the client does not write.
const smtpFailure = String.raw`^\S+ postfix/(?:submissions?/)?smtpd\[\d+\]: warning: [-._\w]+\[<HOST>\](?::\d+)?: SASL [-\w]+ authentication failed`;
const accessFailure = String.raw`^\S+ dovecot(?:\[\d+\])?: (?:imap|pop3|managesieve)-login: .*\(auth failed, \d+ attempts.*, rip=<HOST>, lip=[^,]+(?:, [^,]+)*$`;

/** How fail2ban tells in a line of the journal, after its time, that somebody guessed a password; `<HOST>` stands for the address. */
export const guessedPasswordPatterns: readonly string[] = [smtpFailure, accessFailure];

const smtpFilter = `[Definition]
failregex = ${smtpFailure}
ignoreregex =
journalmatch = _SYSTEMD_UNIT=postfix@-.service + _SYSTEMD_UNIT=postfix.service
`;

const accessFilter = `[Definition]
failregex = ${accessFailure}
ignoreregex =
journalmatch = _SYSTEMD_UNIT=dovecot.service
`;

/** Bans by nftables: addresses that guess passwords are dropped, without an answer. */
export function renderFail2ban(settings: HostSettings): readonly RenderedFile[] {
  const file = (name: string, text: string) =>
    stackFile("fail2ban", `${folder}/${name}`, { content: fileNotice + text });
  const ignored = ["127.0.0.0/8", "::1", ...settings.stack.neverBanned, ...settings.shares.partners];
  return [
    file("filter.d/mailstead-smtp.conf", smtpFilter),
    file("filter.d/mailstead-access.conf", accessFilter),
    file("fail2ban.local", "[Definition]\nallowipv6 = auto\n"),
    file("action.d/nftables.local", "[Init]\nblocktype = drop\n"),
    file(
      "jail.d/mailstead.local",
      `[DEFAULT]
backend = systemd
banaction = nftables-multiport
banaction_allports = nftables-allports
ignoreip = ${ignored.join(" ")}
bantime = 1h
bantime.increment = true
bantime.maxtime = 1w

[mailstead-smtp]
enabled = true
filter = mailstead-smtp
port = 25,465,587
maxretry = 10
findtime = 30

[mailstead-access]
enabled = true
filter = mailstead-access
port = 110,143,993,995,4190
maxretry = 20
findtime = 30
`,
    ),
  ];
}
