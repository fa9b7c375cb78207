/** Puts a text on the clipboard; false when the browser does not let us. */
export async function writeClipboard(text: string): Promise<boolean> {
  return (await writeByApi(text)) || writeBySelection(text);
}

// The API exists only on https and localhost, and a person or a policy may forbid it there too.
async function writeByApi(text: string): Promise<boolean> {
  if (navigator.clipboard === undefined) return false;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// A control plane on a plain address in a lab has the older way only.
function writeBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  const focused = document.activeElement;
  (document.querySelector("[role=dialog]") ?? document.body).append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
