// Keys for what is done often. None is a single letter, which would get into the way of screen
// readers and of typing; each is told in the list that Ctrl and / opens.

/** `on` has `search`, `fresh`, `list`, `help`, `escape`. */
export function listen(on) {
  addEventListener("keydown", (event) => {
    const run = chosen(event, on);
    if (!run || event.defaultPrevented || event.isComposing) return;
    event.preventDefault();
    run();
  });
}

function chosen(event, on) {
  const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (command && event.key.toLowerCase() === "k") return on.search;
  if (command && event.key === "/") return on.help;
  // By the place of the key: with Alt some keyboards write other letters.
  if (event.altKey && event.shiftKey && event.code === "KeyN") return on.fresh;
  if (event.altKey && event.shiftKey && event.code === "KeyC") return on.list;
  // A dialog that covers the page closes itself.
  return event.key === "Escape" && !document.querySelector("dialog:modal") ? on.escape : null;
}
