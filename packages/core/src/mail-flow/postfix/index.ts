import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { stackFile } from "../rendered-file.ts";
import { renderUnaskedTables } from "./directory-table.ts";
import { renderMainCf } from "./main-cf.ts";
import { renderMasterCf } from "./master-cf.ts";
import { renderReceiverTables } from "./receiver-tables.ts";
import { renderRelayTables } from "./relays.ts";
import { renderReports } from "./reports.ts";
import { renderSharedDomains } from "./shared-domains.ts";
import { renderSniCertificates } from "./sni-certificates.ts";
import {
  renderDirectoryLookups,
  renderHeloAccess,
  renderSrsRecipients,
  renderSubmissionHeaderChecks,
  renderSystemAliases,
} from "./tables.ts";
import { renderTlsExceptions } from "./tls-exceptions.ts";

/** Everything that Postfix reads. main.cf and master.cf are whole files of ours. */
export function renderPostfix(settings: HostSettings): readonly RenderedFile[] {
  const tables = renderTables(settings);
  return [
    stackFile("postfix", "/etc/mailname", { content: `${settings.hostname}\n` }),
    ...tables,
    ...renderUnaskedTables(tables),
    // Files take their places in this order, and a process that starts meanwhile reads main.cf: its tables come first.
    renderMainCf(settings),
    renderMasterCf(settings),
  ];
}

function renderTables(settings: HostSettings): readonly RenderedFile[] {
  return [
    ...renderDirectoryLookups(settings),
    ...renderRelayTables(settings),
    ...renderTlsExceptions(settings),
    ...renderSharedDomains(settings),
    ...renderReceiverTables(settings),
    ...renderReports(),
    ...renderSniCertificates(settings),
    renderSystemAliases(settings),
    renderSrsRecipients(settings),
    renderHeloAccess(settings),
    renderSubmissionHeaderChecks(settings),
  ];
}
