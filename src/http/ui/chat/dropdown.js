// A button that opens a few choices below it; Escape, a choice or a click elsewhere closes it.

import { button, element } from "./element.js";

/** `items` are `{ text, run }`. */
export function dropdown(properties, label, items) {
  const list = element("ul", {}, items.map(({ text, run }) => element("li", {}, button({}, () => (close(true), run()), text))));
  const node = element("details", { class: "dropdown" }, element("summary", properties, label), list);
  const close = (focus) => {
    node.open = false;
    if (focus) node.querySelector("summary").focus();
  };
  closing(node);
  return node;
}

/** Makes any `details` close as a menu does. */
export function closing(node) {
  const inside = (event) => event.composedPath().includes(node);
  const outside = (event) => {
    if (!inside(event)) node.open = false;
  };
  node.addEventListener("toggle", () => {
    document[node.open ? "addEventListener" : "removeEventListener"]("pointerdown", outside);
  });
  node.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !node.contains(event.relatedTarget)) node.open = false;
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !node.open) return;
    event.preventDefault();
    event.stopPropagation();
    node.open = false;
    node.querySelector("summary").focus();
  });
}
