import type { Page } from "@playwright/test";

/**
 * What stands in the way of people who read the page by other means, each as a sentence with the element: text whose
 * contrast is too low (WCAG 1.4.3), controls and columns without a name (4.1.2), references that lead nowhere, ids
 * that are there twice, headings that skip a level, and states on rows of a table that has none.
 */
export function findBarriers(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const barriers: string[] = [];
    const report = (what: string, element: Element) =>
      barriers.push(`${what}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 160)}`);
    const isShown = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.closest("[aria-hidden=true], [inert]") === null;

    const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", {
      willReadFrequently: true,
    });
    const known = new Map<string, number[]>();
    /** Red, green, blue and alpha from 0 to 1 of whatever notation the browser computed. */
    const rgba = (colour: string): number[] => {
      const before = known.get(colour);
      if (before || !pen) return before ?? [0, 0, 0, 1];
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = colour;
      pen.fillRect(0, 0, 1, 1);
      const parts = [...pen.getImageData(0, 0, 1, 1).data].map((part) => part / 255);
      known.set(colour, parts);
      return parts;
    };
    const over = (top: number[], below: number[]) => {
      const alpha = top[3] ?? 1;
      return [0, 1, 2].map((at) => (top[at] ?? 0) * alpha + (below[at] ?? 0) * (1 - alpha));
    };
    /** Texts share most of what lies around them, so each element is asked once. */
    const once = <T>(measure: (element: Element) => T) => {
      const measured = new Map<Element, T>();
      return (element: Element): T => {
        const before = measured.get(element);
        if (before !== undefined) return before;
        const now = measure(element);
        measured.set(element, now);
        return now;
      };
    };
    const backgroundOf = once((element: Element): number[] => {
      const below = element.parentElement ? backgroundOf(element.parentElement) : [1, 1, 1];
      return over(rgba(getComputedStyle(element).backgroundColor), below);
    });
    const luminance = (colour: number[]) => {
      const [red = 0, green = 0, blue = 0] = colour.map((part) =>
        part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one: number[], other: number[]) => {
      const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const opacityOf = once(
      (element: Element): number =>
        Number(getComputedStyle(element).opacity) *
        (element.parentElement ? opacityOf(element.parentElement) : 1),
    );

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const measured = new Set<Element>();
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      if (!element || measured.has(element) || !texts.currentNode.textContent?.trim()) continue;
      measured.add(element);
      const isOff = element.closest(":disabled, [aria-disabled=true], [data-disabled]") !== null;
      const { width, height } = element.getBoundingClientRect();
      if (isOff || width <= 1 || height <= 1 || !isShown(element)) continue;
      const style = getComputedStyle(element);
      const background = backgroundOf(element);
      const ink = rgba(style.color);
      const seen = over([...ink.slice(0, 3), (ink[3] ?? 1) * opacityOf(element)], background);
      const size = Number.parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      const ratio = contrast(seen, background);
      if (ratio < (isLarge ? 3 : 4.5)) report(`contrast ${ratio.toFixed(2)}`, element);
    }

    const textOf = (ids: string | null) =>
      (ids ?? "")
        .split(/\s+/)
        .map((id) => document.getElementById(id)?.textContent ?? "")
        .join(" ");
    const givenName = (element: Element) =>
      [
        textOf(element.getAttribute("aria-labelledby")),
        element.getAttribute("aria-label"),
        ...("labels" in element ? [...(element.labels as NodeListOf<Element>)] : []).map(
          (label) => label.textContent,
        ),
        element.getAttribute("title"),
      ].join("");
    const contentName = (element: Element) =>
      [...element.querySelectorAll("[aria-label]")].map(givenName).join("") + element.textContent;
    const namedByContent = "a[href], button, [role=checkbox], [role=switch], [role=menuitem], th";
    const namedByAuthor =
      "input:not([type=hidden]), select, textarea, [role=dialog], [role=log], [role=progressbar], [role=radiogroup], table, nav";
    for (const element of document.querySelectorAll(namedByContent))
      if (isShown(element) && (givenName(element) + contentName(element)).trim() === "")
        report("no name", element);
    for (const element of document.querySelectorAll(namedByAuthor))
      if (isShown(element) && givenName(element).trim() === "") report("no name", element);

    const ids = new Set<string>();
    for (const element of document.querySelectorAll("[id]")) {
      if (ids.has(element.id)) report("id used twice", element);
      ids.add(element.id);
    }
    for (const attribute of ["aria-labelledby", "aria-describedby", "aria-controls", "for"])
      for (const element of document.querySelectorAll(`[${attribute}]`)) {
        // Radix names what a closed menu would control before it is there, which readers take as nothing.
        if (attribute === "aria-controls" && element.getAttribute("aria-expanded") !== "true") continue;
        for (const id of element.getAttribute(attribute)?.split(/\s+/) ?? [])
          if (!ids.has(id)) report(`${attribute} leads nowhere`, element);
      }

    for (const row of document.querySelectorAll("table:not([role=grid], [role=treegrid]) tr"))
      if (row.matches("[aria-selected], [aria-expanded]")) report("a state on a row of a plain table", row);
    for (const image of document.querySelectorAll("img:not([alt])")) report("no alternative text", image);

    let level = 0;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
      // A dialog begins anew below the page that it covers.
      if (heading.closest("[role=dialog]")) continue;
      const next = Number(heading.tagName.slice(1));
      if (isShown(heading) && next > level + 1) report(`heading after level ${level}`, heading);
      if (isShown(heading)) level = next;
    }
    return barriers;
  });
}
