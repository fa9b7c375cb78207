import { clientSettings } from "../../mailboxes/index.ts";
import type { SettingsOf } from "./autoconfig.ts";
import { xmlText } from "./xml-text.ts";

/** The content type at which an Apple device offers to install a profile. */
export const mobileconfigType = "application/x-apple-aspen-config";

/**
 * A configuration profile for Apple Mail. It holds no address, so that the device asks the person for name, address and
 * password. `idTail` is a UUID without its first two digits, the same for the same domain, so that a profile that is
 * installed again takes the place of the first.
 */
export function mobileconfigPlist({ domain, hostname }: SettingsOf, idTail: string): string {
  const { imap, submission } = clientSettings("", hostname);
  const [name, host] = [xmlText(domain), xmlText(hostname)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>PayloadContent</key>
  <array>
    <dict>
      <key>EmailAccountType</key>
      <string>EmailTypeIMAP</string>
      <key>EmailAccountDescription</key>
      <string>${name}</string>
      <key>IncomingMailServerAuthentication</key>
      <string>EmailAuthPassword</string>
      <key>IncomingMailServerHostName</key>
      <string>${host}</string>
      <key>IncomingMailServerPortNumber</key>
      <integer>${imap.port}</integer>
      <key>IncomingMailServerUseSSL</key>
      <true/>
      <key>OutgoingMailServerAuthentication</key>
      <string>EmailAuthPassword</string>
      <key>OutgoingMailServerHostName</key>
      <string>${host}</string>
      <key>OutgoingMailServerPortNumber</key>
      <integer>${submission.port}</integer>
      <key>OutgoingMailServerUseSSL</key>
      <true/>
      <key>OutgoingPasswordSameAsIncomingPassword</key>
      <true/>
      <key>PayloadDisplayName</key>
      <string>${name}</string>
      <key>PayloadIdentifier</key>
      <string>${name}.mail.account</string>
      <key>PayloadType</key>
      <string>com.apple.mail.managed</string>
      <key>PayloadUUID</key>
      <string>02${idTail}</string>
      <key>PayloadVersion</key>
      <integer>1</integer>
    </dict>
  </array>
  <key>PayloadDisplayName</key>
  <string>${name}</string>
  <key>PayloadIdentifier</key>
  <string>${name}.mail</string>
  <key>PayloadType</key>
  <string>Configuration</string>
  <key>PayloadUUID</key>
  <string>01${idTail}</string>
  <key>PayloadVersion</key>
  <integer>1</integer>
</dict>
</plist>
`;
}
