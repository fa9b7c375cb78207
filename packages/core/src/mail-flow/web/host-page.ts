import type { RenderedFile } from "../../converge/index.ts";
import type { HostSettings } from "../host-settings.ts";
import { stackFile } from "../rendered-file.ts";
import { stackPaths } from "../stack-paths.ts";
import { xmlText } from "./xml-text.ts";

export const pageFolder = `${stackPaths.nginxSites}/page`;

/** The page at the host's own name. Some receivers look there for who is responsible before they accept its mail. */
export function renderHostPage({ hostname, web }: HostSettings): RenderedFile {
  return stackFile("nginx", `${pageFolder}/index.html`, {
    content: hostPageHtml({ hostname, imprint: web.imprint }),
  });
}

/** `imprint` is what the operator says about the responsible, line by line; the whole of it stands on one line. */
export function hostPageHtml({ hostname, imprint }: { hostname: string; imprint: string | null }): string {
  const name = xmlText(hostname);
  const lines = (imprint ?? "").split(/[\n\u0085\u2028\u2029]/).map((line) => line.trim());
  const said = lines
    .filter((line) => line !== "")
    .map(xmlText)
    .join("<br>");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}</style>
<h1>${name}</h1>
<p>This is a mail server. Its postmaster reads <a href="mailto:postmaster@${name}">postmaster@${name}</a>.</p>
<p>${said}</p>
</html>
`;
}
