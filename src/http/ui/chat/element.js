// Nodes of the page. What comes from the server or the person is put in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Makes an element: `class`, `on` (listeners by event), and attributes, of which null ones are left out. */
export function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "on") Object.entries(value).forEach(([event, listener]) => node.addEventListener(event, listener));
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** A button that does something on this page. */
export function button(properties, onclick, ...children) {
  return element("button", { type: "button", ...properties, on: { click: onclick } }, ...children);
}

/** Whether a click on a link asks for a tab or window of its own, as everywhere. */
export function elsewhere(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey;
}

/** Words for those who do not see the page. */
export function unseen(text) {
  return element("span", { class: "visually-hidden" }, text);
}

const PATHS = {
  up: "M7 11v9H4v-9zM7 11l4-8c1.4 0 2.5 1.1 2.5 2.5V9h4.7c1.2 0 2.1 1.1 1.9 2.3l-1.2 7c-.2 1-1 1.7-1.9 1.7H7",
  down: "M17 13V4h3v9zM17 13l-4 8c-1.4 0-2.5-1.1-2.5-2.5V15H5.800c-1.2 0-2.1-1.1-1.9-2.3l1.2-7c.2-1 1-1.700 1.9-1.700h10",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  why: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.500 9.500a2.500 2.500 0 1 1 3.600 2.200c-.7.4-1.100.9-1.100 1.800M12 16.800v.1",
  close: "M6 6l12 12M18 6 6 18",
  before: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  send: "M12 19V6m-6 6 6-6 6 6",
  ask: "M4 5h16v11H9l-5 4z",
  page: "M13 4h7v7M20 4l-9 9M10 6H4v14h14v-6",
  share: "M12 15V4M8 8l4-4 4 4M6 12H4v8h16v-8h-2",
  bin: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

/** A drawing beside or in place of words; whoever uses it says in words what it means. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const attributes = { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Scrolls as calmly as the person wants it. */
export function bringIntoView(node, block = "start") {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  node.scrollIntoView({ block, behavior: calm ? "auto" : "smooth" });
}
