/** Hosts that SNDS's automated links lead to: the older site, and where it moved in 2026. */
const sndsHosts = ["sendersupport.olc.protection.outlook.com", "postmaster.live.com", "substrate.office.com"];

/** Whether the worker may fetch this address as an automated link of SNDS: over HTTPS, at Microsoft. */
export function isSndsLink(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    url.protocol === "https:" && url.port === "" && url.username === "" && sndsHosts.includes(url.hostname)
  );
}

/** Whether a link takes the day to tell of, as the older site's does. */
export function takesDate(link: string): boolean {
  return new URL(link).pathname.toLowerCase().endsWith("/data.aspx");
}

/** The older link for one day, which it wants as MMDDYY. */
export function sndsLinkOf(link: string, day: string): string {
  const url = new URL(link);
  const [year = "", month = "", date = ""] = day.split("-");
  url.searchParams.set("date", `${month}${date}${year.slice(2)}`);
  return url.href;
}
