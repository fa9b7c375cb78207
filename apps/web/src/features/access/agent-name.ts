const browsers = [
  { name: "Edge", pattern: /Edg\/(\d+)/ },
  { name: "Firefox", pattern: /Firefox\/(\d+)/ },
  { name: "Chrome", pattern: /(?:Chrome|HeadlessChrome)\/(\d+)/ },
  { name: "Safari", pattern: /Version\/(\d+).*Safari/ },
] as const;
const systems = [
  { name: "Android", pattern: /Android/ },
  { name: "iPhone", pattern: /iPhone/ },
  { name: "iPad", pattern: /iPad/ },
  { name: "Windows", pattern: /Windows/ },
  { name: "macOS", pattern: /Mac OS X/ },
  { name: "Linux", pattern: /Linux/ },
] as const;

/** "Firefox 140, Linux" from a User-Agent header; null when it names nothing that is known. */
export function agentName(userAgent: string): string | null {
  const browser = browsers.find(({ pattern }) => pattern.test(userAgent));
  const system = systems.find(({ pattern }) => pattern.test(userAgent));
  if (browser === undefined) return system?.name ?? null;
  const version = browser.pattern.exec(userAgent)?.[1] ?? "";
  return [`${browser.name} ${version}`, system?.name].filter(Boolean).join(", ");
}
