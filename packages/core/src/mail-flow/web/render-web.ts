import type { RenderedFile } from "../../converge/index.ts";
import type { TargetDomain } from "../../servers/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { renderAcmeConf } from "./acme-conf.ts";
import { renderDocumentsConf } from "./documents-conf.ts";
import { renderHostPage } from "./host-page.ts";
import { renderNginxConf } from "./nginx-conf.ts";
import { renderSitesConf } from "./sites-conf.ts";
import { servedNames } from "./web-names.ts";

/** Everything that nginx reads; none of it where the host serves nothing. */
export function renderWeb(settings: HostSettings, domains: readonly TargetDomain[]): readonly RenderedFile[] {
  if (!settings.web.isEnabled) return [];
  const names = servedNames(settings.hostname, settings.domains);
  return [
    renderNginxConf(names.length),
    renderSitesConf({ settings, domains, names, certificates: settings.certificates.issued }),
    renderDocumentsConf(settings),
    renderAcmeConf(settings),
    renderHostPage(settings),
  ];
}
