export const themeCookie = "mailstead-theme";
export type Theme = "system" | "light" | "dark";
const yearSeconds = 365 * 86_400;

/** Reads a stored choice; anything else means that the reader's system decides. */
export function readTheme(value: string | undefined): Theme {
  return value === "light" || value === "dark" ? value : "system";
}

/** Applies a choice at once and keeps it in a cookie, so that the server paints the next page right from the start. */
export function chooseTheme(theme: Theme): void {
  if (theme === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset["theme"] = theme;
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in browsers that we support
  document.cookie = `${themeCookie}=${theme}; path=/; max-age=${yearSeconds}; samesite=lax`;
}
